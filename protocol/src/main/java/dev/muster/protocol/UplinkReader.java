package dev.muster.protocol;

import static dev.muster.protocol.UplinkCodec.MAX_BODY_LENGTH;
import static dev.muster.protocol.UplinkCodec.MAX_CAPABILITIES;
import static dev.muster.protocol.UplinkCodec.MAX_DEPTH;
import static dev.muster.protocol.UplinkCodec.MAX_ENTRIES;
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
 * Reads one payload from a stream of tokens into records; JSON and CBOR give the same tokens.
 *
 * <p>Fields that this version does not know are skipped, so that newer agents are understood. A field that is null counts
 * as left out. A field that comes twice is refused: two readers could understand two things.
 */
final class UplinkReader implements AutoCloseable {
    private static final Severity[] SEVERITIES = Severity.values();
    private static final Uplink.CommandResult.Status[] STATUSES = Uplink.CommandResult.Status.values();
    private static final Uplink.Update.State[] UPDATE_STATES = Uplink.Update.State.values();
    private static final int MAX_FIX_LENGTH = 16;
    private static final int MAX_PROTOCOL = 1000;
    private static final int MAX_SHOWN = 100;

    private final JsonParser tokens;
    /** What the entry at hand is called in messages, with its index when it stands in an array. */
    private String what = "payload";

    private int index = -1;
    private int values;
    private final Metrics.Builder metrics = new Metrics.Builder();

    UplinkReader(JsonParser tokens) {
        this.tokens = tokens;
    }

    @FunctionalInterface
    interface EntryReader<T> {
        T read(UplinkReader reader) throws MalformedPayloadException;
    }

    Uplink.Hello hello() throws MalformedPayloadException {
        startPayload("hello");
        Long protocol = null;
        String agent = null;
        List<String> capabilities = null;
        for (String field = next(); field != null; field = next()) {
            if (isLeftOut()) {
                continue;
            }
            switch (field) {
                case "protocol" -> protocol = once(protocol, field, integer(field, 1, MAX_PROTOCOL));
                case "agent" -> agent = once(agent, field, text(field, MAX_NAME_LENGTH));
                case "capabilities" -> capabilities = once(capabilities, field, capabilities(field));
                default -> tokens.skipChildren();
            }
        }
        return new Uplink.Hello(
                required(protocol, "protocol").intValue(),
                required(agent, "agent"),
                capabilities == null ? List.of() : capabilities);
    }

    private List<String> capabilities(String field) throws MalformedPayloadException {
        if (tokens.currentToken() != JsonToken.START_ARRAY) {
            throw wrong(field, "an array of strings");
        }
        var found = new ArrayList<String>(4);
        while (tokens.nextToken() != JsonToken.END_ARRAY) {
            if (found.size() == MAX_CAPABILITIES) {
                throw malformed(field, "has more than " + MAX_CAPABILITIES + " entries");
            }
            found.add(text(field, MAX_NAME_LENGTH));
        }
        return Collections.unmodifiableList(found);
    }

    Uplink.Heartbeat heartbeat() throws MalformedPayloadException {
        startPayload("heartbeat");
        Long ts = null;
        Long seq = null;
        Map<String, Object> health = null;
        for (String field = next(); field != null; field = next()) {
            if (isLeftOut()) {
                continue;
            }
            switch (field) {
                case "ts" -> ts = once(ts, field, ts());
                case "seq" -> seq = once(seq, field, integer(field, 0, Long.MAX_VALUE));
                case "health" -> health = once(health, field, metrics(field));
                default -> tokens.skipChildren();
            }
        }
        return new Uplink.Heartbeat(ts, seq, health == null ? Map.of() : health);
    }

    /** A single object, or an array of them: a backlog. */
    <T> List<T> entries(String name, EntryReader<T> entry) throws MalformedPayloadException {
        what = name;
        JsonToken first = tokens.nextToken();
        if (first == JsonToken.START_OBJECT) {
            return List.of(entry.read(this));
        }
        if (first != JsonToken.START_ARRAY) {
            throw new MalformedPayloadException(
                    name + " is " + found() + ", an object or an array of objects is allowed");
        }
        var found = new ArrayList<T>();
        while (tokens.nextToken() != JsonToken.END_ARRAY) {
            index = found.size();
            if (index == MAX_ENTRIES) {
                throw new MalformedPayloadException(
                        name + " has more than " + MAX_ENTRIES + " entries in one message; send several messages");
            }
            if (tokens.currentToken() != JsonToken.START_OBJECT) {
                throw new MalformedPayloadException(entryName() + " is " + found() + ", an object is allowed");
            }
            found.add(entry.read(this));
        }
        if (found.isEmpty()) {
            throw new MalformedPayloadException(
                    name + " is an empty array, 1 to " + MAX_ENTRIES + " entries are allowed");
        }
        return Collections.unmodifiableList(found);
    }

