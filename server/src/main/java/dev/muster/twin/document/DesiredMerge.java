package dev.muster.twin.document;

import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Merges what applies to an asset into its desired document, and remembers of every leaf where it comes from.
 *
 * <p>Layers are JSON Merge Patches (RFC 7396), applied in their order: objects merge, everything else is replaced whole (arrays
 * too), {@code null} takes away. A layer that has a value where another has an object replaces it, and the other way round.
 */
public final class DesiredMerge {
    /** Origin of a value that was changed on the asset and accepted. */
    public static final String LOCAL = "local";

    private final ObjectNode config = JsonNodeFactory.instance.objectNode();
    private final SortedMap<String, JsonNode> software = new TreeMap<>();
    private final NavigableMap<String, String> origins = new TreeMap<>();

    /** @param software by component: an object with {@code version}, and where it comes from */
    public record Layer(String origin, ObjectNode config, Map<String, JsonNode> software) {}

    /**
     * A value that was found on the asset and accepted.
     *
     * @param pointer into {@code config}
     * @param value {@code null}: it was missing there
     * @param base what was desired then, {@code null} when nothing was; when that changes the newer wish counts
     */
    public record Accepted(
            String pointer,
            @Nullable JsonNode value,
            @Nullable JsonNode base) {}

    /** @param origins of each leaf (value, array, empty object) of {@code /config/…} and {@code /software/…}, by JSON Pointer */
    public record Merged(ObjectNode config, SortedMap<String, JsonNode> software, SortedMap<String, String> origins) {

        public boolean isEmpty() {
            return config.isEmpty() && software.isEmpty();
        }

        /** The document without its generation. */
        public String body() {
            return body(CanonicalJson.text(config));
        }

        /** The same when the configuration is written already, as {@link CanonicalJson} writes it. */
        public String body(String writtenConfig) {
            ObjectNode components = JsonNodeFactory.instance.objectNode();
            software.forEach(components::set);
            return "{\"config\":" + writtenConfig + ",\"software\":" + CanonicalJson.text(components) + "}";
        }

        /** The same with more layers on top, which say nothing of the configuration. */
        public Merged assigned(List<Layer> layers) {
            SortedMap<String, JsonNode> components = new TreeMap<>(software);
            SortedMap<String, String> from = new TreeMap<>(origins);
            for (Layer layer : layers) {
                if (!layer.config().isEmpty()) {
                    throw new IllegalArgumentException("what " + layer.origin() + " assigns says " + layer.config()
                            + " of the configuration, which is merged already");
                }
                layer.software().forEach((component, wanted) -> {
                    components.put(component, wanted);
                    from.put(Pointers.child("/software", component), layer.origin());
                });
            }
            return new Merged(config, components, from);
        }
    }

    private DesiredMerge() {}

    /** @param layers the later ones beat the earlier; {@code local} beats all of their configuration where it still holds */
    public static Merged merge(List<Layer> layers, List<Accepted> local) {
        DesiredMerge merge = new DesiredMerge();
        for (Layer layer : layers) {
            merge.apply(merge.config, layer.config(), "/config", layer.origin());
            layer.software().forEach((component, wanted) -> merge.software(component, wanted, layer.origin()));
        }
        local.forEach(merge::apply);
        return new Merged(merge.config, merge.software, merge.origins);
    }

    private void software(String component, JsonNode wanted, String origin) {
        software.put(component, wanted);
        origins.put(Pointers.child("/software", component), origin);
    }

    private void apply(Accepted accepted) {
        if (!CanonicalJson.same(Pointers.at(config, accepted.pointer()), accepted.base())) {
            return;
        }
        ObjectNode patch = JsonNodeFactory.instance.objectNode();
        ObjectNode parent = patch;
        List<String> names = Pointers.names(accepted.pointer());
        for (String name : names.subList(0, names.size() - 1)) {
            parent = parent.putObject(name);
        }
        JsonNode value = accepted.value();
        parent.set(names.getLast(), value == null ? JsonNodeFactory.instance.nullNode() : value);
        apply(config, patch, "/config", LOCAL);
    }

    private void apply(ObjectNode target, ObjectNode patch, String pointer, String origin) {
        patch.forEachEntry((name, value) -> {
            String field = Pointers.child(pointer, name);
            if (value.isNull()) {
                target.remove(name);
                forget(field);
            } else if (value instanceof ObjectNode object) {
                ObjectNode child = target.get(name) instanceof ObjectNode known ? known : null;
                if (child == null) {
                    forget(field);
                    child = target.putObject(name);
                }
                origins.remove(field);
                apply(child, object, field, origin);
                if (child.isEmpty()) {
                    origins.put(field, origin);
                }
            } else {
                forget(field);
                target.set(name, value);
                origins.put(field, origin);
            }
        });
    }

    /** The field and all below it: '0' is the character after '/'. */
    private void forget(String field) {
        origins.remove(field);
        origins.subMap(field + "/", field + "0").clear();
    }
}
