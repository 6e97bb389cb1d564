package dev.muster.alert.anomaly;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.protocol.AssetId;
import dev.muster.protocol.Metrics;
import dev.muster.telemetry.store.MetricKind;
import dev.muster.telemetry.store.Row;
import dev.muster.telemetry.store.TelemetryStore;
import dev.muster.testing.TestServer;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A whole server learns from stored readings and says what is unusual now. */
class LearnedRulesTest {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String RULES = """
            apiVersion: muster.dev/v1
            kind: AssetType
            metadata: {name: pump}
            spec:
              telemetry: {metrics: {current: {type: number, unit: A}}}
            ---
            apiVersion: muster.dev/v1
            kind: Asset
            metadata: {name: pump-1}
            spec: {type: pump}
            ---
            apiVersion: muster.dev/v1
            kind: Asset
            metadata: {name: pump-2}
            spec: {type: pump}
            ---
            apiVersion: muster.dev/v1
            kind: AlertRule
            metadata: {name: unusual-hour}
            spec: {selector: "asset.type == 'pump'", condition: {baseline: {metric: current, staleAfter: 1h}}}
            ---
            apiVersion: muster.dev/v1
            kind: AlertRule
            metadata: {name: unusual}
            spec: {selector: "asset.type == 'pump'", condition: {anomaly: {metric: current, step: 1m, staleAfter: 1h}}}
            """;

    @Test
    void anUnusualValueIsAnAlertWithItsReasonAndAnUsualOneIsNot() throws InterruptedException {
        try (TestServer server = TestServer.start(Map.of("alert-rule-interval", "1s"))) {
            TelemetryStore telemetry = server.bean(TelemetryStore.class);
            telemetry.declare("pump", Map.of("current", MetricKind.NUMBER));
            Instant now = Instant.now().truncatedTo(ChronoUnit.MINUTES);
            telemetry.append(history("pump-1", now, 20));
            telemetry.append(history("pump-2", now, 0));
            telemetry.awaitReadable(Duration.ofSeconds(30));

            apply(server, RULES);

            Map<String, String> said = said(server);
            assertThat(said.keySet()).containsExactly("unusual pump-1", "unusual-hour pump-1");
            assertThat(said.get("unusual pump-1"))
                    .startsWith("pump-1: current ")
                    .contains(" usual ", "(since ");
            assertThat(said.get("unusual-hour pump-1"))
                    .startsWith("pump-1: current is ")
                    .contains(" times its usual spread above the ", " at ", ":00 show");
            HttpResponse<String> refused =
                    send(server, "/api/v1/apply", RULES.replace("step: 1m", "step: 1s, threshold: 2"));
            assertThat(refused.body()).contains("must be from 0.3 to below 1, found 2", "must be from 1m to 1h");
        }
    }

    /** Four days, a value each minute; the last three are off. */
    private static List<Row> history(String asset, Instant now, double off) {
        Random random = new Random(asset.hashCode());
        List<Row> rows = new ArrayList<>();
        for (int minute = 4 * 1_440; minute >= 0; minute--) {
            long ts = now.minus(Duration.ofMinutes(minute)).toEpochMilli();
            double value = 10 + random.nextGaussian() + (minute < 3 ? off : 0);
            rows.add(new Row.Sample(ts, new AssetId(asset), "pump", ts, 1, 0, Metrics.of(Map.of("current", value))));
        }
        return rows;
    }

    /** Summaries of what fires, by rule and asset, as soon as there are two. */
    private static Map<String, String> said(TestServer server) throws InterruptedException {
        Map<String, String> said = new TreeMap<>();
        for (int i = 0; i < 300 && said.size() < 2; i++) {
            Thread.sleep(100);
            JsonNode alerts = JSON.readTree(
                    server.send(server.adminRequest("/api/v1/alerts").GET()).body());
            alerts.path("items")
                    .forEach(alert -> said.put(
                            alert.path("labels").path("alertname").asString() + " "
                                    + alert.path("labels").path("asset").asString(),
                            alert.path("annotations").path("summary").asString()));
        }
        assertThat(said)
                .as(
                        "rules: %s",
                        server.send(server.adminRequest("/api/v1/alert-rules").GET())
                                .body())
                .hasSize(2);
        return said;
    }

    private static void apply(TestServer server, String documents) {
        HttpResponse<String> answer = send(server, "/api/v1/apply", documents);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }

    private static HttpResponse<String> send(TestServer server, String path, String documents) {
        return server.send(server.adminRequest(path)
                .header("Content-Type", "application/yaml")
                .POST(HttpRequest.BodyPublishers.ofString(documents)));
    }
}
