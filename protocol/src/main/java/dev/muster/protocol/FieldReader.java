package dev.muster.protocol;

import static dev.muster.protocol.UplinkCodec.MAX_DEPTH;
import static dev.muster.protocol.UplinkCodec.MAX_METRICS;
import static dev.muster.protocol.UplinkCodec.MAX_METRIC_NAME_LENGTH;
import static dev.muster.protocol.UplinkCodec.MAX_METRIC_STRING_LENGTH;
import static dev.muster.protocol.UplinkCodec.MAX_NAME_LENGTH;
import static dev.muster.protocol.UplinkCodec.MAX_STRING_LENGTH;
import static dev.muster.protocol.UplinkCodec.MAX_TS;
import static dev.muster.protocol.UplinkCodec.MAX_VALUES;
import static dev.muster.protocol.UplinkCodec.MIN_TS;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * Reads fields from a stream of tokens within their bounds, and words what is wrong with them; JSON and CBOR give the same tokens.
 *
 * <p>A field that is null counts as left out. A field that comes twice is refused: two readers could understand two things.
 */
abstract class FieldReader implements AutoCloseable {
    private static final int MAX_SHOWN = 100;

    final JsonParser tokens;
    /** What the entry at hand is called in messages, with its index when it stands in an array. */
    String what = "payload";

    int index = -1;
    final Metrics.Builder metrics = new Metrics.Builder();
    private int values;

    FieldReader(JsonParser tokens) {
        this.tokens = tokens;
    }

    /** Nothing may follow the value: whoever sends two documents expects both to be read. */
    void end() throws MalformedPayloadException {
        if (tokens.nextToken() != null) {
            throw new MalformedPayloadException("payload goes on after its end with " + found());
        }
    }

    @Override
    public void close() {
        tokens.close();
    }
    // ---- values

    final Long ts() throws MalformedPayloadException {
        long ts = integer("ts");
        if (ts < MIN_TS || ts > MAX_TS) {
            throw malformed(
                    "ts",
                    "is " + ts + ", milliseconds since 1970 from " + MIN_TS + " (2001) to " + MAX_TS
                            + " (2100) are allowed");
        }
        return ts;
    }

    final Long integer(String field, long min, long max) throws MalformedPayloadException {
        long value = integer(field);
        if (value < min || value > max) {
            throw malformed(field, "is " + value + ", " + min + " to " + max + " is allowed");
        }
        return value;
    }

    /** Some languages know only floating point: 7.0 is taken for 7. */
    final long integer(String field) throws MalformedPayloadException {
        if (tokens.currentToken() == JsonToken.VALUE_NUMBER_INT) {
            if (tokens.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
                throw malformed(field, "is " + found() + ", an integer of 64 bits is allowed");
            }
            return tokens.getLongValue();
        }
        if (tokens.currentToken() == JsonToken.VALUE_NUMBER_FLOAT) {
            double value = tokens.getDoubleValue();
            if (value == Math.rint(value) && Math.abs(value) <= 1L << 53) {
                return (long) value;
            }
        }
        throw wrong(field, "an integer");
    }

    final Double number(String field, double min, double max) throws MalformedPayloadException {
        if (!tokens.currentToken().isNumeric()) {
            throw wrong(field, "a number");
        }
        double value = finite(field);
        if (value < min || value > max) {
            throw malformed(field, "is " + value + ", " + min + " to " + max + " is allowed");
        }
        return value;
    }

    private double finite(String field) throws MalformedPayloadException {
        double value = tokens.getDoubleValue();
        if (Double.isNaN(value) || Double.isInfinite(value)) {
            throw malformed(field, "is " + found() + ", a finite number of 64 bits is allowed");
        }
        return value;
    }

