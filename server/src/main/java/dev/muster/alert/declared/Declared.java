package dev.muster.alert.declared;

import java.time.Instant;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** A declared object as it is stored. @param kind as in a document: {@code AlertRule} */
public record Declared(
        String kind,
        String name,
        JsonNode spec,
        Map<String, String> managers,
        Instant created,
        Instant updated,
        long resourceVersion) {}