    /** {@code {"speed":61.2}}, with or without {@code ts}, or {@code {"ts":…,"values":{…}}}. */
    Uplink.Reading reading() throws MalformedPayloadException {
        Long ts = null;
        Metrics inside = null;
        for (String field = next(); field != null; field = next()) {
            if (isLeftOut()) {
                continue;
            }
            if (field.equals("ts")) {
                ts = once(ts, field, ts());
                continue;
            }
            boolean isValues = field.equals("values");
            if (isValues ? metrics.count > 0 : inside != null) {
                throw malformed(
                        "values",
                        "stands beside the metric \"" + shown(isValues ? metrics.names[0] : field)
                                + "\"; put all metrics into values, or none");
            }
            if (isValues) {
                inside = once(inside, field, metrics(field));
            } else {
                addMetric(field, "");
            }
        }
        Metrics found = inside != null ? inside : metricsRead("");
        if (found.isEmpty()) {
            throw new MalformedPayloadException(entryName() + " has no values, 1 to " + MAX_METRICS + " are allowed");
        }
        return new Uplink.Reading(ts, found);
    }

    Uplink.Fix fix() throws MalformedPayloadException {
        Long ts = null;
        Double lat = null;
        Double lon = null;
        Double alt = null;
        Double speed = null;
        Double heading = null;
        Double accuracy = null;
        String fix = null;
        for (String field = next(); field != null; field = next()) {
            if (isLeftOut()) {
                continue;
            }
            switch (field) {
                case "ts" -> ts = once(ts, field, ts());
                case "lat" -> lat = once(lat, field, number(field, -90, 90));
                case "lon" -> lon = once(lon, field, number(field, -180, 180));
                case "alt" -> alt = once(alt, field, number(field, -100_000, 1_000_000));
                case "speed" -> speed = once(speed, field, number(field, 0, 100_000));
                case "heading" -> heading = once(heading, field, number(field, 0, 360));
                case "accuracy" -> accuracy = once(accuracy, field, number(field, 0, 100_000_000));
                case "fix" -> fix = once(fix, field, text(field, MAX_FIX_LENGTH));
                default -> tokens.skipChildren();
            }
        }
        return new Uplink.Fix(ts, required(lat, "lat"), required(lon, "lon"), alt, speed, heading, accuracy, fix);
    }

    Uplink.StateReport stateReport() throws MalformedPayloadException {
        startPayload("state/reported");
        Long ts = null;
        Long generation = null;
        Map<String, Object> config = null;
        Map<String, String> software = null;
        Map<String, Uplink.Update> updates = null;
        Uplink.Rejected rejected = null;
        String bootId = null;
        for (String field = next(); field != null; field = next()) {
            if (isLeftOut()) {
                continue;
            }
            switch (field) {
                case "ts" -> ts = once(ts, field, ts());
                case "generation" -> generation = once(generation, field, integer(field, 0, Long.MAX_VALUE));
                case "config" -> config = once(config, field, document(field));
                case "software" -> software = once(software, field, software(field));
                case "updates" -> updates = once(updates, field, updates(field));
                case "rejected" -> rejected = once(rejected, field, rejected(field));
                case "bootId" -> bootId = once(bootId, field, text(field, MAX_NAME_LENGTH));
                default -> tokens.skipChildren();
            }
        }
        return new Uplink.StateReport(
                ts,
                generation,
                config == null ? Map.of() : config,
                software == null ? Map.of() : software,
                updates == null ? Map.of() : updates,
                rejected,
                bootId);
    }

    private Map<String, String> software(String field) throws MalformedPayloadException {
        startObject(field);
        Map<String, String> found = LinkedHashMap.newLinkedHashMap(4);
        for (String component = next(); component != null; component = next()) {
            checkName(component, field);
            if (isLeftOut()) {
                continue;
            }
            if (found.size() == MAX_METRICS) {
                throw malformed(field, "has more than " + MAX_METRICS + " components");
            }
            if (found.put(component, text(component, MAX_NAME_LENGTH)) != null) {
                throw twice(field, component);
            }
        }
        return Collections.unmodifiableMap(found);
    }

