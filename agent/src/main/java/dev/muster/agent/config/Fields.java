package dev.muster.agent.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Reads one JSON object strictly: what is missing, of the wrong kind, out of bounds or unknown becomes a problem that names
 * its path, and reading goes on, so that all of them are told at once.
 */
public final class Fields {
    private final String path;
    private final @Nullable JsonNode object;
    private final List<String> problems;
    private final Set<String> known = new LinkedHashSet<>();

    /** @param path how the object is called in problems, such as {@code files.motd}; empty for the outermost one */
    public Fields(String path, @Nullable JsonNode object, List<String> problems) {
        this.path = path;
        this.problems = problems;
        if (object == null || object.isObject()) {
            this.object = object;
        } else {
            this.object = null;
            problems.add((path.isEmpty() ? "the document" : path) + " must be an object, found " + kind(object));
        }
    }

    public boolean has(String key) {
        return find(key) != null;
    }

    /** A text that must be there and not be empty; an empty one where it is not, beside the problem. */
    public String text(String key) {
        Optional<String> found = optionalText(key);
        if (found.isEmpty() && find(key) == null) {
            problem(key, "is missing");
        } else if (found.isPresent() && found.get().isEmpty()) {
            problem(key, "is empty");
        }
        return found.orElse("");
    }

    public Optional<String> optionalText(String key) {
        JsonNode value = find(key);
        if (value == null) {
            return Optional.empty();
        }
        if (!value.isString()) {
            problem(key, "must be a text, found " + kind(value));
            return Optional.empty();
        }
        return Optional.of(value.stringValue());
    }

    /**
     * A text of which {@code parse} makes a value, or says by {@link IllegalArgumentException} what it must be.
     *
     * @param fallback where it is missing, or beside the problem
     */
    public <T> T parsed(String key, T fallback, Function<String, T> parse) {
        Optional<String> text = optionalText(key);
        if (text.isEmpty()) {
            return fallback;
        }
        try {
            return parse.apply(text.get());
        } catch (IllegalArgumentException e) {
            problem(key, "is '" + shown(text.get()) + "' and " + e.getMessage());
            return fallback;
        }
    }

    /** As {@link #parsed}; that it is missing is a problem. */
    public <T> T required(String key, T instead, Function<String, T> parse) {
        if (!has(key)) {
            problem(key, "is missing");
        }
        return parsed(key, instead, parse);
    }

    public long number(String key, long fallback, long min, long max) {
        JsonNode value = find(key);
        if (value == null) {
            return fallback;
        }
        if (!value.isIntegralNumber() || !value.canConvertToLong()) {
            problem(key, "must be a whole number from " + min + " to " + max + ", found " + kind(value));
            return fallback;
        }
        long number = value.longValue();
        if (number < min || number > max) {
            problem(key, "is " + number + " and must be from " + min + " to " + max);
            return fallback;
        }
        return number;
    }

    /** A number that need not be whole; empty where it is missing. */
    public OptionalDouble decimal(String key) {
        JsonNode value = find(key);
        if (value == null) {
            return OptionalDouble.empty();
        }
        if (!value.isNumber() || !Double.isFinite(value.doubleValue())) {
            problem(key, "must be a number, found " + kind(value));
            return OptionalDouble.empty();
        }
        return OptionalDouble.of(value.doubleValue());
    }

    public boolean flag(String key, boolean fallback) {
        JsonNode value = find(key);
        if (value == null) {
            return fallback;
        }
        if (!value.isBoolean()) {
            problem(key, "must be true or false, found " + kind(value));
            return fallback;
        }
        return value.booleanValue();
    }

    /** A list of texts; empty where it is missing. */
    public List<String> texts(String key) {
        return list(key, (where, value) -> {
            if (value.isString()) {
                return Optional.of(value.stringValue());
            }
            problems.add(where + " must be a text, found " + kind(value));
            return Optional.empty();
        });
    }

    /** A list of anything; {@code read} gets the path of an entry with it, and leaves out what it cannot read. */
    public <T> List<T> list(String key, BiFunction<String, JsonNode, Optional<T>> read) {
        JsonNode value = find(key);
        if (value == null) {
            return List.of();
        }
        if (!value.isArray()) {
            problem(key, "must be a list, found " + kind(value));
            return List.of();
        }
        List<T> entries = new ArrayList<>();
        for (int i = 0; i < value.size(); i++) {
            read.apply(at(key) + "[" + i + "]", value.get(i)).ifPresent(entries::add);
        }
        return List.copyOf(entries);
    }

    /** An object of objects, each read by {@code read}; empty where it is missing. */
    public <T> Map<String, T> objects(String key, BiFunction<String, Fields, T> read) {
        return map(
                key, (name, value) -> Optional.of(read.apply(name, new Fields(at(key) + "." + name, value, problems))));
    }

    /** An object of texts; empty where it is missing. */
    public Map<String, String> textsByName(String key) {
        return map(key, (name, value) -> {
            if (value.isString()) {
                return Optional.of(value.stringValue());
            }
            problem(key, name + " must be a text, found " + kind(value));
            return Optional.empty();
        });
    }

    private <T> Map<String, T> map(String key, BiFunction<String, JsonNode, Optional<T>> read) {
        JsonNode value = find(key);
        if (value == null) {
            return Map.of();
        }
        if (!value.isObject()) {
            problem(key, "must be an object, found " + kind(value));
            return Map.of();
        }
        Map<String, T> entries = new LinkedHashMap<>();
        value.properties()
                .forEach(entry -> read.apply(entry.getKey(), entry.getValue())
                        .ifPresent(read1 -> entries.put(entry.getKey(), read1)));
        return entries;
    }

    /** The object below the key; one without fields where it is missing. */
    public Fields object(String key) {
        return new Fields(at(key), find(key), problems);
    }

    public @Nullable JsonNode node(String key) {
        return find(key);
    }

    /** Says that the value of a key is wrong. */
    public void problem(String key, String what) {
        problems.add(at(key) + " " + what);
    }

    /** Fields that nobody asked for are problems: a mistyped name must not be silently without effect. */
    public void nothingElse() {
        if (object == null) {
            return;
        }
        for (String name : object.propertyNames()) {
            if (!known.contains(name)) {
                problem(name, "is not known; known are " + String.join(", ", known));
            }
        }
    }

    private @Nullable JsonNode find(String key) {
        known.add(key);
        JsonNode value = object == null ? null : object.get(key);
        return value == null || value.isNull() ? null : value;
    }

    private String at(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    private static String kind(JsonNode value) {
        return switch (value.getNodeType()) {
            case OBJECT -> "an object";
            case ARRAY -> "a list";
            case NULL -> "null";
            case STRING -> "'" + shown(value.stringValue()) + "'";
            case NUMBER, BOOLEAN -> value.toString();
            case BINARY, MISSING, POJO -> "something else";
        };
    }

    /** Foreign text is cut before it reaches a message. */
    private static String shown(String text) {
        String printable = text.replaceAll("\\p{Cntrl}", "?");
        return printable.length() <= 80 ? printable : printable.substring(0, 80) + "…";
    }
}
