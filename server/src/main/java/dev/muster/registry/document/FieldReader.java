package dev.muster.registry.document;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads the fields of one JSON object, collecting problems instead of stopping at the first.
 *
 * <p>A value that is missing or wrong is answered with the given fallback, so reading goes on; the result is only used when
 * {@link #problems()} is empty. {@link #finish()} reports the fields that nobody asked for.
 */
public final class FieldReader {
    private static final int SHOWN = 60;
    private static final Pattern SIZE = Pattern.compile("(\\d{1,9}) ?(KiB|MiB|GiB)");

    private final String path;
    private final ObjectNode node;
    private final List<Problem> problems;
    private final Set<String> known = new LinkedHashSet<>();

    private FieldReader(String path, ObjectNode node, List<Problem> problems) {
        this.path = path;
        this.node = node;
        this.problems = problems;
    }

    /** A reader of {@code node}, which is expected to be an object; problems are added to {@code problems}. */
    public static FieldReader of(String path, @Nullable JsonNode node, List<Problem> problems) {
        if (node instanceof ObjectNode object) {
            return new FieldReader(path, object, problems);
        }
        if (node != null && !node.isNull() && !node.isMissingNode()) {
            problems.add(new Problem(path, "must be an object, found " + shown(node)));
        }
        return new FieldReader(path, JsonNodeFactory.instance.objectNode(), problems);
    }

    public String path() {
        return path;
    }

    public List<Problem> problems() {
        return problems;
    }

    public boolean has(String field) {
        known.add(field);
        return value(field) != null;
    }

    public void problem(String field, String message) {
        problems.add(new Problem(field.isEmpty() ? path : child(field), message));
    }

    public String text(String field, String fallback) {
        JsonNode value = value(field);
        if (value == null) {
            return fallback;
        }
        if (!value.isString()) {
            problem(field, "must be text, found " + shown(value) + (value.isValueNode() ? "; put it in quotes" : ""));
            return fallback;
        }
        return value.stringValue();
    }

    public String requiredText(String field) {
        if (value(field) == null) {
            problem(field, "is missing");
            return "";
        }
        return text(field, "");
    }

    public boolean flag(String field, boolean fallback) {
        JsonNode value = value(field);
        if (value == null) {
            return fallback;
        }
        if (!value.isBoolean()) {
            problem(field, "must be true or false, found " + shown(value));
            return fallback;
        }
        return value.booleanValue();
    }

    public int number(String field, int fallback, int min, int max) {
        JsonNode value = value(field);
        if (value == null) {
            return fallback;
        }
        if (!value.isIntegralNumber() || !value.canConvertToInt()) {
            problem(field, "must be a whole number from " + min + " to " + max + ", found " + shown(value));
            return fallback;
        }
        int number = value.intValue();
        if (number < min || number > max) {
            problem(field, "must be from " + min + " to " + max + ", found " + number);
            return fallback;
        }
        return number;
    }

    public @Nullable Double decimal(String field) {
        JsonNode value = value(field);
        if (value == null) {
            return null;
        }
        if (!value.isNumber()) {
            problem(field, "must be a number, found " + shown(value));
            return null;
        }
        BigDecimal decimal = value.decimalValue();
        return decimal.doubleValue();
    }

    /** A size written as {@code 512KiB}, {@code 20MiB} or {@code 1GiB}; null when it is not given. */
    public @Nullable Long bytes(String field, long min, long max) {
        JsonNode value = value(field);
        if (value == null) {
            return null;
        }
        Matcher size = SIZE.matcher(value.isString() ? value.stringValue() : "");
        if (!size.matches()) {
            problem(field, "must be a size such as \"512KiB\", \"20MiB\" or \"1GiB\", found " + shown(value));
            return null;
        }
        long unit = switch (size.group(2)) {
            case "KiB" -> 1L << 10;
            case "MiB" -> 1L << 20;
            default -> 1L << 30;
        };
        long bytes = Long.parseLong(size.group(1)) * unit;
        if (bytes < min || bytes > max) {
            problem(field, "must be from " + min + " to " + max + " bytes, found " + bytes);
            return null;
        }
        return bytes;
    }

    /** A duration written as {@code 250ms}, {@code 10s}, {@code 5m}, {@code 24h} or {@code 7d}. */
    public Duration duration(String field, Duration fallback, Duration min, Duration max) {
        JsonNode value = value(field);
        if (value == null) {
            return fallback;
        }
        Duration parsed = value.isString() ? Durations.parse(value.stringValue()) : null;
        if (parsed == null) {
            problem(field, "must be a duration such as \"30s\", \"5m\" or \"24h\", found " + shown(value));
            return fallback;
        }
        if (parsed.compareTo(min) < 0 || parsed.compareTo(max) > 0) {
            problem(
                    field,
                    "must be from " + Durations.format(min) + " to " + Durations.format(max) + ", found "
                            + Durations.format(parsed));
            return fallback;
        }
        return parsed;
    }

    /** One of an enum's constants, written in lower case with underscores. */
    public <E extends Enum<E>> E choice(String field, Class<E> type, E fallback) {
        JsonNode value = value(field);
        if (value == null) {
            return fallback;
        }
        Map<String, E> choices = new LinkedHashMap<>();
        for (E constant : type.getEnumConstants()) {
            choices.put(constant.name().toLowerCase(java.util.Locale.ROOT), constant);
        }
        E chosen = value.isString() ? choices.get(value.stringValue()) : null;
        if (chosen == null) {
            problem(field, "must be one of " + String.join(", ", choices.keySet()) + ", found " + shown(value));
            return fallback;
        }
        return chosen;
    }

    public FieldReader object(String field) {
        return of(child(field), value(field), problems);
    }

    /** The raw value, an empty object when absent. */
    public JsonNode json(String field) {
        JsonNode value = value(field);
        return value == null ? JsonNodeFactory.instance.objectNode() : value;
    }

    /** The fields of an object in their order, each to be read by {@link #object}. */
    public List<String> names() {
        List<String> names = new ArrayList<>(node.size());
        node.propertyNames().forEach(names::add);
        known.addAll(names);
        return names;
    }

    /** An object whose values are all text. */
    public Map<String, String> texts(String field) {
        JsonNode value = value(field);
        Map<String, String> texts = new HashMap<>();
        if (value == null) {
            return texts;
        }
        FieldReader reader = object(field);
        for (String name : reader.names()) {
            texts.put(name, reader.text(name, ""));
        }
        return texts;
    }

    public void finish() {
        for (String name : node.propertyNames()) {
            if (!known.contains(name)) {
                problems.add(new Problem(
                        child(name),
                        "is not a known field; "
                                + (known.isEmpty() ? "none is allowed here" : "allowed: " + String.join(", ", known))));
            }
        }
    }

    private @Nullable JsonNode value(String field) {
        known.add(field);
        JsonNode value = node.get(field);
        return value == null || value.isNull() ? null : value;
    }

    private String child(String field) {
        return path.isEmpty() ? field : path + "." + field;
    }

    private static String shown(JsonNode value) {
        String text = value.toString();
        return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "…";
    }
}
