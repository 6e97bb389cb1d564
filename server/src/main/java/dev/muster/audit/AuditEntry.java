package dev.muster.audit;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** One change as the audit trail keeps it. */
public record AuditEntry(
        long id,
        Instant at,
        String actor,
        String actorKind,
        String action,
        String objectKind,
        String objectName,
        @Nullable JsonNode before,
        @Nullable JsonNode after,
        @Nullable String requestId,
        @Nullable String remoteAddress) {}
