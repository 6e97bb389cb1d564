package dev.muster.pki;

import dev.muster.audit.AuditLog;
import dev.muster.identity.Actor;
import dev.muster.platform.event.EventLog;
import dev.muster.protocol.AssetId;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/** Issues and revokes assets' tokens within the caller's transaction: row, audit entry and event belong together. */
@Component
class AssetTokenLedger {
    static final String EVENT_CREATED = "asset-token.created";
    static final String EVENT_REVOKED = "asset-token.revoked";

    private final AssetTokenStore store;
    private final AuditLog audit;
    private final EventLog events;
    private final KnownTokens known;
    private final SessionCloser sessions;
    private final Clock clock;

    AssetTokenLedger(
            AssetTokenStore store,
            AuditLog audit,
            EventLog events,
            KnownTokens known,
            LiveSessions sessions,
            Clock clock) {
        this.store = store;
        this.audit = audit;
        this.events = events;
        this.known = known;
        this.sessions = sessions;
        this.clock = clock;
    }

    Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }

    /** Effective in this process with the commit, in others when they read the event. */
    void issue(Actor actor, AssetToken token) {
        store.add(token);
        audit.record(actor, "asset-token.create", "asset", token.asset().value(), null, shown(token));
        events.append(EVENT_CREATED, CertificateLedger.subject(token.asset()), shown(token));
        afterCommit(() -> known.add(token));
    }

    /** The same for its end; the asset's live sessions are closed. */
    void revoke(Actor actor, AssetToken token, String reason) {
        if (!store.revoke(token.id(), now(), actor.id())) {
            return;
        }
        Map<String, String> why = Map.of("id", token.id(), "reason", reason);
        audit.record(actor, "asset-token.revoke", "asset", token.asset().value(), shown(token), why);
        events.append(EVENT_REVOKED, CertificateLedger.subject(token.asset()), why);
        afterCommit(() -> ended(token, reason));
    }

    /** All that the asset could use. */
    void revokeAll(Actor actor, AssetId asset, String reason) {
        store.usable(asset, now()).forEach(token -> revoke(actor, token, reason));
    }

    /** Another server issued or revoked it. */
    void noticed(String id) {
        store.find(id).ifPresent(token -> {
            if (token.state(now()) == AssetToken.State.USABLE) {
                known.add(token);
            } else if (known.remove(token)) {
                sessions.close(token.asset(), "token " + id + " is revoked");
            }
        });
    }

    void reload() {
        var before = known.hashes();
        known.load(store.usable(null, now()), before);
    }

    private void ended(AssetToken token, String reason) {
        known.remove(token);
        sessions.close(token.asset(), "token " + token.id() + " is revoked: " + reason);
    }

    /** For the audit trail and the event log: no secret, not even its hash. */
    private static Map<String, String> shown(AssetToken token) {
        return Map.of("id", token.id(), "expiresAt", token.expiresAt().toString());
    }

    private static void afterCommit(Runnable action) {
        TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
            @Override
            public void afterCommit() {
                action.run();
            }
        });
    }
}
