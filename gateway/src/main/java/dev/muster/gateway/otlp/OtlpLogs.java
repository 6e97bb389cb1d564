package dev.muster.gateway.otlp;

import dev.muster.protocol.AssetId;
import dev.muster.protocol.Severity;
import dev.muster.protocol.Uplink;
import dev.muster.protocol.UplinkCodec;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.ResourceLogs;
import io.opentelemetry.proto.logs.v1.ScopeLogs;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Log records as those of docs/protocol.md. Beside its own attributes a record gets {@code trace_id}, {@code span_id}, {@code
 * event_name}, {@code scope}, {@code resource} and {@code ns}, what of its time is finer than a millisecond: without it two
 * equal records of one millisecond were one.
 */
final class OtlpLogs {
    private static final long NANOS_PER_MILLI = 1_000_000;

    private OtlpLogs() {}

    record Read(List<Uplink.LogRecord> records, Refusals refusals) {}

    static Read read(AssetId asset, ExportLogsServiceRequest request) {
        List<Uplink.LogRecord> records = new ArrayList<>();
        Refusals refusals = new Refusals();
        for (ResourceLogs resource : request.getResourceLogsList()) {
            var attributes = resource.getResource().getAttributesList();
            long count = resource.getScopeLogsList().stream()
                    .mapToLong(ScopeLogs::getLogRecordsCount)
                    .sum();
            if (!refusals.isOwn(asset, attributes, count)) {
                continue;
            }
            Map<String, Object> about = Values.map(attributes, UplinkCodec.MAX_STRING_LENGTH, 1);
            about.remove("asset.id");
            for (ScopeLogs scope : resource.getScopeLogsList()) {
                for (LogRecord each : scope.getLogRecordsList()) {
                    long nanos = each.getTimeUnixNano() != 0 ? each.getTimeUnixNano() : each.getObservedTimeUnixNano();
                    long ts = Long.divideUnsigned(nanos, NANOS_PER_MILLI);
                    if (nanos != 0 && (ts < UplinkCodec.MIN_TS || ts > UplinkCodec.MAX_TS)) {
                        refusals.add(
                                1,
                                "a log record has the time " + Long.toUnsignedString(nanos)
                                        + " ns, which is not from 2001 to 2100");
                    } else {
                        records.add(record(each, scope.getScope().getName(), about, nanos));
                    }
                }
            }
        }
        return new Read(records, refusals);
    }

    private static Uplink.LogRecord record(LogRecord record, String scope, Map<String, Object> resource, long nanos) {
        Map<String, Object> attributes =
                new LinkedHashMap<>(Values.map(record.getAttributesList(), UplinkCodec.MAX_STRING_LENGTH, 1));
        String body = Values.text(record.getBody(), UplinkCodec.MAX_BODY_LENGTH + 1);
        if (body.length() > UplinkCodec.MAX_BODY_LENGTH) {
            attributes.put("truncated", true);
        }
        if (!record.getEventName().isEmpty()) {
            attributes.put("event_name", Values.cut(record.getEventName(), UplinkCodec.MAX_STRING_LENGTH));
        }
        if (record.getTraceId().size() == 16) {
            attributes.put(
                    "trace_id", HexFormat.of().formatHex(record.getTraceId().toByteArray()));
        }
        if (record.getSpanId().size() == 8) {
            attributes.put(
                    "span_id", HexFormat.of().formatHex(record.getSpanId().toByteArray()));
        }
        if (!scope.isEmpty()) {
            attributes.put("scope", Values.cut(scope, UplinkCodec.MAX_STRING_LENGTH));
        }
        if (!resource.isEmpty()) {
            attributes.put("resource", resource);
        }
        long rest = Long.remainderUnsigned(nanos, NANOS_PER_MILLI);
        if (rest != 0) {
            attributes.put("ns", rest);
        }
        return new Uplink.LogRecord(
                nanos == 0 ? null : Long.divideUnsigned(nanos, NANOS_PER_MILLI),
                severity(record),
                Values.cut(body, UplinkCodec.MAX_BODY_LENGTH),
                attributes);
    }

    /** Four numbers for each; by its text where there is no number. */
    private static Severity severity(LogRecord record) {
        int number = record.getSeverityNumberValue();
        if (number >= 1 && number <= 24) {
            return Severity.values()[(number - 1) / 4];
        }
        return switch (record.getSeverityText().toLowerCase(Locale.ROOT)) {
            case "trace" -> Severity.TRACE;
            case "debug" -> Severity.DEBUG;
            case "warn", "warning" -> Severity.WARN;
            case "error", "err" -> Severity.ERROR;
            case "fatal", "critical", "emerg", "alert" -> Severity.FATAL;
            default -> Severity.INFO;
        };
    }
}
