package dev.muster.protocol;

import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.TokenStreamFactory;

/** Writes one uplink as JSON or CBOR, in the form that {@link UplinkReader} reads back to an equal one. */
final class UplinkWriter {
    private final JsonGenerator out;

    private UplinkWriter(JsonGenerator out) {
        this.out = out;
    }

    static byte[] write(Uplink uplink, TokenStreamFactory factory) {
        var bytes = new ByteArrayOutputStream(128);
        try (JsonGenerator generator = factory.createGenerator(ObjectWriteContext.empty(), bytes)) {
            new UplinkWriter(generator).write(uplink);
        }
        return bytes.toByteArray();
    }

    private void write(Uplink uplink) {
        switch (uplink) {
            case Uplink.Hello hello -> write(hello);
            case Uplink.Heartbeat heartbeat -> write(heartbeat);
            case Uplink.Telemetry(List<Uplink.Reading> readings) -> entries(readings, UplinkWriter::write);
            case Uplink.Positions(List<Uplink.Fix> fixes) -> entries(fixes, UplinkWriter::write);
            case Uplink.StateReport report -> write(report);
            case Uplink.Events(List<Uplink.Event> events) -> entries(events, UplinkWriter::write);
            case Uplink.Logs(List<Uplink.LogRecord> records) -> entries(records, UplinkWriter::write);
            case Uplink.CommandResult result -> write(result);
        }
    }

    private <T> void entries(List<T> entries, BiConsumer<UplinkWriter, T> entry) {
        if (entries.size() == 1) {
            entry.accept(this, entries.getFirst());
            return;
        }
        out.writeStartArray();
        for (T each : entries) {
            entry.accept(this, each);
        }
        out.writeEndArray();
    }

    private void write(Uplink.Hello hello) {
        out.writeStartObject();
        out.writeName("protocol").writeNumber(hello.protocol());
        field("agent", hello.agent());
        if (!hello.capabilities().isEmpty()) {
            field("capabilities", hello.capabilities());
        }
        out.writeEndObject();
    }

    private void write(Uplink.Heartbeat heartbeat) {
        out.writeStartObject();
        field("ts", heartbeat.ts());
        field("seq", heartbeat.seq());
        map("health", heartbeat.health());
        out.writeEndObject();
    }

    private void write(Uplink.Reading reading) {
        out.writeStartObject();
        field("ts", reading.ts());
        field("values", reading.values());
        out.writeEndObject();
    }

    private void write(Uplink.Fix fix) {
        out.writeStartObject();
        field("ts", fix.ts());
        field("lat", fix.lat());
        field("lon", fix.lon());
        field("alt", fix.alt());
        field("speed", fix.speed());
        field("heading", fix.heading());
        field("accuracy", fix.accuracy());
        field("fix", fix.fix());
        out.writeEndObject();
    }

    private void write(Uplink.StateReport report) {
        out.writeStartObject();
        field("ts", report.ts());
        field("generation", report.generation());
        map("config", report.config());
        map("software", report.software());
        if (!report.updates().isEmpty()) {
            out.writeName("updates").writeStartObject();
            report.updates().forEach(this::write);
            out.writeEndObject();
        }
        if (report.rejected() != null) {
            out.writeName("rejected").writeStartObject();
            field("generation", report.rejected().generation());
            field("reason", report.rejected().reason());
            out.writeEndObject();
        }
        field("bootId", report.bootId());
        out.writeEndObject();
    }

    private void write(String component, Uplink.Update update) {
        out.writeName(component).writeStartObject();
        field("version", update.version());
        field("state", UplinkCodec.wireName(update.state()));
        field("progress", update.progress());
        field("reason", update.reason());
        field("previous", update.previous());
        field("attempt", update.attempt());
        out.writeEndObject();
    }

    private void write(Uplink.Event event) {
        out.writeStartObject();
        field("ts", event.ts());
        field("type", event.type());
        field("severity", UplinkCodec.wireName(event.severity()));
        field("message", event.message());
        map("data", event.data());
        out.writeEndObject();
    }

    private void write(Uplink.LogRecord logRecord) {
        out.writeStartObject();
        field("ts", logRecord.ts());
        field("severity", UplinkCodec.wireName(logRecord.severity()));
        field("body", logRecord.body());
        map("attributes", logRecord.attributes());
        out.writeEndObject();
    }

    private void write(Uplink.CommandResult result) {
        out.writeStartObject();
        field("status", UplinkCodec.wireName(result.status()));
        field("detail", result.detail());
        if (!result.spans().isEmpty()) {
            out.writeName("spans").writeStartArray();
            result.spans().forEach(this::write);
            out.writeEndArray();
        }
        out.writeEndObject();
    }

    private void write(Uplink.Span span) {
        out.writeStartObject();
        field("traceId", span.traceId());
        field("spanId", span.spanId());
        field("parentSpanId", span.parentSpanId());
        field("name", span.name());
        field("start", span.start());
        field("end", span.end());
        field("error", span.error());
        map("attributes", span.attributes());
        out.writeEndObject();
    }

    private void map(String name, Map<String, ?> values) {
        if (!values.isEmpty()) {
            field(name, values);
        }
    }

    private void field(String name, @Nullable Object value) {
        if (value != null) {
            out.writeName(name);
            value(value);
        }
    }

    private void value(Object value) {
        switch (value) {
            case String text -> out.writeString(text);
            case Boolean truth -> out.writeBoolean(truth);
            case Double number -> out.writeNumber(number);
            case Long number -> out.writeNumber(number);
            case Integer number -> out.writeNumber(number);
            case Map<?, ?> map -> {
                out.writeStartObject();
                map.forEach((key, inner) -> field((String) key, inner));
                out.writeEndObject();
            }
            case List<?> list -> {
                out.writeStartArray();
                list.forEach(this::value);
                out.writeEndArray();
            }
            default ->
                throw new IllegalArgumentException("a value of " + value.getClass()
                        + " cannot be encoded; strings, booleans, doubles, longs, maps and lists can");
        }
    }
}
