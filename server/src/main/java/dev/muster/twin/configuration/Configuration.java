package dev.muster.twin.configuration;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A configuration as it stands.
 *
 * @param asset {@code null} when it is for a group, and the other way round
 * @param spec as declared
 * @param localChanges JSON of the accepted changes, {@code null} for one that people declared
 */
public record Configuration(
        String name,
        @Nullable String asset,
        @Nullable String group,
        int precedence,
        ConflictPolicy conflict,
        JsonNode spec,
        @Nullable String localChanges,
        Map<String, String> managers,
        Instant created,
        Instant updated,
        long resourceVersion) {

    public boolean isLocal() {
        return localChanges != null;
    }

    /** As in origins of fields. */
    public String target() {
        return asset != null ? "asset/" + asset : "group/" + group;
    }
}
