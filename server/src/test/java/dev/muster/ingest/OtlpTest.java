package dev.muster.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.telemetry.store.TelemetryStore;
import dev.muster.testing.TestAsset;
import dev.muster.testing.TestServer;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.logs.Severity;
import io.opentelemetry.api.metrics.LongCounter;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.exporter.otlp.http.logs.OtlpHttpLogRecordExporter;
import io.opentelemetry.exporter.otlp.http.metrics.OtlpHttpMetricExporter;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.logs.SdkLoggerProvider;
import io.opentelemetry.sdk.logs.export.BatchLogRecordProcessor;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.metrics.export.PeriodicMetricReader;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The OpenTelemetry SDK for Java, over mutual TLS, into the whole server and out again by REST. */
class OtlpTest {
    private static @Nullable TestServer server;
    private static @Nullable TestAsset asset;

    @BeforeAll
    static void start() {
        server = TestServer.start(Map.of("series-per-asset", "12"));
        asset = TestAsset.enrol(server, "robot-1", "sensor");
    }

    @AfterAll
    static void stop() {
        server().close();
    }

    @Test
    void metricsLogsAndTracesOfARealSdkComeOutAgain() throws Exception {
        OpenTelemetrySdk sdk = sdk("robot-1");
        Span span = sdk.getTracer("planner")
                .spanBuilder("plan route")
                .setSpanKind(SpanKind.SERVER)
                .setAttribute("stops", 7)
                .startSpan();
        try (var scope = span.makeCurrent()) {
            assertThat(scope).isNotNull();
            span.addEvent("obstacle", Attributes.of(AttributeKey.stringKey("what"), "crate"));
            sdk.getLogsBridge()
                    .get("planner")
                    .logRecordBuilder()
                    .setSeverity(Severity.WARN)
                    .setBody("a crate is in the way")
                    .setAttribute(AttributeKey.longKey("aisle"), 4L)
                    .emit();
        }
        span.setStatus(StatusCode.ERROR, "no way").end();
        LongCounter requests = sdk.getMeter("planner")
                .counterBuilder("http.requests")
                .setUnit("{request}")
                .build();
        requests.add(3, Attributes.of(AttributeKey.stringKey("route"), "/plan"));
        requests.add(2, Attributes.of(AttributeKey.stringKey("route"), "/stop"));
        var duration = sdk.getMeter("planner")
                .histogramBuilder("duration")
                .setExplicitBucketBoundariesAdvice(java.util.List.of(0.1, 1.0))
                .build();
        duration.record(0.05);
        duration.record(5);
        assertThat(sdk.getSdkMeterProvider()
                        .forceFlush()
                        .join(20, TimeUnit.SECONDS)
                        .isSuccess())
                .isTrue();
        assertThat(sdk.getSdkLoggerProvider()
                        .forceFlush()
                        .join(20, TimeUnit.SECONDS)
                        .isSuccess())
                .isTrue();
        assertThat(sdk.getSdkTracerProvider()
                        .forceFlush()
                        .join(20, TimeUnit.SECONDS)
                        .isSuccess())
                .isTrue();
        settle();

        JsonNode samples = get("/api/v1/assets/robot-1/samples?name=http.requests&label=route=/plan");
        assertThat(samples.get("series")).hasSize(1);
        assertThat(samples.at("/series/0/labels").toString())
                .isEqualTo("{\"otel.scope.name\":\"planner\",\"route\":\"/plan\",\"service.name\":\"planner\"}");
        assertThat(samples.at("/series/0/kind").asString()).isEqualTo("counter");
        assertThat(samples.at("/series/0/unit").asString()).isEqualTo("{request}");
        assertThat(samples.at("/series/0/points/0/value").asDouble()).isEqualTo(3);
        JsonNode summed = get("/api/v1/assets/robot-1/samples?name=http.requests&step=1h");
        assertThat(summed.get("series")).hasSize(2);
        assertThat(summed.at("/series/0/points/0/count").asLong()).isPositive();
        assertThat(get("/api/v1/assets/robot-1/samples?name=duration_bucket&label=le=%2BInf")
                        .at("/series/0/points/0/value")
                        .asDouble())
                .isEqualTo(2);
        assertThat(get("/api/v1/assets/robot-1/samples?name=duration_sum")
                        .at("/series/0/points/0/value")
                        .asDouble())
                .isEqualTo(5.05);
        assertThat(get("/api/v1/assets/robot-1/series?name=duration_bucket").get("items"))
                .hasSize(3);
        JsonNode firstPage = get("/api/v1/assets/robot-1/series?limit=2");
        assertThat(firstPage.get("items")).hasSize(2);

        String traceId = span.getSpanContext().getTraceId();
        JsonNode log = get("/api/v1/assets/robot-1/logs").at("/items/0");
        assertThat(log.get("body").asString()).isEqualTo("a crate is in the way");
        assertThat(log.get("severity").asString()).isEqualTo("warn");
        assertThat(log.at("/attributes/aisle").asLong()).isEqualTo(4);
        assertThat(log.at("/attributes/trace_id").asString()).isEqualTo(traceId);
        assertThat(log.at("/attributes/resource/service.name").asString()).isEqualTo("planner");

        JsonNode trace = get("/api/v1/traces/" + traceId);
        assertThat(trace.get("complete").asBoolean()).isTrue();
        JsonNode found = trace.at("/spans/0");
        assertThat(found.get("asset").asString()).isEqualTo("robot-1");
        assertThat(found.get("spanId").asString())
                .isEqualTo(span.getSpanContext().getSpanId());
        assertThat(found.has("parentId")).isFalse();
        assertThat(found.get("name").asString()).isEqualTo("plan route");
        assertThat(found.get("kind").asString()).isEqualTo("server");
        assertThat(found.get("status").asString()).isEqualTo("error");
        assertThat(found.get("statusMessage").asString()).isEqualTo("no way");
        assertThat(found.at("/attributes/stops").asLong()).isEqualTo(7);
        assertThat(found.at("/events/0/name").asString()).isEqualTo("obstacle");
        assertThat(get("/api/v1/assets/robot-1/spans?name=plan%20route&failed=true&trace=" + traceId)
                        .get("spans"))
                .hasSize(1);
        assertThat(get("/api/v1/assets/robot-1/spans?minDurationMillis=3600000").get("spans"))
                .isEmpty();

        // The same request again: the metric reader sends the same times no more, so a counter with more labels than
        // allowed.
        for (int i = 0; i < 40; i++) {
            requests.add(1, Attributes.of(AttributeKey.stringKey("route"), "/order/" + i));
        }
        sdk.getSdkMeterProvider().forceFlush().join(20, TimeUnit.SECONDS);
        settle();
        assertThat(get("/api/v1/assets/robot-1/series").get("items")).hasSize(12);
        assertThat(get("/api/v1/telemetry/refused").toString())
                .contains("\"subject\":\"http.requests\",\"reason\":\"series_limit\",\"stored\":false")
                .contains("the asset has 12 series of 12 allowed (series-per-asset); refused: {");
        sdk.close();
    }

