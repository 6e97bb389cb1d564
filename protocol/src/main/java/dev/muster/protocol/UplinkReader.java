package dev.muster.protocol;

import static dev.muster.protocol.UplinkCodec.MAX_BODY_LENGTH;
import static dev.muster.protocol.UplinkCodec.MAX_CAPABILITIES;
import static dev.muster.protocol.UplinkCodec.MAX_ENTRIES;
import static dev.muster.protocol.UplinkCodec.MAX_METRICS;
import static dev.muster.protocol.UplinkCodec.MAX_NAME_LENGTH;
import static dev.muster.protocol.UplinkCodec.MAX_SPANS;
import static dev.muster.protocol.UplinkCodec.MAX_STRING_LENGTH;
import static dev.muster.protocol.UplinkCodec.MAX_TS;
import static dev.muster.protocol.UplinkCodec.MIN_TS;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * Reads one payload into records, one method for each kind of uplink.
 *
 * <p>Fields that this version does not know are skipped, so that newer agents are understood.
 */
final class UplinkReader extends FieldReader {
    private static final Severity[] SEVERITIES = Severity.values();
    private static final Uplink.CommandResult.Status[] STATUSES = Uplink.CommandResult.Status.values();
    private static final Uplink.Update.State[] UPDATE_STATES = Uplink.Update.State.values();
    private static final int MAX_FIX_LENGTH = 16;
    private static final int MAX_PROTOCOL = 1000;

    UplinkReader(JsonParser tokens) {
        super(tokens);
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
        List<Uplink.Span> spans = null;
        for (String field = next(); field != null; field = next()) {
            if (isLeftOut()) {
                continue;
            }
            switch (field) {
                case "status" -> status = once(status, field, oneOf(field, STATUSES));
                case "detail" -> detail = once(detail, field, anything(field));
                case "spans" -> spans = once(spans, field, spans(field));
                default -> tokens.skipChildren();
            }
        }
        return new Uplink.CommandResult(
                commandId, required(status, "status"), detail, spans == null ? List.of() : spans);
    }

    private List<Uplink.Span> spans(String field) throws MalformedPayloadException {
        if (tokens.currentToken() != JsonToken.START_ARRAY) {
            throw wrong(field, "an array of spans");
        }
        var found = new ArrayList<Uplink.Span>(4);
        while (tokens.nextToken() != JsonToken.END_ARRAY) {
            if (found.size() == MAX_SPANS) {
                throw malformed(field, "has more than " + MAX_SPANS + " entries");
            }
            startObject(field);
            found.add(span());
        }
        return found;
    }

    private Uplink.Span span() throws MalformedPayloadException {
        String traceId = null;
        String spanId = null;
        String parentSpanId = null;
        String name = null;
        Long start = null;
        Long end = null;
        String error = null;
        Map<String, Object> attributes = null;
        for (String field = next(); field != null; field = next()) {
            if (isLeftOut()) {
                continue;
            }
            switch (field) {
                case "traceId" -> traceId = once(traceId, field, hexadecimal(field, 32));
                case "spanId" -> spanId = once(spanId, field, hexadecimal(field, 16));
                case "parentSpanId" -> parentSpanId = once(parentSpanId, field, hexadecimal(field, 16));
                case "name" -> {
                    name = once(name, field, text(field, MAX_NAME_LENGTH));
                    checkName(name, field);
                }
                case "start" -> start = once(start, field, integer(field, MIN_TS * 1000, MAX_TS * 1000));
                case "end" -> end = once(end, field, integer(field, MIN_TS * 1000, MAX_TS * 1000));
                case "error" -> error = once(error, field, text(field, MAX_STRING_LENGTH));
                case "attributes" -> attributes = once(attributes, field, document(field));
                default -> tokens.skipChildren();
            }
        }
        return new Uplink.Span(
                required(traceId, "spans.traceId"),
                required(spanId, "spans.spanId"),
                parentSpanId,
                required(name, "spans.name"),
                required(start, "spans.start"),
                required(end, "spans.end"),
                error,
                attributes == null ? Map.of() : attributes);
    }

    private String hexadecimal(String field, int digits) throws MalformedPayloadException {
        String text = text(field, MAX_NAME_LENGTH);
        boolean valid = text.length() == digits;
        for (int i = 0; i < text.length() && valid; i++) {
            char c = text.charAt(i);
            valid = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
        }
        if (!valid) {
            throw malformed(field, "is \"" + shown(text) + "\", " + digits + " hexadecimal digits are allowed");
        }
        return text;
    }
}
