package dev.muster.protocol;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.dataformat.cbor.CBORFactory;

/** Turns payload bytes into {@link Uplink}s and back; bounds of docs/protocol.md are checked here. */
public final class UplinkCodec {
    /** Of one message. */
    public static final int MAX_PAYLOAD_BYTES = 256 * 1024;
    /** Readings, fixes, events or log records in one message. */
    public static final int MAX_ENTRIES = 1000;
    /** Metrics in one reading, and values in {@code health}. */
    public static final int MAX_METRICS = 256;
    /** Characters of a metric's name, {@code [A-Za-z_][A-Za-z0-9_.-]*}. */
    public static final int MAX_METRIC_NAME_LENGTH = 64;
    /** Characters of any other name: keys of attributes, components, event types. */
    public static final int MAX_NAME_LENGTH = 128;
    /** Characters of a telemetry or health value that is a string. */
    public static final int MAX_METRIC_STRING_LENGTH = 1024;
    /** Characters of any other string: messages, attributes, details. */
    public static final int MAX_STRING_LENGTH = 4096;
    /** Characters of a log record's body. */
    public static final int MAX_BODY_LENGTH = 16 * 1024;
    /** Nesting of {@code config}, {@code data}, {@code attributes} and {@code detail}. */
    public static final int MAX_DEPTH = 8;
    /** Values, nested ones included, in one {@code config}, {@code data}, {@code attributes} or {@code detail}. */
    public static final int MAX_VALUES = 4096;
    /** Capabilities in a hello. */
    public static final int MAX_CAPABILITIES = 64;
    /** Spans in a command's result. */
    public static final int MAX_SPANS = 32;
    /** Characters of a number in JSON. */
    public static final int MAX_NUMBER_LENGTH = 64;
    /** 2001-09-09: whoever sends seconds instead of milliseconds is below. */
    public static final long MIN_TS = 1_000_000_000_000L;
    /** 2100-01-01. */
    public static final long MAX_TS = 4_102_444_800_000L;

    /** Beyond the own bounds, so that the own messages come first; unknown fields are skipped within these. */
    private static final StreamReadConstraints PARSER_BOUNDS = StreamReadConstraints.builder()
            .maxNestingDepth(MAX_DEPTH * 4)
            .maxNumberLength(MAX_NUMBER_LENGTH)
            .maxNameLength(MAX_NAME_LENGTH * 4)
            .maxStringLength(MAX_PAYLOAD_BYTES)
            .build();

    static final TokenStreamFactory JSON =
            JsonFactory.builder().streamReadConstraints(PARSER_BOUNDS).build();
    static final TokenStreamFactory CBOR =
            CBORFactory.builder().streamReadConstraints(PARSER_BOUNDS).build();

    private static final Uplink.Heartbeat BARE_HEARTBEAT = new Uplink.Heartbeat(null, null, Map.of());

    private UplinkCodec() {}

    /**
     * @param subtopic the command id of a command result, else empty
     * @throws MalformedPayloadException naming the field, what was found and what is allowed
     */
    public static Uplink decode(UplinkKind kind, String subtopic, PayloadFormat format, byte[] payload)
            throws MalformedPayloadException {
        if (payload.length > MAX_PAYLOAD_BYTES) {
            throw new MalformedPayloadException(
                    "payload is " + payload.length + " bytes, at most " + MAX_PAYLOAD_BYTES + " are allowed");
        }
        if (payload.length == 0) {
            if (kind == UplinkKind.HEARTBEAT) {
                return BARE_HEARTBEAT;
            }
            throw new MalformedPayloadException("payload is empty, " + format + " is expected");
        }
        if (kind == UplinkKind.TELEMETRY && format == PayloadFormat.JSON) {
            Uplink.Telemetry plain = PlainTelemetry.read(payload);
            if (plain != null) {
                return plain;
            }
        }
        return decodeAny(kind, subtopic, format, payload);
    }

    /** All that {@link PlainTelemetry} does not take, and that too. */
    static Uplink decodeAny(UplinkKind kind, String subtopic, PayloadFormat format, byte[] payload)
            throws MalformedPayloadException {
        try (var reader = new UplinkReader(factory(format).createParser(ObjectReadContext.empty(), payload))) {
            Uplink uplink = read(reader, kind, subtopic);
            reader.end();
            return uplink;
        } catch (StreamConstraintsException e) {
            throw new MalformedPayloadException("payload is nested deeper than " + MAX_DEPTH * 4
                    + " levels, or has a number longer than " + MAX_NUMBER_LENGTH + " or a name longer than "
                    + MAX_NAME_LENGTH * 4 + " characters");
        } catch (JacksonException e) {
            throw new MalformedPayloadException(
                    "payload is not readable as " + format + ": " + FieldReader.shown(e.getOriginalMessage()));
        }
    }

    private static Uplink read(UplinkReader reader, UplinkKind kind, String subtopic) throws MalformedPayloadException {
        return switch (kind) {
            case HELLO -> reader.hello();
            case HEARTBEAT -> reader.heartbeat();
            case TELEMETRY -> new Uplink.Telemetry(reader.entries("telemetry", UplinkReader::reading));
            case POSITION -> new Uplink.Positions(reader.entries("position", UplinkReader::fix));
            case STATE_REPORTED -> reader.stateReport();
            case EVENTS -> new Uplink.Events(reader.entries("event", UplinkReader::event));
            case LOGS -> new Uplink.Logs(reader.entries("log", UplinkReader::logRecord));
            case COMMAND_RESULT -> reader.commandResult(subtopic);
        };
    }

    /** The inverse of {@link #decode}. */
    public static byte[] encode(Uplink uplink, PayloadFormat format) {
        return UplinkWriter.write(uplink, factory(format));
    }

    private static TokenStreamFactory factory(PayloadFormat format) {
        return switch (format) {
            case JSON -> JSON;
            case CBOR -> CBOR;
        };
    }

    /** Names of the statuses and severities on the wire, for messages. */
    static String wireNames(Enum<?>[] values) {
        return String.join(
                ", ", Arrays.stream(values).map(UplinkCodec::wireName).toList());
    }

    static String wireName(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
