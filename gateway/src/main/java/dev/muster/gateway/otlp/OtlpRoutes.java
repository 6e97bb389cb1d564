package dev.muster.gateway.otlp;

import com.google.protobuf.Message;
import dev.muster.gateway.https.Answer;
import dev.muster.gateway.https.Exchange;
import dev.muster.gateway.https.Route;
import dev.muster.gateway.journal.EntryKind;
import dev.muster.gateway.signal.SampleBatch;
import dev.muster.gateway.signal.SpanBatch;
import dev.muster.gateway.uplink.Deposit;
import dev.muster.gateway.uplink.LogEntries;
import dev.muster.gateway.uplink.MediaTypes;
import dev.muster.gateway.uplink.Vault;
import dev.muster.protocol.AssetId;
import dev.muster.protocol.MalformedPayloadException;
import dev.muster.protocol.PayloadFormat;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsPartialSuccess;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceResponse;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsPartialSuccess;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceResponse;
import io.opentelemetry.proto.collector.trace.v1.ExportTracePartialSuccess;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import java.util.List;

/** {@code /otlp/v1/metrics}, {@code logs} and {@code traces}: the base address for an exporter is {@code https://…:8443/otlp}. */
public final class OtlpRoutes {
    /** A journal entry of signals has about so many bytes; they are read as a whole. */
    public static final int ENTRY_BYTES = 192 * 1024;

    private final Vault vault;

    public OtlpRoutes(Vault vault) {
        this.vault = vault;
    }

    public List<Route> routes() {
        return List.of(
                Route.forAssets("otlp-metrics", HttpMethod.POST, "/otlp/v1/metrics", it -> receive(it, this::metrics)),
                Route.forAssets("otlp-logs", HttpMethod.POST, "/otlp/v1/logs", it -> receive(it, this::logs)),
                Route.forAssets("otlp-traces", HttpMethod.POST, "/otlp/v1/traces", it -> receive(it, this::traces)));
    }

    /**
     * What a request comes to.
     *
     * @param response partial success in it, when something is refused
     */
    private record Taken(List<Deposit.Item> items, Message response) {}

    private interface Signal {
        Taken take(AssetId asset, Encoding encoding, byte[] body) throws MalformedPayloadException;
    }

    private void receive(Exchange exchange, Signal signal) {
        Encoding encoding = Encoding.of(MediaTypes.plain(exchange.header(HttpHeaders.CONTENT_TYPE)));
        if (encoding == null) {
            exchange.answer(Answer.refused(
                    415,
                    "unsupported_media_type",
                    "the content type is not known, application/x-protobuf and application/json are"));
            return;
        }
        vault.receive(exchange, encoding.wording(), body -> {
            try {
                Taken taken = signal.take(exchange.asset(), encoding, body);
                Answer done = encoding.answer(200, taken.response());
                if (taken.items().isEmpty()) {
                    exchange.answerLater(done);
                } else {
                    vault.store(exchange, encoding.wording(), exchange.asset(), taken.items(), done);
                }
            } catch (MalformedPayloadException e) {
                vault.malformed("otlp");
                exchange.answerLater(encoding.wording().refused(400, "malformed", String.valueOf(e.getMessage())));
            }
        });
    }

    private Taken metrics(AssetId asset, Encoding encoding, byte[] body) throws MalformedPayloadException {
        var request = encoding.read(body, ExportMetricsServiceRequest.newBuilder());
        OtlpMetrics.Read read = OtlpMetrics.read(asset, (ExportMetricsServiceRequest) request);
        List<Deposit.Item> items = SampleBatch.encode(read.samples(), ENTRY_BYTES).stream()
                .map(entry -> item(EntryKind.SAMPLES, entry))
                .toList();
        var response = ExportMetricsServiceResponse.newBuilder();
        if (read.refusals().count() > 0) {
            response.setPartialSuccess(ExportMetricsPartialSuccess.newBuilder()
                    .setRejectedDataPoints(read.refusals().count())
                    .setErrorMessage(read.refusals().message()));
        }
        return new Taken(items, response.build());
    }

    private Taken logs(AssetId asset, Encoding encoding, byte[] body) throws MalformedPayloadException {
        var request = encoding.read(body, ExportLogsServiceRequest.newBuilder());
        OtlpLogs.Read read = OtlpLogs.read(asset, (ExportLogsServiceRequest) request);
        LogEntries entries = LogEntries.of(read.records());
        entries.refusals().forEach(why -> read.refusals().add(1, why));
        var response = ExportLogsServiceResponse.newBuilder();
        if (read.refusals().count() > 0) {
            response.setPartialSuccess(ExportLogsPartialSuccess.newBuilder()
                    .setRejectedLogRecords(read.refusals().count())
                    .setErrorMessage(read.refusals().message()));
        }
        return new Taken(entries.items(), response.build());
    }

    private Taken traces(AssetId asset, Encoding encoding, byte[] body) throws MalformedPayloadException {
        var request = encoding.read(body, ExportTraceServiceRequest.newBuilder());
        OtlpTraces.Read read = OtlpTraces.read(asset, (ExportTraceServiceRequest) request);
        List<Deposit.Item> items = SpanBatch.encode(read.spans(), ENTRY_BYTES).stream()
                .map(entry -> item(EntryKind.SPANS, entry))
                .toList();
        var response = ExportTraceServiceResponse.newBuilder();
        if (read.refusals().count() > 0) {
            response.setPartialSuccess(ExportTracePartialSuccess.newBuilder()
                    .setRejectedSpans(read.refusals().count())
                    .setErrorMessage(read.refusals().message()));
        }
        return new Taken(items, response.build());
    }

    private static Deposit.Item item(EntryKind kind, byte[] payload) {
        return new Deposit.Item(kind, "", PayloadFormat.JSON, payload, null);
    }
}
