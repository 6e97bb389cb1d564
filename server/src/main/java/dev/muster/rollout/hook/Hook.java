package dev.muster.rollout.hook;

import dev.muster.identity.Scope;
import dev.muster.release.ReleaseName;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * A door for one sender, and what its pushes come to.
 *
 * @param component of the releases that it brings; a push names the version only
 * @param repository that pushes must be of; empty for any
 * @param tagPrefix what comes before the version in a tag
 * @param starts whether the rollout is started, or left a draft
 * @param scope of who made it: no rollout reaches further
 */
record Hook(
        String id,
        String name,
        HookFormat format,
        String component,
        String repository,
        String tagPrefix,
        Template template,
        boolean starts,
        Scope scope,
        Instant createdAt,
        String createdBy) {

    /** The version that a tag names; empty when it is not one of this hook's. */
    Optional<String> version(String pushedRepository, String tag) {
        boolean ours = (repository.isEmpty() || repository.equals(pushedRepository)) && tag.startsWith(tagPrefix);
        return ours
                ? ReleaseName.of(component, tag.substring(tagPrefix.length())).map(ReleaseName::version)
                : Optional.empty();
    }

    /** A rollout with {@code {{version}}} and {@code {{component}}} in its name and in texts of its spec. */
    record Template(String name, JsonNode spec) {
        static final String VERSION = "{{version}}";
        static final String COMPONENT = "{{component}}";

        /** A name has lower-case letters, digits and hyphens only, so the version's other characters become hyphens. */
        String nameFor(String component, String version) {
            String plain = version.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
            return name.replace(COMPONENT, component).replace(VERSION, plain);
        }

        /** A version has no quotes and no spaces, so that no expression can be made to say something else by one. */
        JsonNode specFor(String component, String version) {
            return filled(spec, component, version);
        }

        private static JsonNode filled(JsonNode node, String component, String version) {
            return switch (node) {
                case ObjectNode object -> {
                    ObjectNode filled = JsonNodeFactory.instance.objectNode();
                    object.forEachEntry((key, value) -> filled.set(key, filled(value, component, version)));
                    yield filled;
                }
                case ArrayNode array -> {
                    ArrayNode filled = JsonNodeFactory.instance.arrayNode();
                    array.forEach(value -> filled.add(filled(value, component, version)));
                    yield filled;
                }
                default ->
                    node.isString()
                            ? JsonNodeFactory.instance.stringNode(node.stringValue()
                                    .replace(COMPONENT, component)
                                    .replace(VERSION, version))
                            : node;
            };
        }
    }
}