    final String text(String field, int maxLength) throws MalformedPayloadException {
        if (tokens.currentToken() != JsonToken.VALUE_STRING) {
            throw wrong(field, "a string");
        }
        String text = tokens.getString();
        if (text.length() > maxLength) {
            throw malformed(field, "has " + text.length() + " characters, at most " + maxLength + " are allowed");
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == 0) {
                throw malformed(field, "holds the character U+0000, which no store keeps");
            }
            if (Character.isSurrogate(c)) {
                if (Character.isLowSurrogate(c)
                        || i + 1 == text.length()
                        || !Character.isLowSurrogate(text.charAt(i + 1))) {
                    throw malformed(field, "holds half of a surrogate pair, valid Unicode is allowed");
                }
                i++;
            }
        }
        return text;
    }

    final <E extends Enum<E>> E oneOf(String field, E[] allowed) throws MalformedPayloadException {
        String text = text(field, MAX_STRING_LENGTH);
        for (E value : allowed) {
            if (value.name().equalsIgnoreCase(text)) {
                return value;
            }
        }
        throw malformed(field, "is \"" + shown(text) + "\", allowed are " + UplinkCodec.wireNames(allowed));
    }

    final Metrics metrics(String field) throws MalformedPayloadException {
        startObject(field);
        for (String name = next(); name != null; name = next()) {
            if (!isLeftOut()) {
                addMetric(name, field);
            }
        }
        return metricsRead(field);
    }

    /** @param place the field that holds the metrics, empty when they stand in the entry itself */
    final void addMetric(String name, String place) throws MalformedPayloadException {
        if (metrics.count == MAX_METRICS) {
            throw malformed(place, "has more than " + MAX_METRICS + " metrics");
        }
        try {
            switch (tokens.currentToken()) {
                case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> metrics.add(name, finite(name));
                case VALUE_STRING -> metrics.add(name, text(name, MAX_METRIC_STRING_LENGTH));
                case VALUE_TRUE -> metrics.add(name, Boolean.TRUE);
                case VALUE_FALSE -> metrics.add(name, Boolean.FALSE);
                default -> throw wrong(name, "a number, a string or a boolean");
            }
        } catch (MalformedPayloadException e) {
            checkMetricName(name, place); // a bad name is not to be shown as if it were a good one
            throw e;
        }
    }

    /** Those added since the last time; names are checked when they are new. */
    final Metrics metricsRead(String place) throws MalformedPayloadException {
        MetricNames names = MetricNames.known(metrics.names, metrics.count);
        if (names == null) {
            Set<String> seen = new HashSet<>();
            for (int i = 0; i < metrics.count; i++) {
                checkMetricName(metrics.names[i], place);
                if (!seen.add(metrics.names[i])) {
                    throw twice(place, metrics.names[i]);
                }
            }
            names = MetricNames.of(metrics.names, metrics.count);
        }
        return metrics.build(names);
    }

    final Object anything(String field) throws MalformedPayloadException {
        values = 0;
        return free(field, 0);
    }

    final Map<String, Object> document(String field) throws MalformedPayloadException {
        if (tokens.currentToken() != JsonToken.START_OBJECT) {
            throw wrong(field, "an object");
        }
        values = 0;
        return object(field, 1);
    }

    private Map<String, Object> object(String field, int depth) throws MalformedPayloadException {
        Map<String, Object> found = LinkedHashMap.newLinkedHashMap(4);
        for (String name = next(); name != null; name = next()) {
            checkName(name, field);
            if (!isLeftOut() && found.put(name, free(field, depth)) != null) {
                throw twice(field, name);
            }
        }
        return Collections.unmodifiableMap(found);
    }

    private List<Object> array(String field, int depth) throws MalformedPayloadException {
        var found = new ArrayList<Object>(4);
        while (tokens.nextToken() != JsonToken.END_ARRAY) {
            if (isLeftOut()) {
                throw malformed(field, "has null in an array, which is not allowed");
            }
            found.add(free(field, depth));
        }
        return Collections.unmodifiableList(found);
    }

    private Object free(String field, int depth) throws MalformedPayloadException {
        if (++values > MAX_VALUES) {
            throw malformed(field, "has more than " + MAX_VALUES + " values");
        }
        JsonToken token = tokens.currentToken();
        if (token.isStructStart() && depth >= MAX_DEPTH) {
            throw malformed(field, "is nested deeper than " + MAX_DEPTH + " levels");
        }
        return switch (token) {
            case START_OBJECT -> object(field, depth + 1);
            case START_ARRAY -> array(field, depth + 1);
            case VALUE_STRING -> text(field, MAX_STRING_LENGTH);
            case VALUE_NUMBER_INT -> (Object) integer(field);
            case VALUE_NUMBER_FLOAT -> (Object) finite(field);
            case VALUE_TRUE -> Boolean.TRUE;
            case VALUE_FALSE -> Boolean.FALSE;
            default -> throw wrong(field, "a string, number, boolean, object or array");
        };
    }

    // ---- names

    private void checkMetricName(String name, String field) throws MalformedPayloadException {
        int length = name.length();
        if (length > MAX_METRIC_NAME_LENGTH) {
            throw malformed(
                    field,
                    "has a metric name of " + length + " characters, at most " + MAX_METRIC_NAME_LENGTH
                            + " are allowed");
        }
        boolean valid = length > 0;
        for (int i = 0; i < length && valid; i++) {
            char c = name.charAt(i);
            boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
            valid = letter || (i > 0 && ((c >= '0' && c <= '9') || c == '.' || c == '-'));
        }
        if (!valid) {
            throw malformed(field, "has the metric name \"" + shown(name) + "\", allowed is [A-Za-z_][A-Za-z0-9_.-]*");
        }
    }

    final void checkName(String name, String field) throws MalformedPayloadException {
        if (name.isEmpty() || name.length() > MAX_NAME_LENGTH) {
            throw malformed(
                    field, "has a name of " + name.length() + " characters, 1 to " + MAX_NAME_LENGTH + " are allowed");
        }
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c < ' ' || c == 0x7f || Character.isSurrogate(c)) {
                throw malformed(
                        field,
                        "has the name \"" + shown(name) + "\", which holds a control character or one beyond U+FFFF");
            }
        }
    }

    // ---- structure

    final void startPayload(String name) throws MalformedPayloadException {
        what = name;
        if (tokens.nextToken() != JsonToken.START_OBJECT) {
            throw new MalformedPayloadException(name + " is " + found() + ", an object is allowed");
        }
    }

    final void startObject(String field) throws MalformedPayloadException {
        if (tokens.currentToken() != JsonToken.START_OBJECT) {
            throw wrong(field, "an object");
        }
    }

    /** The next field of the object at hand, its value being the current token; null at its end. */
    final @Nullable String next() {
        if (tokens.nextToken() == JsonToken.END_OBJECT) {
            return null;
        }
        String name = tokens.currentName();
        tokens.nextToken();
        return name;
    }

    final boolean isLeftOut() {
        return tokens.currentToken() == JsonToken.VALUE_NULL;
    }

    final <T> T once(@Nullable T before, String field, T value) throws MalformedPayloadException {
        if (before != null) {
            throw new MalformedPayloadException(entryName() + " has the field " + field + " twice");
        }
        return value;
    }

    final <T> T required(@Nullable T value, String field) throws MalformedPayloadException {
        if (value == null) {
            throw new MalformedPayloadException(entryName() + " lacks the field " + field);
        }
        return value;
    }

    // ---- messages

    final MalformedPayloadException twice(String field, String name) {
        return malformed(field, "has \"" + shown(name) + "\" twice");
    }

    final MalformedPayloadException wrong(String field, String allowed) {
        return malformed(field, "is " + found() + ", " + allowed + " is allowed");
    }

    final MalformedPayloadException malformed(String field, String problem) {
        String where = field.isEmpty() || field.equals(what) ? entryName() : entryName() + "." + shown(field);
        return new MalformedPayloadException(where + " " + problem);
    }

    final String entryName() {
        return index < 0 ? what : what + "[" + index + "]";
    }

    final String found() {
        JsonToken token = tokens.currentToken();
        return switch (token) {
            case null -> "missing";
            case START_OBJECT, END_OBJECT -> "an object";
            case START_ARRAY, END_ARRAY -> "an array";
            case VALUE_STRING -> "the string \"" + shown(tokens.getString()) + "\"";
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> "the number " + shown(tokens.getString());
            case VALUE_TRUE -> "true";
            case VALUE_FALSE -> "false";
            case VALUE_NULL -> "null";
            case VALUE_EMBEDDED_OBJECT -> "a byte string";
            case PROPERTY_NAME, NOT_AVAILABLE -> "unreadable";
        };
    }

    /** Hostile input is cut before it reaches a message or a log. */
    static String shown(String text) {
        var shown = new StringBuilder(MAX_SHOWN);
        for (int i = 0; i < text.length() && i < MAX_SHOWN; i++) {
            char c = text.charAt(i);
            shown.append(c >= ' ' && c < 0x7f ? c : '?');
        }
        return text.length() > MAX_SHOWN ? shown.append('…').toString() : shown.toString();
    }
}
