package dev.muster.ddi;

import dev.muster.pki.IdPattern;
import dev.muster.registry.asset.AssetSpec;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Speaks for many assets that poll, and registers those that are new.
 *
 * @param name for people
 * @param secretHash SHA-256, lower-case hexadecimal
 * @param pattern of the ids that it speaks for
 * @param grants what a new asset is
 */
record GatewayToken(
        String id,
        String name,
        String secretHash,
        IdPattern pattern,
        AssetSpec grants,
        Instant expiresAt,
        Instant createdAt,
        String createdBy,
        @Nullable Instant revokedAt,
        @Nullable String revokedBy) {

    enum State {
        USABLE,
        REVOKED,
        EXPIRED
    }

    State state(Instant now) {
        if (revokedAt != null) {
            return State.REVOKED;
        }
        return expiresAt.isAfter(now) ? State.USABLE : State.EXPIRED;
    }

    /** Never its hash. */
    @Override
    public String toString() {
        return "GatewayToken[id=" + id + ", name=" + name + "]";
    }
}
