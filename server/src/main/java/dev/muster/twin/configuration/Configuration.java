package dev.muster.twin.configuration;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * A configuration as it stands.
 *
 * @param asset {@code null} when it is for a group, and the other way round
 * @param spec as declared
 * @param hold of the rollout that changes it or changed it last
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
        long resourceVersion,
        Hold hold) {

    public boolean isLocal() {
        return localChanges != null;
    }

    /** What it says, without the revisions that single assets may have. */
    public JsonNode config() {
        JsonNode config = spec.get("config");
        return config == null ? JsonNodeFactory.instance.objectNode() : config;
    }

    /** As in origins of fields. */
    public String target() {
        return asset != null ? "asset/" + asset : "group/" + group;
    }
}
