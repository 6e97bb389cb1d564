package dev.muster.identity;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What is known of an API token, without its secret.
 *
 * @param name of one token ever; the audit trail calls the actor by it
 * @param expiresAt null is never
 * @param lastUsedAt exact to a minute
 */
public record ApiToken(
        String id,
        String name,
        Role role,
        Scope scope,
        @Nullable Instant expiresAt,
        Instant createdAt,
        String createdBy,
        @Nullable Instant lastUsedAt,
        @Nullable Instant revokedAt,
        @Nullable String revokedBy) {

    public Actor actor() {
        return new Actor(name, ActorKind.TOKEN, role, scope);
    }

    public boolean isUsable(Instant now) {
        return revokedAt == null && (expiresAt == null || now.isBefore(expiresAt));
    }

    ApiToken usedAt(Instant now) {
        return new ApiToken(id, name, role, scope, expiresAt, createdAt, createdBy, now, revokedAt, revokedBy);
    }

    ApiToken revoked(Instant now, Actor by) {
        return new ApiToken(id, name, role, scope, expiresAt, createdAt, createdBy, lastUsedAt, now, by.id());
    }
}