    @Test
    void nobodySpeaksForAnotherAsset() throws Exception {
        OpenTelemetrySdk sdk = sdk("robot-2");
        sdk.getTracer("planner").spanBuilder("foreign").startSpan().end();
        sdk.getSdkTracerProvider().forceFlush().join(20, TimeUnit.SECONDS);
        settle();
        assertThat(get("/api/v1/assets/robot-1/spans?name=foreign").get("spans"))
                .isEmpty();
        sdk.close();
    }

    // ---- words

    private static OpenTelemetrySdk sdk(String assetId) {
        TestAsset me = Objects.requireNonNull(asset);
        Resource resource = Resource.empty().toBuilder()
                .put("asset.id", assetId)
                .put("service.name", "planner")
                .build();
        String base = me.httpsUrl() + "/otlp/v1/";
        return OpenTelemetrySdk.builder()
                .setTracerProvider(SdkTracerProvider.builder()
                        .setResource(resource)
                        .addSpanProcessor(BatchSpanProcessor.builder(OtlpHttpSpanExporter.builder()
                                        .setEndpoint(base + "traces")
                                        .setTrustedCertificates(me.caPem())
                                        .setClientTls(me.keyPem(), me.certificatePem())
                                        .setCompression("gzip")
                                        .build())
                                .build())
                        .build())
                .setLoggerProvider(SdkLoggerProvider.builder()
                        .setResource(resource)
                        .addLogRecordProcessor(BatchLogRecordProcessor.builder(OtlpHttpLogRecordExporter.builder()
                                        .setEndpoint(base + "logs")
                                        .setTrustedCertificates(me.caPem())
                                        .setClientTls(me.keyPem(), me.certificatePem())
                                        .build())
                                .build())
                        .build())
                .setMeterProvider(SdkMeterProvider.builder()
                        .setResource(resource)
                        .registerMetricReader(PeriodicMetricReader.builder(OtlpHttpMetricExporter.builder()
                                        .setEndpoint(base + "metrics")
                                        .setTrustedCertificates(me.caPem())
                                        .setClientTls(me.keyPem(), me.certificatePem())
                                        .build())
                                .setInterval(Duration.ofHours(1))
                                .build())
                        .build())
                .build();
    }

    private static TestServer server() {
        return Objects.requireNonNull(server);
    }

    private static JsonNode get(String path) {
        HttpResponse<String> answer = server().send(server().adminRequest(path).GET());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return JsonMapper.shared().readTree(answer.body());
    }

    private static void settle() throws InterruptedException {
        assertThat(server().bean(Ingest.class).awaitCaughtUp(Duration.ofSeconds(30)))
                .isTrue();
        server().bean(TelemetryStore.class).awaitReadable(Duration.ofSeconds(30));
    }
}