    private Map<String, Uplink.Update> updates(String field) throws MalformedPayloadException {
        startObject(field);
        Map<String, Uplink.Update> found = LinkedHashMap.newLinkedHashMap(4);
        for (String component = next(); component != null; component = next()) {
            checkName(component, field);
            if (isLeftOut()) {
                continue;
            }
            if (found.size() == MAX_METRICS) {
                throw malformed(field, "has more than " + MAX_METRICS + " components");
            }
            if (found.put(component, update(component)) != null) {
                throw twice(field, component);
            }
        }
        return Collections.unmodifiableMap(found);
    }

    private Uplink.Update update(String component) throws MalformedPayloadException {
        startObject(component);
        String version = null;
        Uplink.Update.State state = null;
        Long progress = null;
        String reason = null;
        String previous = null;
        String attempt = null;
        for (String field = next(); field != null; field = next()) {
            if (isLeftOut()) {
                continue;
            }
            switch (field) {
                case "version" -> version = once(version, field, text(field, MAX_NAME_LENGTH));
                case "state" -> state = once(state, field, oneOf(field, UPDATE_STATES));
                case "progress" -> progress = once(progress, field, integer(field, 0, 100));
                case "reason" -> reason = once(reason, field, text(field, MAX_STRING_LENGTH));
                case "previous" -> previous = once(previous, field, text(field, MAX_NAME_LENGTH));
                case "attempt" -> attempt = once(attempt, field, text(field, MAX_NAME_LENGTH));
                default -> tokens.skipChildren();
            }
        }
        return new Uplink.Update(
                required(version, "updates." + component + ".version"),
                required(state, "updates." + component + ".state"),
                progress == null ? null : progress.intValue(),
                reason,
                previous,
                attempt);
    }

    private Uplink.Rejected rejected(String name) throws MalformedPayloadException {
        startObject(name);
        Long generation = null;
        String reason = null;
        for (String field = next(); field != null; field = next()) {
            if (isLeftOut()) {
                continue;
            }
            switch (field) {
                case "generation" -> generation = once(generation, field, integer(field, 0, Long.MAX_VALUE));
                case "reason" -> reason = once(reason, field, text(field, MAX_STRING_LENGTH));
                default -> tokens.skipChildren();
            }
        }
        return new Uplink.Rejected(required(generation, "rejected.generation"), required(reason, "rejected.reason"));
    }

    Uplink.Event event() throws MalformedPayloadException {
        Long ts = null;
        String type = null;
        Severity severity = null;
        String message = null;
        Map<String, Object> data = null;
        for (String field = next(); field != null; field = next()) {
            if (isLeftOut()) {
                continue;
            }
            switch (field) {
                case "ts" -> ts = once(ts, field, ts());
                case "type" -> {
                    type = once(type, field, text(field, MAX_NAME_LENGTH));
                    checkName(type, field);
                }
                case "severity" -> severity = once(severity, field, oneOf(field, SEVERITIES));
                case "message" -> message = once(message, field, text(field, MAX_STRING_LENGTH));
                case "data" -> data = once(data, field, document(field));
                default -> tokens.skipChildren();
            }
        }
        return new Uplink.Event(
                ts,
                required(type, "type"),
                severity == null ? Severity.INFO : severity,
                message,
                data == null ? Map.of() : data);
    }

    Uplink.LogRecord logRecord() throws MalformedPayloadException {
        Long ts = null;
        Severity severity = null;
        String body = null;
        Map<String, Object> attributes = null;
        for (String field = next(); field != null; field = next()) {
            if (isLeftOut()) {
                continue;
            }
            switch (field) {
                case "ts" -> ts = once(ts, field, ts());
                case "severity" -> severity = once(severity, field, oneOf(field, SEVERITIES));
                case "body" -> body = once(body, field, text(field, MAX_BODY_LENGTH));
                case "attributes" -> attributes = once(attributes, field, document(field));
                default -> tokens.skipChildren();
            }
        }
        return new Uplink.LogRecord(
                ts,
                severity == null ? Severity.INFO : severity,
                required(body, "body"),
                attributes == null ? Map.of() : attributes);
    }

