package dev.muster.alert.declared;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A declared object as it is stored.
 *
 * @param kind as in a document: {@code AlertRule}
 * @param shipped the version that came with the server, null when somebody declared or changed it here
 */
public record Declared(
        String kind,
        String name,
        JsonNode spec,
        Map<String, String> managers,
        Instant created,
        Instant updated,
        long resourceVersion,
        @Nullable Integer shipped) {}
