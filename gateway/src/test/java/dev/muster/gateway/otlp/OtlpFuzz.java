package dev.muster.gateway.otlp;

import dev.muster.gateway.signal.SampleBatch;
import dev.muster.gateway.signal.SpanBatch;
import dev.muster.gateway.uplink.LogEntries;
import dev.muster.protocol.AssetId;
import dev.muster.protocol.MalformedPayloadException;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import java.util.Arrays;

/** Any bytes as an OTLP request: read and written for the journal, or refused. The first byte chooses signal and encoding. */
public final class OtlpFuzz {
    private static final AssetId ASSET = new AssetId("a");
    private static final Encoding[] ENCODINGS = Encoding.values();

    private OtlpFuzz() {}

    public static void fuzzerTestOneInput(byte[] data) {
        if (data.length == 0) {
            return;
        }
        Encoding encoding = ENCODINGS[(data[0] & 1)];
        byte[] body = Arrays.copyOfRange(data, 1, data.length);
        try {
            switch ((data[0] & 0xff) / 2 % 3) {
                case 0 -> metrics(encoding, body);
                case 1 -> logs(encoding, body);
                default -> traces(encoding, body);
            }
        } catch (MalformedPayloadException refused) {
            if (refused.getMessage() == null) {
                throw new AssertionError("refused without a reason", refused);
            }
        }
    }

    private static void metrics(Encoding encoding, byte[] body) throws MalformedPayloadException {
        var request = (ExportMetricsServiceRequest) encoding.read(body, ExportMetricsServiceRequest.newBuilder());
        OtlpMetrics.Read read = OtlpMetrics.read(ASSET, request);
        requireCounted(read.refusals());
        SampleBatch.encode(read.samples(), OtlpRoutes.ENTRY_BYTES);
    }

    private static void logs(Encoding encoding, byte[] body) throws MalformedPayloadException {
        var request = (ExportLogsServiceRequest) encoding.read(body, ExportLogsServiceRequest.newBuilder());
        OtlpLogs.Read read = OtlpLogs.read(ASSET, request);
        requireCounted(read.refusals());
        LogEntries.of(read.records());
    }

    private static void traces(Encoding encoding, byte[] body) throws MalformedPayloadException {
        var request = (ExportTraceServiceRequest) encoding.read(body, ExportTraceServiceRequest.newBuilder());
        OtlpTraces.Read read = OtlpTraces.read(ASSET, request);
        requireCounted(read.refusals());
        SpanBatch.encode(read.spans(), OtlpRoutes.ENTRY_BYTES);
    }

    private static void requireCounted(Refusals refusals) {
        if (refusals.count() < 0 || (refusals.count() > 0 && refusals.message().isEmpty())) {
            throw new AssertionError(refusals.count() + " refused: " + refusals.message());
        }
    }
}
