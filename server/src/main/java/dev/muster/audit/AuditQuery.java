package dev.muster.audit;

import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Which entries are asked for; null asks for every one.
 *
 * @param objectName only together with its kind
 * @param from inclusive
 * @param to exclusive
 */
public record AuditQuery(
        @Nullable String actor,
        @Nullable String objectKind,
        @Nullable String objectName,
        @Nullable String action,
        @Nullable Instant from,
        @Nullable Instant to) {

    /** @param object {@code kind/name} or {@code kind} */
    static AuditQuery of(
            @Nullable String actor,
            @Nullable String object,
            @Nullable String action,
            @Nullable Instant from,
            @Nullable Instant to) {
        if (from != null && to != null && !from.isBefore(to)) {
            throw new Refusal(ErrorCode.INVALID, "from is " + from + " and to is " + to + "; from must be before to");
        }
        if (object == null) {
            return new AuditQuery(actor, null, null, action, from, to);
        }
        int slash = object.indexOf('/');
        return slash < 0
                ? new AuditQuery(actor, object, null, action, from, to)
                : new AuditQuery(actor, object.substring(0, slash), object.substring(slash + 1), action, from, to);
    }
}