    Uplink.CommandResult commandResult(String commandId) throws MalformedPayloadException {
        startPayload("result");
        if (!Topics.isCommandId(commandId)) {
            throw new MalformedPayloadException(
                    "command id \"" + shown(commandId) + "\" is not of the form " + AssetId.PATTERN);
        }
        Uplink.CommandResult.Status status = null;
        Object detail = null;
        for (String field = next(); field != null; field = next()) {
            if (isLeftOut()) {
                continue;
            }
            switch (field) {
                case "status" -> status = once(status, field, oneOf(field, STATUSES));
                case "detail" -> {
                    values = 0;
                    detail = once(detail, field, free(field, 0));
                }
                default -> tokens.skipChildren();
            }
        }
        return new Uplink.CommandResult(commandId, required(status, "status"), detail);
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

    private Long ts() throws MalformedPayloadException {
        long ts = integer("ts");
        if (ts < MIN_TS || ts > MAX_TS) {
            throw malformed(
                    "ts",
                    "is " + ts + ", milliseconds since 1970 from " + MIN_TS + " (2001) to " + MAX_TS
                            + " (2100) are allowed");
        }
        return ts;
    }

    private Long integer(String field, long min, long max) throws MalformedPayloadException {
        long value = integer(field);
        if (value < min || value > max) {
            throw malformed(field, "is " + value + ", " + min + " to " + max + " is allowed");
        }
        return value;
    }

    /** Some languages know only floating point: 7.0 is taken for 7. */
    private long integer(String field) throws MalformedPayloadException {
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

    private Double number(String field, double min, double max) throws MalformedPayloadException {
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

    private String text(String field, int maxLength) throws MalformedPayloadException {
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

    private <E extends Enum<E>> E oneOf(String field, E[] allowed) throws MalformedPayloadException {
        String text = text(field, MAX_STRING_LENGTH);
        for (E value : allowed) {
            if (value.name().equalsIgnoreCase(text)) {
                return value;
            }
        }
        throw malformed(field, "is \"" + shown(text) + "\", allowed are " + UplinkCodec.wireNames(allowed));
    }

    private Metrics metrics(String field) throws MalformedPayloadException {
        startObject(field);
        for (String name = next(); name != null; name = next()) {
            if (!isLeftOut()) {
                addMetric(name, field);
            }
        }
        return metricsRead(field);
    }

    /** @param place the field that holds the metrics, empty when they stand in the entry itself */
    private void addMetric(String name, String place) throws MalformedPayloadException {
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
    private Metrics metricsRead(String place) throws MalformedPayloadException {
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

    private Map<String, Object> document(String field) throws MalformedPayloadException {
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

    private void checkName(String name, String field) throws MalformedPayloadException {
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

    private void startPayload(String name) throws MalformedPayloadException {
        what = name;
        if (tokens.nextToken() != JsonToken.START_OBJECT) {
            throw new MalformedPayloadException(name + " is " + found() + ", an object is allowed");
        }
    }

    private void startObject(String field) throws MalformedPayloadException {
        if (tokens.currentToken() != JsonToken.START_OBJECT) {
            throw wrong(field, "an object");
        }
    }

    /** The next field of the object at hand, its value being the current token; null at its end. */
    private @Nullable String next() {
        if (tokens.nextToken() == JsonToken.END_OBJECT) {
            return null;
        }
        String name = tokens.currentName();
        tokens.nextToken();
        return name;
    }

    private boolean isLeftOut() {
        return tokens.currentToken() == JsonToken.VALUE_NULL;
    }

    private <T> T once(@Nullable T before, String field, T value) throws MalformedPayloadException {
        if (before != null) {
            throw new MalformedPayloadException(entryName() + " has the field " + field + " twice");
        }
        return value;
    }

    private <T> T required(@Nullable T value, String field) throws MalformedPayloadException {
        if (value == null) {
            throw new MalformedPayloadException(entryName() + " lacks the field " + field);
        }
        return value;
    }

    // ---- messages

    private MalformedPayloadException twice(String field, String name) {
        return malformed(field, "has \"" + shown(name) + "\" twice");
    }

    private MalformedPayloadException wrong(String field, String allowed) {
        return malformed(field, "is " + found() + ", " + allowed + " is allowed");
    }

    private MalformedPayloadException malformed(String field, String problem) {
        String where = field.isEmpty() || field.equals(what) ? entryName() : entryName() + "." + shown(field);
        return new MalformedPayloadException(where + " " + problem);
    }

    private String entryName() {
        return index < 0 ? what : what + "[" + index + "]";
    }

    private String found() {
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
