package dev.muster.audit;

import dev.muster.identity.Actor;
import dev.muster.identity.ApiToken;
import dev.muster.identity.TokenChanges;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Puts the changes of API tokens into the audit trail. */
@Component
class AuditedTokens implements TokenChanges {
    private final AuditLog audit;

    AuditedTokens(AuditLog audit) {
        this.audit = audit;
    }

    private record State(
            String id,
            String role,
            @Nullable String scope,
            @Nullable Instant expiresAt,
            @Nullable Instant revokedAt) {
        static State of(ApiToken token) {
            return new State(
                    token.id(), token.role().wire(), token.scope().selector(), token.expiresAt(), token.revokedAt());
        }
    }

    @Override
    public void created(Actor by, ApiToken token) {
        audit.record(by, "token.create", "token", token.name(), null, State.of(token));
    }

    @Override
    public void revoked(Actor by, ApiToken before, ApiToken after) {
        audit.record(by, "token.revoke", "token", before.name(), State.of(before), State.of(after));
    }

    @Override
    public void loggedIn(Actor by, ApiToken token) {
        audit.record(by, "token.login", "token", token.name(), null, null);
    }

    @Override
    public void loggedOut(Actor by, ApiToken token, int sessions) {
        audit.record(by, "token.logout", "token", token.name(), Map.of("sessions", sessions), null);
    }
}
