package dev.muster.twin.configuration;

import dev.muster.protocol.AssetId;
import dev.muster.registry.document.FieldReader;
import dev.muster.registry.document.Problem;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What people declare of a configuration. Bounds are those within which an asset can report what it was told.
 *
 * @param asset {@code null} when it is for a group
 * @param group {@code null} when it is for an asset
 * @param precedence the larger one beats the smaller one; an asset's own beat those of groups
 * @param config a JSON Merge Patch (RFC 7396): {@code null} takes away
 * @param software version by component
 */
public record ConfigurationSpec(
        @Nullable String asset,
        @Nullable String group,
        int precedence,
        JsonNode config,
        Map<String, String> software,
        ConflictPolicy conflict) {
    static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}");
    static final String LOCAL = "local.";
    static final int DEFAULT_PRECEDENCE = 100;
    static final int MAX_PRECEDENCE = 10_000;
    static final int MAX_CHARACTERS = 256 * 1024;
    static final int MAX_DEPTH = 7;
    static final int MAX_VALUES = 4_096;
    static final int MAX_NAME = 128;
    static final int MAX_TEXT = 64 * 1024;
    static final int MAX_COMPONENTS = 256;

    /** @param problems receives what is wrong; the result is to be used only when that is nothing */
    static ConfigurationSpec read(String name, JsonNode spec, List<Problem> problems) {
        problem(name).ifPresent(problem -> problems.add(new Problem("metadata.name", problem)));
        FieldReader reader = FieldReader.of("spec", spec, problems);
        FieldReader target = reader.object("target");
        String asset = target.has("asset") ? target.text("asset", "") : null;
        String group = target.has("group") ? target.text("group", "") : null;
        target.finish();
        if ((asset == null) == (group == null)) {
            reader.problem("target", "must name either one asset or one group");
        } else if (asset != null && AssetId.parse(asset).isEmpty()) {
            target.problem("asset", "must match " + AssetId.PATTERN + ", found \"" + asset + "\"");
        }
        int precedence = reader.number("precedence", DEFAULT_PRECEDENCE, 0, MAX_PRECEDENCE);
        JsonNode config = config(reader, "config");
        Map<String, String> software = software(reader);
        ConflictPolicy conflict = reader.choice("conflict", ConflictPolicy.class, ConflictPolicy.ENFORCE);
        reader.finish();
        return new ConfigurationSpec(asset, group, precedence, config, software, conflict);
    }

    /** What is wrong with a name that people give. */
    public static Optional<String> problem(String name) {
        if (!NAME.matcher(name).matches()) {
            return Optional.of("must match " + NAME + ", found \"" + name + "\"");
        }
        return name.startsWith(LOCAL)
                ? Optional.of("names that begin with \"" + LOCAL
                        + "\" are for changes that were made on assets; choose another")
                : Optional.empty();
    }

    /** A content that assets can be told; an empty one when it is missing. */
    public static JsonNode config(FieldReader reader, String field) {
        JsonNode config = reader.json(field);
        if (config.isObject()) {
            new Bounds(reader).check(field, config);
        } else {
            reader.problem(field, "must be an object");
        }
        return config;
    }

    private static Map<String, String> software(FieldReader reader) {
        Map<String, String> software = new TreeMap<>(reader.texts("software"));
        if (software.size() > MAX_COMPONENTS) {
            reader.problem(
                    "software", "has " + software.size() + " components, at most " + MAX_COMPONENTS + " are allowed");
        }
        software.forEach((component, version) -> {
            if (!isName(component) || !isName(version)) {
                reader.problem(
                        "software",
                        "component and version must have 1 to " + MAX_NAME + " characters without control characters");
            }
        });
        return software;
    }

    private static boolean isName(String text) {
        return !text.isEmpty() && text.length() <= MAX_NAME && text.chars().noneMatch(Character::isISOControl);
    }

    /** Checks a document against what assets take and can say. */
    private static final class Bounds {
        private final FieldReader reader;
        private int values;
        private boolean told;

        Bounds(FieldReader reader) {
            this.reader = reader;
        }

        void check(String path, JsonNode config) {
            int characters = config.toString().length();
            if (characters > MAX_CHARACTERS) {
                reader.problem(path, "has " + characters + " characters, at most " + MAX_CHARACTERS + " are allowed");
                return;
            }
            walk(path, config, 1, false);
            if (values > MAX_VALUES) {
                reader.problem(path, "has " + values + " values, at most " + MAX_VALUES + " are allowed");
            }
        }

        private void walk(String path, JsonNode node, int depth, boolean inArray) {
            values++;
            if (told) {
                return;
            }
            if (node.isContainer() && depth > MAX_DEPTH) {
                told = true;
                reader.problem(path, "is nested deeper than " + MAX_DEPTH + " levels");
            } else if (node instanceof ObjectNode object) {
                object.forEachEntry((name, value) -> {
                    if (!isName(name)) {
                        told = true;
                        reader.problem(
                                path,
                                "has a field whose name is empty, longer than " + MAX_NAME
                                        + " characters or has control characters");
                    }
                    walk(path + "." + name, value, depth + 1, inArray);
                });
            } else if (node.isArray()) {
                node.forEach(element -> walk(path + "[]", element, depth + 1, true));
            } else if (node.isNull() && inArray) {
                reader.problem(path, "is null inside of an array, where it cannot take anything away");
            } else if (node.isString() && node.stringValue().length() > MAX_TEXT) {
                reader.problem(path, "has more than " + MAX_TEXT + " characters");
            } else if (node.isIntegralNumber() && !node.canConvertToLong()) {
                reader.problem(path, "is a whole number of more than 64 bits");
            } else if (node.isFloatingPointNumber() && !Double.isFinite(node.doubleValue())) {
                reader.problem(path, "is not a finite number");
            }
        }
    }
}
