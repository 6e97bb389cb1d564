package dev.muster.gateway.otlp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.gateway.journal.EntryKind;
import dev.muster.gateway.signal.SampleBatch;
import dev.muster.gateway.signal.SampleBatch.Sample;
import dev.muster.gateway.signal.Series;
import dev.muster.gateway.signal.Span;
import dev.muster.gateway.signal.SpanBatch;
import dev.muster.gateway.testing.TestHttps;
import dev.muster.protocol.Severity;
import dev.muster.protocol.Uplink;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceResponse;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** OTLP/HTTP as its specification says, in JSON as its examples have it. The SDK itself speaks protobuf in the server's tests. */
class OtlpRoutesTest {
    private static final String RESOURCE =
            "\"resource\":{\"attributes\":[{\"key\":\"service.name\",\"value\":{\"stringValue\":\"my.service\"}}]}";

    private final TestHttps plane = new TestHttps(it -> it);
    private final HttpClient pump = plane.client(TestHttps.PKI.asset("pump-7"));

    @AfterEach
    void close() throws Exception {
        plane.close();
    }

    @Test
    void metricsInJsonAreSamples() throws Exception {
        HttpResponse<String> answer = json("metrics", """
                {"resourceMetrics":[{%s,"scopeMetrics":[{"scope":{"name":"lib"},"metrics":[
                 {"name":"my.counter","unit":"1","sum":{"aggregationTemporality":2,"isMonotonic":true,"dataPoints":[
                  {"asInt":"5","timeUnixNano":"1764000000000000000","attributes":[{"key":"n","value":{"intValue":"3"}}]}]}},
                 {"name":"my.gauge","gauge":{"dataPoints":[{"asDouble":10.5,"timeUnixNano":1764000000000000000}]}},
                 {"name":"my.histogram","histogram":{"aggregationTemporality":"AGGREGATION_TEMPORALITY_DELTA","dataPoints":[
                  {"timeUnixNano":"1764000000000000000","count":"3","sum":6,"bucketCounts":["1","2"],"explicitBounds":[1]}]}}
                ]}],"unknown":{"field":[1,{"a":null}]}}]}""".formatted(RESOURCE));
        assertThat(answer.body()).isEqualTo("{}");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("content-type")).contains("application/json");
        long ts = 1_764_000_000_000L;
        assertThat(samples())
                .containsExactly(
                        sample("my.counter", Series.Kind.COUNTER, "1", ts, 5, "n", "3"),
                        sample("my.gauge", Series.Kind.GAUGE, "", ts, 10.5),
                        sample("my.histogram_bucket", Series.Kind.DELTA, "", ts, 1, "le", "1"),
                        sample("my.histogram_bucket", Series.Kind.DELTA, "", ts, 3, "le", "+Inf"),
                        sample("my.histogram_count", Series.Kind.DELTA, "", ts, 3),
                        sample("my.histogram_sum", Series.Kind.DELTA, "", ts, 6));
    }

    @Test
    void logsInJsonAreLogRecords() throws Exception {
        HttpResponse<String> answer = json("logs", """
                {"resourceLogs":[{%s,"scopeLogs":[{"logRecords":[{"timeUnixNano":"1764000000000000007",
                 "severityNumber":17,"severityText":"Error","traceId":"5B8EFFF798038103D269B633813FC60C",
                 "spanId":"EEE19B7EC3C1B174","body":{"stringValue":"Example"},
                 "attributes":[{"key":"map","value":{"kvlistValue":{"values":[{"key":"a","value":{"boolValue":true}}]}}}]}]}]}]}""".formatted(RESOURCE));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(plane.journal.uplinks())
                .containsExactly(new Uplink.Logs(List.of(new Uplink.LogRecord(
                        1_764_000_000_000L,
                        Severity.ERROR,
                        "Example",
                        Map.of(
                                "map",
                                Map.of("a", true),
                                "trace_id",
                                "5b8efff798038103d269b633813fc60c",
                                "span_id",
                                "eee19b7ec3c1b174",
                                "resource",
                                Map.of("service.name", "my.service"),
                                "ns",
                                7L)))));
    }

    @Test
    void tracesInJsonAreSpansAndABadOneIsRefusedAlone() throws Exception {
        HttpResponse<String> answer = json("traces", """
                {"resourceSpans":[{%s,"scopeSpans":[{"scope":{"name":"lib"},"spans":[
                 {"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","parentSpanId":"eee19b7ec3c1b173",
                  "name":"I'm a server span","startTimeUnixNano":"1764000000000000000","endTimeUnixNano":"1764000001000000000",
                  "kind":2,"status":{"code":2},"attributes":[{"key":"k","value":{"arrayValue":{"values":[{"intValue":1}]}}}]},
                 {"traceId":"","spanId":"eee19b7ec3c1b174","name":"without a trace"}]}]}]}""".formatted(RESOURCE));
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body())
                .isEqualTo(
                        "{\"partialSuccess\":{\"rejectedSpans\":\"1\",\"errorMessage\":\"a span has a trace id of 0 bytes"
                                + " and a span id of 8, 16 and 8, not all zero, are needed\"}}");
        assertThat(plane.journal.entries(entry -> entry.kind() == EntryKind.SPANS).stream()
                        .flatMap(entry -> SpanBatch.decode(entry.payload()).spans().stream()))
                .containsExactly(new Span(
                        0x5b8efff798038103L,
                        0xd269b633813fc60cL,
                        0xeee19b7ec3c1b174L,
                        0xeee19b7ec3c1b173L,
                        "I'm a server span",
                        2,
                        1_764_000_000_000_000_000L,
                        1_764_000_001_000_000_000L,
                        2,
                        "",
                        "my.service",
                        "{\"k\":[1],\"otel.scope.name\":\"lib\"}",
                        "{\"service.name\":\"my.service\"}",
                        "[]",
                        "[]"));
    }

    @Test
    void anAssetThatSpeaksForAnotherIsToldSo() throws Exception {
        String foreign = RESOURCE.replace("service.name", "asset.id").replace("my.service", "pump-8");
        HttpResponse<String> answer = json("metrics", """
                {"resourceMetrics":[{%s,"scopeMetrics":[{"metrics":[{"name":"a","gauge":{"dataPoints":[{"asInt":1},{"asInt":2}]}}]}]}]}""".formatted(foreign));
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body())
                .isEqualTo(
                        "{\"partialSuccess\":{\"rejectedDataPoints\":\"2\",\"errorMessage\":\"the resource's asset.id is"
                                + " pump-8, the certificate is that of pump-7; an asset speaks for itself only (first of 2)\"}}");
        assertThat(plane.stored()).isEmpty();

        var protobuf = ExportMetricsServiceRequest.newBuilder();
        OtlpJson.read(
                "{\"resourceMetrics\":[{%s,\"scopeMetrics\":[{\"metrics\":[{\"name\":\"a\",\"gauge\":{\"dataPoints\":[{\"asInt\":1}]}}]}]}]}"
                        .formatted(foreign)
                        .getBytes(UTF_8),
                protobuf);
        HttpResponse<byte[]> binary = pump.send(
                java.net.http.HttpRequest.newBuilder(
                                java.net.URI.create("https://127.0.0.1:" + plane.port() + "/otlp/v1/metrics"))
                        .header("Content-Type", "application/x-protobuf")
                        .POST(java.net.http.HttpRequest.BodyPublishers.ofByteArray(
                                protobuf.build().toByteArray()))
                        .build(),
                HttpResponse.BodyHandlers.ofByteArray());
        assertThat(ExportMetricsServiceResponse.parseFrom(binary.body())
                        .getPartialSuccess()
                        .getRejectedDataPoints())
                .isEqualTo(1);
    }

    @Test
    void failuresAreAStatusInTheEncodingOfTheRequestAndSayWhetherToRetry() throws Exception {
        HttpResponse<String> malformed = json("metrics", "{\"resourceMetrics\":7}");
        assertThat(malformed.statusCode()).isEqualTo(400);
        assertThat(malformed.body()).isEqualTo("{\"code\":3,\"message\":\"field resourceMetrics is not an array\"}");
        HttpResponse<String> damaged = plane.post(
                        pump, "/otlp/v1/logs", new byte[] {7}, "Content-Type", "application/x-protobuf")
                .get();
        assertThat(damaged.statusCode()).isEqualTo(400);
        assertThat(damaged.headers().firstValue("content-type")).contains("application/x-protobuf");
        assertThat(plane.post(pump, "/otlp/v1/logs", new byte[0], "Content-Type", "text/plain")
                        .get()
                        .statusCode())
                .isEqualTo(415);
        plane.journal.setRoom(0);
        HttpResponse<String> full = json("metrics", """
                {"resourceMetrics":[{%s,"scopeMetrics":[{"metrics":[{"name":"a","gauge":{"dataPoints":[{"asInt":1}]}}]}]}]}""".formatted(RESOURCE));
        assertThat(full.statusCode()).isEqualTo(503);
        assertThat(full.headers().firstValue("retry-after")).isPresent();
        assertThat(full.body()).startsWith("{\"code\":14,");
    }

    // ---- words

    private HttpResponse<String> json(String signal, String body) throws Exception {
        return plane.post(pump, "/otlp/v1/" + signal, body.getBytes(UTF_8), "Content-Type", "application/json")
                .get();
    }

    private List<Sample> samples() {
        return plane.journal.entries(entry -> entry.kind() == EntryKind.SAMPLES).stream()
                .flatMap(entry -> SampleBatch.decode(entry.payload()).samples().stream())
                .toList();
    }

    private static Sample sample(String name, Series.Kind kind, String unit, long ts, double value, String... label) {
        var labels = new java.util.HashMap<>(Map.of("service.name", "my.service", "otel.scope.name", "lib"));
        if (label.length > 0) {
            labels.put(label[0], label[1]);
        }
        return new Sample(new Series(name, labels, kind, unit), ts, value);
    }
}
