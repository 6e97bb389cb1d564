package dev.muster.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import dev.muster.telemetry.store.TelemetryStore;
import dev.muster.testing.Shell;
import dev.muster.testing.TestAsset;
import dev.muster.testing.TestServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Programs that send telemetry and know nothing of Muster, set up as docs/protocol.md says. */
class ForeignSendersTest {
    private static final String METRICS = """
            # TYPE shelf_temperature_celsius gauge
            shelf_temperature_celsius{door="left"} 4.5
            shelf_temperature_celsius{door="right"} NaN
            # TYPE doors_opened_total counter
            doors_opened_total 17
            """;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private static Path folder;

    @SuppressWarnings("NullAway.Init")
    private static TestServer server;

    @SuppressWarnings("NullAway.Init")
    private static TestAsset asset;

    @BeforeAll
    static void start() throws IOException {
        server = TestServer.start();
        asset = TestAsset.enrol(server, "fridge-1", "sensor");
        Files.write(folder.resolve("cert.pem"), asset.certificatePem());
        Files.write(folder.resolve("key.pem"), asset.keyPem());
        Files.write(folder.resolve("ca.pem"), asset.caPem());
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void whatARealPrometheusScrapesIsThere() throws Exception {
        Shell.require("prometheus");
        HttpServer target = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        target.createContext("/metrics", exchange -> {
            byte[] body = METRICS.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        target.start();
        String instance = "127.0.0.1:" + target.getAddress().getPort();
        Files.writeString(folder.resolve("prometheus.yml"), """
                global: {scrape_interval: 1s}
                scrape_configs:
                - job_name: shelf
                  static_configs: [{targets: ["%s"]}]
                remote_write:
                - url: %s/prometheus/api/v1/write
                  tls_config: {ca_file: ca.pem, cert_file: cert.pem, key_file: key.pem}
                  queue_config: {batch_send_deadline: 1s}
                """.formatted(instance, asset.httpsUrl()));
        Process prometheus = started(
                "prometheus",
                "prometheus",
                "--enable-feature=agent",
                "--config.file=prometheus.yml",
                "--storage.agent.path=data",
                "--web.listen-address=127.0.0.1:0");
        try {
            awaitSeries("shelf_temperature_celsius", prometheus);
            assertThat(series("shelf_temperature_celsius").at("/labels").toString())
                    .isEqualTo("{\"door\":\"left\",\"instance\":\"" + instance + "\",\"job\":\"shelf\"}");
            assertThat(series("shelf_temperature_celsius").at("/points/0/value").asDouble())
                    .isEqualTo(4.5);
            assertThat(series("doors_opened_total").at("/points/0/value").asDouble())
                    .isEqualTo(17);
            assertThat(series("doors_opened_total").at("/kind").asString()).isEqualTo("counter");
            // One that took longer than a second, which the first may, is said to have failed.
            assertThat(series("up").at("/points").findValues("value"))
                    .extracting(JsonNode::asDouble)
                    .contains(1.0);

            target.stop(0);

            await("the end of the series is taken")
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> {
                        settle();
                        JsonNode points = series("up").at("/points");
                        return points.get(points.size() - 1).at("/value").asDouble() == 0;
                    });
            assertThat(said("prometheus")).doesNotContain("non-recoverable error", "server returned HTTP status");
        } finally {
            target.stop(0);
            end(prometheus);
        }
    }

    @Test
    void whatARealSyslogNgReadsIsThere() throws Exception {
        Shell.require("syslog-ng");
        Files.writeString(folder.resolve("app.log"), """
                <12>Mar  1 12:00:00 fridge doord[17]: the door is open
                <14>Mar  1 12:00:01 fridge doord[17]: the door is "closed"
                """);
        Files.writeString(folder.resolve("syslog-ng.conf"), """
                @version: 3.35
                source app { file("app.log" follow-freq(1)); };
                destination muster {
                  http(
                    url("%s/v1/logs/json")
                    method("POST")
                    headers("Content-Type: application/json")
                    body-prefix("[") delimiter(",") body-suffix("]")
                    body("$(format-json timestamp=$R_ISODATE message=$MSG level=$LEVEL program=$PROGRAM)")
                    batch-lines(100) batch-timeout(500)
                    tls(ca-file("ca.pem") cert-file("cert.pem") key-file("key.pem"))
                  );
                };
                log { source(app); destination(muster); };
                """.formatted(asset.httpsUrl()));
        Process syslog = started(
                "syslog-ng",
                "syslog-ng",
                "--foreground",
                "--no-caps",
                "--stderr",
                "--cfgfile=syslog-ng.conf",
                "--persist-file=persist",
                "--pidfile=pid",
                "--control=control");
        try {
            String path = "/api/v1/assets/fridge-1/logs";
            await("lines of syslog-ng").atMost(Duration.ofSeconds(60)).until(() -> {
                settle();
                return get(path).toString().contains("closed") || !syslog.isAlive();
            });
            assertThat(get(path).toString())
                    .as(said("syslog-ng"))
                    .contains(
                            "\"body\":\"the door is open\"",
                            "the door is \\\"closed\\\"",
                            "\"severity\":\"warn\"",
                            "doord");
        } finally {
            end(syslog);
        }
    }

    // ---- words

    private static Process started(String name, String... command) throws IOException {
        return new ProcessBuilder(List.of(command))
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve(name + ".out").toFile())
                .start();
    }

    private static String said(String name) throws IOException {
        return Files.readString(folder.resolve(name + ".out"));
    }

    private static void end(Process process) throws InterruptedException {
        process.destroy();
        if (!process.waitFor(20, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
    }

    private static void awaitSeries(String name, Process sender) throws IOException {
        await(name + " of prometheus").atMost(Duration.ofSeconds(60)).until(() -> {
            settle();
            return samples(name).get("series").size() > 0 || !sender.isAlive();
        });
        assertThat(sender.isAlive()).as(said("prometheus")).isTrue();
    }

    private static JsonNode samples(String name) {
        return get("/api/v1/assets/fridge-1/samples?name=" + name);
    }

    private static JsonNode series(String name) {
        JsonNode found = samples(name).get("series");
        assertThat(found).as(name).hasSize(1);
        return found.get(0);
    }

    private static JsonNode get(String path) {
        HttpResponse<String> answer = server.send(server.adminRequest(path).GET());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return JsonMapper.shared().readTree(answer.body());
    }

    private static void settle() throws InterruptedException {
        assertThat(server.bean(Ingest.class).awaitCaughtUp(Duration.ofSeconds(30)))
                .isTrue();
        server.bean(TelemetryStore.class).awaitReadable(Duration.ofSeconds(30));
    }
}
