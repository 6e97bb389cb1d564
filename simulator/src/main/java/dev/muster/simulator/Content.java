package dev.muster.simulator;

import dev.muster.protocol.Uplink;
import dev.muster.protocol.Uplink.Event;
import dev.muster.protocol.Uplink.Fix;
import dev.muster.protocol.Uplink.LogRecord;
import dev.muster.protocol.Uplink.Reading;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What an asset said of one moment, in one spelling and hashed: whoever reads it back from a server can tell whether it is the same,
 * value by value. The spelling: fields by name in order, numbers as doubles; absent and empty are the same.
 */
public record Content(long ts, String hash) {
    private static final int HASH_BYTES = 8;

    /** The moments that a message speaks of; none of one that nobody asks back by its time. */
    public static List<Content> of(Uplink uplink) {
        return switch (uplink) {
            case Uplink.Telemetry(var readings) ->
                readings.stream().map(Content::of).toList();
            case Uplink.Positions(var fixes) -> fixes.stream().map(Content::of).toList();
            case Uplink.Events(var events) -> events.stream().map(Content::of).toList();
            case Uplink.Logs(var records) -> records.stream().map(Content::of).toList();
            case Uplink.Hello _, Uplink.Heartbeat _, Uplink.StateReport _, Uplink.CommandResult _ -> List.of();
        };
    }

    public static Content of(Reading reading) {
        return content(reading.ts(), reading.values());
    }

    public static Content of(Fix fix) {
        Map<String, @Nullable Object> fields = new TreeMap<>();
        fields.put("lat", fix.lat());
        fields.put("lon", fix.lon());
        fields.put("alt", fix.alt());
        fields.put("speed", fix.speed());
        fields.put("heading", fix.heading());
        fields.put("accuracy", fix.accuracy());
        fields.put("fix", fix.fix());
        return content(fix.ts(), fields);
    }

    public static Content of(Event event) {
        Map<String, @Nullable Object> fields = new TreeMap<>();
        fields.put("type", event.type());
        fields.put("severity", event.severity().name());
        fields.put("message", event.message());
        fields.put("data", event.data());
        return content(event.ts(), fields);
    }

    public static Content of(LogRecord line) {
        Map<String, @Nullable Object> fields = new TreeMap<>();
        fields.put("severity", line.severity().name());
        fields.put("body", line.body());
        fields.put("attributes", line.attributes());
        return content(line.ts(), fields);
    }

    private static Content content(@Nullable Long ts, Map<String, ?> fields) {
        StringBuilder text = new StringBuilder();
        spell(fields, text);
        return new Content(Objects.requireNonNull(ts, "the simulator gives every moment its time"), hash(text));
    }

    private static void spell(@Nullable Object value, StringBuilder text) {
        switch (value) {
            case null -> text.append('-');
            case Map<?, ?> fields -> {
                text.append('{');
                Map<String, Object> sorted = new TreeMap<>();
                fields.forEach((name, field) -> {
                    if (field != null && !(field instanceof Map<?, ?> inner && inner.isEmpty())) {
                        sorted.put(String.valueOf(name), field);
                    }
                });
                sorted.forEach((name, field) -> {
                    text.append(name).append('=');
                    spell(field, text);
                    text.append('\n');
                });
                text.append('}');
            }
            case List<?> list -> {
                text.append('[');
                list.forEach(each -> {
                    spell(each, text);
                    text.append('\n');
                });
                text.append(']');
            }
            case Number number -> text.append(number.doubleValue() + 0.0); // no negative zero
            default -> text.append(value);
        }
    }

    private static String hash(StringBuilder text) {
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256").digest(text.toString().getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, HASH_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
