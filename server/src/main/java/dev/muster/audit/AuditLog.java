package dev.muster.audit;

import dev.muster.identity.Actor;
import java.sql.Types;
import java.time.Clock;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;

/** Writes the audit trail, always in the caller's transaction: no entry without its change, no change without its entry. */
@Component
public class AuditLog {
    private final JdbcClient jdbc;
    private final Clock clock;

    public AuditLog(JdbcClient jdbc, Clock clock) {
        this.jdbc = jdbc;
        this.clock = clock;
    }

    /**
     * Adds an entry.
     *
     * @param action {@code <kind>.<verb>}, for example {@code asset.create}
     * @param before the object as it was, null when it is new; written as JSON, secrets masked
     * @param after the object as it is, null when it is gone
     * @throws IllegalStateException outside of a transaction
     */
    public void record(
            Actor actor,
            String action,
            String objectKind,
            String objectName,
            @Nullable Object before,
            @Nullable Object after) {
        if (!TransactionSynchronizationManager.isActualTransactionActive()) {
            throw new IllegalStateException("the audit entry " + action + " of " + objectKind + " " + objectName
                    + " must be written in the transaction of the change, found no transaction");
        }
        jdbc.sql("""
                        insert into audit_entry (at, actor, actor_kind, action, object_kind, object_name,
                                                 before, after, request_id, remote_address)
                        values (:at, :actor, :actorKind, :action, :objectKind, :objectName,
                                :before::jsonb, :after::jsonb, :requestId, :remoteAddress)
                        """)
                .param("at", clock.instant().atOffset(ZoneOffset.UTC))
                .param("actor", actor.id())
                .param("actorKind", actor.kind().wire())
                .param("action", action)
                .param("objectKind", objectKind)
                .param("objectName", objectName)
                .param("before", AuditedState.json(before), Types.VARCHAR)
                .param("after", AuditedState.json(after), Types.VARCHAR)
                .param("requestId", MDC.get("requestId"), Types.VARCHAR)
                .param("remoteAddress", remoteAddress(), Types.VARCHAR)
                .update();
    }

    private static @Nullable String remoteAddress() {
        return RequestContextHolder.getRequestAttributes() instanceof ServletRequestAttributes attributes
                ? attributes.getRequest().getRemoteAddr()
                : null;
    }
}
