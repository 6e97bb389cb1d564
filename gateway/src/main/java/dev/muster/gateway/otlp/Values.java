package dev.muster.gateway.otlp;

import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** Attributes of OpenTelemetry as values of ours. */
final class Values {
    static final int MAX_ATTRIBUTES = 128;
    private static final int MAX_DEPTH = 5;
    private static final JsonFactory JSON = new JsonFactory();

    private Values() {}

    /**
     * Text, number, boolean, list or map; null when it is empty.
     *
     * @param longest text that is kept whole
     */
    static @Nullable Object plain(AnyValue value, int longest, int depth) {
        return switch (value.getValueCase()) {
            case STRING_VALUE -> cut(value.getStringValue(), longest);
            case BOOL_VALUE -> value.getBoolValue();
            case INT_VALUE -> value.getIntValue();
            case DOUBLE_VALUE ->
                Double.isFinite(value.getDoubleValue())
                        ? (Object) value.getDoubleValue()
                        : Double.toString(value.getDoubleValue());
            case BYTES_VALUE ->
                cut(Base64.getEncoder().encodeToString(value.getBytesValue().toByteArray()), longest);
            case ARRAY_VALUE -> {
                if (depth >= MAX_DEPTH) {
                    yield "…";
                }
                List<Object> list = new ArrayList<>();
                for (AnyValue each : value.getArrayValue().getValuesList()) {
                    Object plain = plain(each, longest, depth + 1);
                    if (plain != null && list.size() < MAX_ATTRIBUTES) {
                        list.add(plain);
                    }
                }
                yield list;
            }
            case KVLIST_VALUE ->
                depth >= MAX_DEPTH ? "…" : map(value.getKvlistValue().getValuesList(), longest, depth + 1);
            case STRING_VALUE_STRINDEX, VALUE_NOT_SET -> null;
        };
    }

    static Map<String, Object> map(List<KeyValue> attributes, int longest, int depth) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (KeyValue each : attributes) {
            Object plain = plain(each.getValue(), longest, depth);
            String name = name(each.getKey());
            if (plain != null && !name.isEmpty() && map.size() < MAX_ATTRIBUTES) {
                map.put(name, plain);
            }
        }
        return map;
    }

    /** Without what a name of ours may not hold. */
    private static String name(String key) {
        String name = cut(key, 128);
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c < ' ' || c == 0x7f || Character.isSurrogate(c)) {
                return name.replaceAll("[\\x00-\\x1f\\x7f\\ud800-\\udfff]", "_");
            }
        }
        return name;
    }

    /** As a label: texts as they are, the rest as JSON. */
    static String text(AnyValue value, int longest) {
        Object plain = plain(value, longest, 0);
        return plain == null ? "" : plain instanceof String text ? text : json(plain);
    }

    static @Nullable String attribute(List<KeyValue> attributes, String key) {
        for (KeyValue each : attributes) {
            if (each.getKey().equals(key)) {
                return text(each.getValue(), 1024);
            }
        }
        return null;
    }

    static String json(Object value) {
        var out = new java.io.StringWriter();
        try (JsonGenerator generator = JSON.createGenerator(ObjectWriteContext.empty(), out)) {
            write(generator, value);
        }
        return out.toString();
    }

    private static void write(JsonGenerator out, Object value) {
        switch (value) {
            case Map<?, ?> map -> {
                out.writeStartObject();
                map.forEach((name, each) -> {
                    out.writeName((String) name);
                    write(out, each);
                });
                out.writeEndObject();
            }
            case List<?> list -> {
                out.writeStartArray();
                list.forEach(each -> write(out, each));
                out.writeEndArray();
            }
            case String text -> out.writeString(text);
            case Boolean truth -> out.writeBoolean(truth);
            case Long number -> out.writeNumber(number);
            case Double number -> out.writeNumber(number);
            default -> throw new IllegalArgumentException("no value of an attribute: " + value.getClass());
        }
    }

    /** Not in the middle of a character. */
    static String cut(String text, int longest) {
        if (text.length() <= longest) {
            return text;
        }
        int end = Character.isHighSurrogate(text.charAt(longest - 1)) ? longest - 1 : longest;
        return text.substring(0, end);
    }
}
