package dev.muster.gateway.otlp;

import com.google.protobuf.ByteString;
import dev.muster.gateway.signal.Span;
import dev.muster.protocol.AssetId;
import dev.muster.protocol.UplinkCodec;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Spans as ours: ids as numbers, the rest as JSON. */
final class OtlpTraces {
    private static final int MAX_EVENTS = 128;

    private OtlpTraces() {}

    record Read(List<Span> spans, Refusals refusals) {}

    static Read read(AssetId asset, ExportTraceServiceRequest request) {
        List<Span> spans = new ArrayList<>();
        Refusals refusals = new Refusals();
        for (ResourceSpans resource : request.getResourceSpansList()) {
            var attributes = resource.getResource().getAttributesList();
            long count = resource.getScopeSpansList().stream()
                    .mapToLong(ScopeSpans::getSpansCount)
                    .sum();
            if (!refusals.isOwn(asset, attributes, count)) {
                continue;
            }
            Map<String, Object> about = Values.map(attributes, Span.MAX_TEXT_LENGTH, 1);
            about.remove("asset.id");
            String json = bounded(about, "{}");
            String service = String.valueOf(about.getOrDefault("service.name", ""));
            for (ScopeSpans scope : resource.getScopeSpansList()) {
                for (io.opentelemetry.proto.trace.v1.Span each : scope.getSpansList()) {
                    String problem = problem(each);
                    if (problem == null) {
                        spans.add(span(each, scope.getScope().getName(), service, json));
                    } else {
                        refusals.add(1, problem);
                    }
                }
            }
        }
        return new Read(spans, refusals);
    }

    private static @Nullable String problem(io.opentelemetry.proto.trace.v1.Span span) {
        if (span.getTraceId().size() != 16 || span.getSpanId().size() != 8 || number(span.getSpanId(), 0) == 0) {
            return "a span has a trace id of " + span.getTraceId().size() + " bytes and a span id of "
                    + span.getSpanId().size() + ", 16 and 8, not all zero, are needed";
        }
        if (!isTime(span.getStartTimeUnixNano()) || !isTime(span.getEndTimeUnixNano())) {
            return "span " + HexFormat.of().formatHex(span.getSpanId().toByteArray())
                    + " begins or ends at a time that is not from 2001 to 2100";
        }
        return null;
    }

    private static boolean isTime(long nanos) {
        long millis = Long.divideUnsigned(nanos, 1_000_000);
        return millis >= UplinkCodec.MIN_TS && millis <= UplinkCodec.MAX_TS;
    }

    private static Span span(io.opentelemetry.proto.trace.v1.Span span, String scope, String service, String resource) {
        Map<String, Object> attributes =
                new LinkedHashMap<>(Values.map(span.getAttributesList(), Span.MAX_TEXT_LENGTH, 1));
        if (!scope.isEmpty()) {
            attributes.put("otel.scope.name", Values.cut(scope, Span.MAX_TEXT_LENGTH));
        }
        return new Span(
                number(span.getTraceId(), 0),
                number(span.getTraceId(), 8),
                number(span.getSpanId(), 0),
                span.getParentSpanId().size() == 8 ? number(span.getParentSpanId(), 0) : 0,
                Values.cut(span.getName(), Span.MAX_TEXT_LENGTH),
                span.getKindValue(),
                span.getStartTimeUnixNano(),
                span.getEndTimeUnixNano(),
                span.getStatus().getCodeValue(),
                Values.cut(span.getStatus().getMessage(), Span.MAX_TEXT_LENGTH),
                Values.cut(service, Span.MAX_TEXT_LENGTH),
                bounded(attributes, "{}"),
                resource,
                bounded(events(span), "[]"),
                bounded(links(span), "[]"));
    }

    private static List<Object> events(io.opentelemetry.proto.trace.v1.Span span) {
        List<Object> events = new ArrayList<>();
        for (var event : span.getEventsList()) {
            if (events.size() < MAX_EVENTS) {
                events.add(Map.of(
                        "timeNanos", event.getTimeUnixNano(),
                        "name", Values.cut(event.getName(), Span.MAX_TEXT_LENGTH),
                        "attributes", Values.map(event.getAttributesList(), Span.MAX_TEXT_LENGTH, 1)));
            }
        }
        return events;
    }

    private static List<Object> links(io.opentelemetry.proto.trace.v1.Span span) {
        List<Object> links = new ArrayList<>();
        for (var link : span.getLinksList()) {
            if (links.size() < MAX_EVENTS) {
                links.add(Map.of(
                        "traceId", HexFormat.of().formatHex(link.getTraceId().toByteArray()),
                        "spanId", HexFormat.of().formatHex(link.getSpanId().toByteArray()),
                        "attributes", Values.map(link.getAttributesList(), Span.MAX_TEXT_LENGTH, 1)));
            }
        }
        return links;
    }

    /** What is too much is left out as a whole: half of a document is none. */
    private static String bounded(Object value, String otherwise) {
        String json = Values.json(value);
        return json.length() <= Span.MAX_JSON_LENGTH ? json : otherwise;
    }

    private static long number(ByteString bytes, int from) {
        return bytes.substring(from, from + 8).asReadOnlyByteBuffer().getLong();
    }
}
