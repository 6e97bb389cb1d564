package dev.muster.simulator.device;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** JSON documents as plain maps, lists, strings, booleans, longs and doubles; their leaves named by JSON pointers (RFC 6901). */
final class Documents {
    /** A longer text is reported by its hash (docs/protocol.md §4.1). */
    static final int LONGEST_TEXT = 256;

    private Documents() {}

    static Map<String, Object> object(JsonNode node) {
        Map<String, Object> map = new LinkedHashMap<>();
        node.properties().forEach(field -> {
            Object value = plain(field.getValue());
            if (value != null) {
                map.put(field.getKey(), value);
            }
        });
        return map;
    }

    static @Nullable Object plain(JsonNode node) {
        return switch (node.getNodeType()) {
            case OBJECT -> object(node);
            case ARRAY -> {
                List<Object> list = new ArrayList<>();
                node.forEach(each -> {
                    Object value = plain(each);
                    if (value != null) {
                        list.add(value);
                    }
                });
                yield list;
            }
            case STRING -> node.asString();
            case BOOLEAN -> node.asBoolean();
            case NUMBER ->
                node.isIntegralNumber() && node.canConvertToLong() ? (Object) node.asLong() : node.asDouble();
            default -> null;
        };
    }

    /** Every value that is not an object, by its pointer, in order; an empty object counts as a leaf. */
    static Map<String, Object> leaves(Map<String, Object> document) {
        Map<String, Object> leaves = new TreeMap<>();
        collect(document, "", leaves);
        return leaves;
    }

    private static void collect(Map<?, ?> document, String above, Map<String, Object> leaves) {
        document.forEach((key, value) -> {
            String pointer = above + "/" + ((String) key).replace("~", "~0").replace("/", "~1");
            if (value instanceof Map<?, ?> inner && !inner.isEmpty()) {
                collect(inner, pointer, leaves);
            } else {
                leaves.put(pointer, value);
            }
        });
    }

    /** The document with one more or another value; what is on the way and no object is replaced by one. */
    static Map<String, Object> with(Map<String, Object> document, String pointer, Object value) {
        Map<String, Object> changed = new LinkedHashMap<>(document);
        int next = pointer.indexOf('/', 1);
        String name = pointer.substring(1, next < 0 ? pointer.length() : next)
                .replace("~1", "/")
                .replace("~0", "~");
        if (next < 0) {
            changed.put(name, value);
        } else {
            Map<String, Object> inner = new LinkedHashMap<>();
            if (document.get(name) instanceof Map<?, ?> found) {
                found.forEach((key, each) -> inner.put((String) key, each));
            }
            changed.put(name, with(inner, pointer.substring(next), value));
        }
        return changed;
    }

    /** The document as it is reported: long texts by their hash. */
    static Map<String, Object> reported(Map<String, Object> document) {
        Map<String, Object> shown = new LinkedHashMap<>();
        document.forEach((key, value) -> shown.put(key, reportedValue(value)));
        return shown;
    }

    private static Object reportedValue(Object value) {
        return switch (value) {
            case String text when text.length() > LONGEST_TEXT -> "sha256:" + sha256(text);
            case Map<?, ?> map -> {
                Map<String, Object> shown = new LinkedHashMap<>();
                map.forEach((key, inner) -> shown.put((String) key, reportedValue(inner)));
                yield shown;
            }
            case List<?> list -> list.stream().map(Documents::reportedValue).toList();
            default -> value;
        };
    }

    private static String sha256(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
