package dev.muster.cli.output;

import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;

/**
 * One column of a table.
 *
 * @param wide shown only with {@code -o wide}
 */
public record Column(String title, boolean wide, Function<JsonNode, String> value) {

    /** @param path fields separated by dots; where the first is missing the next is tried, separated by {@code |} */
    public static Column of(String title, String path) {
        return new Column(title, false, item -> text(find(item, path)));
    }

    public static Column wide(String title, String path) {
        return new Column(title, true, item -> text(find(item, path)));
    }

    /** A moment as its distance from now, {@code 5m}. */
    public static Column age(String title, String path, Instant now) {
        return new Column(title, false, item -> age(find(item, path), now));
    }

    private static JsonNode find(JsonNode item, String path) {
        JsonNode found = item.path("\0");
        for (String alternative : path.split("\\|", -1)) {
            found = item;
            for (String field : alternative.split("\\.", -1)) {
                found = found.path(field);
            }
            if (!found.isMissingNode() && !found.isNull()) {
                return found;
            }
        }
        return found;
    }

    /** As people read it: lists and labels in short, nothing as a dash. */
    public static String text(JsonNode node) {
        if (node.isMissingNode() || node.isNull()) {
            return "-";
        }
        if (node.isObject()) {
            List<String> pairs = new ArrayList<>();
            node.forEachEntry((key, value) -> pairs.add(key + "=" + text(value)));
            return pairs.isEmpty() ? "-" : String.join(",", pairs);
        }
        if (node.isArray()) {
            List<String> values = new ArrayList<>();
            node.forEach(value -> values.add(text(value)));
            return values.isEmpty() ? "-" : String.join(",", values);
        }
        String text = node.isValueNode() ? node.asString() : node.toString();
        return text.isEmpty() ? "-" : text;
    }

    private static String age(JsonNode node, Instant now) {
        String text = text(node);
        if (text.equals("-")) {
            return text;
        }
        try {
            return distance(Duration.between(Instant.parse(text), now));
        } catch (DateTimeParseException e) {
            return text;
        }
    }

    /** {@code 5m} for what was, {@code in 5m} for what will be. */
    public static String distance(Duration age) {
        boolean ahead = age.isNegative();
        long seconds = age.abs().toSeconds();
        String text = seconds < 120
                ? seconds + "s"
                : seconds < 7_200
                        ? seconds / 60 + "m"
                        : seconds < 172_800 ? seconds / 3_600 + "h" : seconds / 86_400 + "d";
        return ahead ? "in " + text : text;
    }
}
