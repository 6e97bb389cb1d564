package dev.muster.gateway.logs;

import dev.muster.protocol.MalformedPayloadException;
import dev.muster.protocol.Severity;
import dev.muster.protocol.Uplink;
import dev.muster.protocol.UplinkCodec;
import io.vertx.core.json.JsonObject;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

/**
 * Log lines in JSON, an array or one after another. Where the time, the text and the severity stand differs by program:
 *
 * <pre>
 * Vector       timestamp (RFC 3339)     message   severity, level
 * Fluent Bit   date (seconds.fraction)  log       level, severity   (or a format of its own choice)
 * Fluentd      time, if it is added     message   level
 * </pre>
 *
 * <p>All other fields are attributes. A line without a text is its own JSON.
 */
final class ShippedLogs {
    static final int MAX_LINES = 20_000;

    private static final List<String> TIMES = List.of("timestamp", "@timestamp", "date", "time", "ts");
    private static final List<String> TEXTS = List.of("message", "log", "msg", "body", "MESSAGE");
    private static final List<String> SEVERITIES = List.of("severity", "level", "log_level", "PRIORITY");
    private static final int MAX_FIELDS = 128;
    private static final int MAX_DEPTH = 6;
    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(64)
                    .maxNumberLength(64)
                    .build())
            .build();

    private ShippedLogs() {}

    static List<Uplink.LogRecord> read(byte[] body) throws MalformedPayloadException {
        List<Uplink.LogRecord> lines = new ArrayList<>();
        try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), body)) {
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                if (token == JsonToken.START_OBJECT) {
                    if (lines.size() == MAX_LINES) {
                        throw new MalformedPayloadException("the request has more than " + MAX_LINES + " lines");
                    }
                    lines.add(line(object(parser, 0)));
                } else if (token != JsonToken.START_ARRAY && token != JsonToken.END_ARRAY) {
                    throw new MalformedPayloadException("line " + lines.size() + " is not an object");
                }
            }
        } catch (JacksonException e) {
            throw new MalformedPayloadException(
                    "line " + lines.size() + " is not readable as JSON: " + e.getOriginalMessage());
        }
        return lines;
    }

    private static Map<String, Object> object(JsonParser parser, int depth) {
        Map<String, Object> fields = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = name(parser.currentName());
            parser.nextToken();
            Object value = value(parser, depth + 1);
            if (value != null && fields.size() < MAX_FIELDS) {
                fields.put(name, value);
            }
        }
        return fields;
    }

    private static @Nullable Object value(JsonParser parser, int depth) {
        return switch (parser.currentToken()) {
            case START_OBJECT -> bounded(object(parser, depth), depth);
            case START_ARRAY -> {
                List<Object> list = new ArrayList<>();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    Object each = value(parser, depth + 1);
                    if (each != null && list.size() < MAX_FIELDS) {
                        list.add(each);
                    }
                }
                yield bounded(list, depth);
            }
            case VALUE_STRING -> parser.getString();
            case VALUE_NUMBER_INT -> {
                String text = parser.getString();
                try {
                    yield (Object) Long.parseLong(text);
                } catch (NumberFormatException beyond) {
                    yield text;
                }
            }
            case VALUE_NUMBER_FLOAT -> {
                double number = Double.parseDouble(parser.getString());
                yield Double.isFinite(number) ? (Object) number : parser.getString();
            }
            case VALUE_TRUE -> Boolean.TRUE;
            case VALUE_FALSE -> Boolean.FALSE;
            default -> null;
        };
    }

    /** What is nested too deep is left out. */
    private static @Nullable Object bounded(Object value, int depth) {
        return depth > MAX_DEPTH ? null : value;
    }

    private static Uplink.LogRecord line(Map<String, Object> fields) {
        Map<String, Object> attributes = new LinkedHashMap<>(fields);
        Long ts = null;
        for (String name : TIMES) {
            ts = ts == null ? time(fields.get(name)) : ts;
            if (ts != null && attributes.containsKey(name)) {
                attributes.remove(name);
                break;
            }
        }
        String text = null;
        for (String name : TEXTS) {
            if (text == null && fields.get(name) instanceof String found) {
                text = found;
                attributes.remove(name);
            }
        }
        Severity severity = null;
        for (String name : SEVERITIES) {
            Severity found = severity == null ? severity(fields.get(name)) : null;
            if (found != null) {
                severity = found;
                attributes.remove(name);
            }
        }
        String body = text == null ? json(fields) : text;
        if (body.length() > UplinkCodec.MAX_BODY_LENGTH) {
            attributes.put("truncated", true);
        }
        return new Uplink.LogRecord(
                ts,
                severity == null ? Severity.INFO : severity,
                cut(body, UplinkCodec.MAX_BODY_LENGTH),
                text == null ? Map.of() : shortened(attributes));
    }

    /** RFC 3339, or seconds since the epoch with a fraction, or milliseconds. */
    private static @Nullable Long time(@Nullable Object value) {
        Long millis = switch (value) {
            case Double seconds -> seconds < 1e11 ? (Long) Math.round(seconds * 1000) : (Long) Math.round(seconds);
            case Long number -> number < 100_000_000_000L ? (Long) (number * 1000) : number;
            case String text -> {
                try {
                    yield (Long) OffsetDateTime.parse(text).toInstant().toEpochMilli();
                } catch (DateTimeParseException e) {
                    yield null;
                }
            }
            case null, default -> null;
        };
        return millis != null && millis >= UplinkCodec.MIN_TS && millis <= UplinkCodec.MAX_TS ? millis : null;
    }

    /** By name, or by the number of syslog. */
    private static @Nullable Severity severity(@Nullable Object value) {
        if (value == null) {
            return null;
        }
        return switch (value.toString().toLowerCase(Locale.ROOT)) {
            case "trace" -> Severity.TRACE;
            case "debug", "7" -> Severity.DEBUG;
            case "info", "informational", "notice", "6", "5" -> Severity.INFO;
            case "warn", "warning", "4" -> Severity.WARN;
            case "error", "err", "3" -> Severity.ERROR;
            case "fatal", "critical", "crit", "alert", "emerg", "panic", "2", "1", "0" -> Severity.FATAL;
            default -> null;
        };
    }

    private static Map<String, Object> shortened(Map<String, Object> fields) {
        Map<String, Object> kept = new LinkedHashMap<>();
        fields.forEach((name, value) -> kept.put(name, shortened(value)));
        return kept;
    }

    private static Object shortened(Object value) {
        return switch (value) {
            case String text -> cut(text, UplinkCodec.MAX_STRING_LENGTH);
            case Map<?, ?> map -> {
                Map<String, Object> kept = new LinkedHashMap<>();
                map.forEach((name, each) -> kept.put((String) name, shortened(each)));
                yield kept;
            }
            case List<?> list -> list.stream().map(ShippedLogs::shortened).toList();
            default -> value;
        };
    }

    private static String json(Map<String, Object> fields) {
        return new JsonObject(fields).encode();
    }

    private static String name(String text) {
        String clean = text.isEmpty() ? "_" : text.replaceAll("[\\x00-\\x1f\\x7f\\ud800-\\udfff]", "_");
        return cut(clean, UplinkCodec.MAX_NAME_LENGTH);
    }

    private static String cut(String text, int longest) {
        if (text.length() <= longest) {
            return text;
        }
        return text.substring(0, Character.isHighSurrogate(text.charAt(longest - 1)) ? longest - 1 : longest);
    }
}
