package dev.muster.simulator.device;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A desired state as it came from the server (docs/protocol.md §4.1). */
public record Desired(long generation, Map<String, Object> config, Map<String, Target> software) {
    private static final JsonMapper JSON = new JsonMapper();

    /**
     * The version that a component should have, and where it comes from.
     *
     * @param size in bytes
     * @param sha256 lower-case hexadecimal
     */
    public record Target(
            String version,
            @Nullable String attempt,
            @Nullable String url,
            @Nullable String sha256,
            @Nullable Long size) {
        public static Target of(String version) {
            return new Target(version, null, null, null, null);
        }
    }

    /** Empty when the payload is no desired state; one that is only pointed at by a URL is none, for it was never asked for. */
    public static Optional<Desired> parse(byte[] payload) {
        try {
            JsonNode document = JSON.readTree(payload);
            if (!document.path("generation").isIntegralNumber() || document.has("url")) {
                return Optional.empty();
            }
            Map<String, Target> software = new LinkedHashMap<>();
            document.path("software").properties().forEach(entry -> {
                JsonNode target = entry.getValue();
                if (target.path("version").isString()) {
                    software.put(
                            entry.getKey(),
                            new Target(
                                    target.get("version").asString(),
                                    text(target, "attempt"),
                                    text(target, "url"),
                                    text(target, "sha256"),
                                    target.path("size").isIntegralNumber()
                                            ? (Long) target.get("size").asLong()
                                            : null));
                }
            });
            return Optional.of(new Desired(
                    document.get("generation").asLong(), Documents.object(document.path("config")), software));
        } catch (JacksonException e) {
            return Optional.empty();
        }
    }

    private static @Nullable String text(JsonNode node, String field) {
        JsonNode found = node.path(field);
        return found.isString() ? found.asString() : null;
    }
}
