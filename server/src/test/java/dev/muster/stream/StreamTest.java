package dev.muster.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.platform.event.EventLog;
import dev.muster.testing.TestServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class StreamTest {
    private static final TestServer SERVER =
            TestServer.start(Map.of("stream-clients", "2", "stream-heartbeat", "100ms"));
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final EventLog LOG = SERVER.bean(EventLog.class);

    @AfterAll
    static void stop() {
        SERVER.close();
    }

    @Test
    void streamsWhatHappensAndGoesOnAfterTheLastEventId() throws IOException {
        long before = LOG.lastPosition();
        append("truck-1");
        append("truck-2");
        List<String> subjects = new ArrayList<>();
        try (Client client = Client.connect(Long.toString(before))) {
            String firstId = client.next(subjects);
            client.next(subjects);
            append("truck-3");
            client.next(subjects);
            assertThat(subjects).containsExactly("asset/truck-1", "asset/truck-2", "asset/truck-3");
            try (Client again = Client.connect(firstId)) {
                List<String> rest = new ArrayList<>();
                again.next(rest);
                assertThat(rest).containsExactly("asset/truck-2");
            }
        }
    }

    @Test
    void saysThatEntriesAreGone() throws IOException {
        try (Client client = Client.connect(Long.toString(LOG.lastPosition() + 1_000))) {
            assertThat(client.line()).isEqualTo("event: gap");
        }
    }

    @Test
    void refusesMoreClientsThanItsBound() throws IOException {
        try (Client first = Client.connect("0");
                Client second = Client.connect("0")) {
            assertThat(first.status()).isEqualTo(200);
            assertThat(second.status()).isEqualTo(200);
            var refused = SERVER.send(SERVER.adminRequest("/api/v1/stream").GET());
            assertThat(refused.statusCode()).isEqualTo(503);
            assertThat(refused.body()).contains("stream-clients");
        }
    }

    @Test
    void listsInPages() throws InterruptedException {
        long before = LOG.lastPosition();
        for (int i = 0; i < 5; i++) {
            append("page-" + i);
        }
        LOG.sequence();
        List<String> subjects = new ArrayList<>();
        String query = "?limit=2&after=" + before;
        while (!query.isEmpty()) {
            JsonNode page = JsonMapper.shared()
                    .readTree(SERVER.send(SERVER.adminRequest("/api/v1/events" + query)
                                    .GET())
                            .body());
            page.get("items").forEach(item -> subjects.add(item.get("subject").asString()));
            query = page.has("continue")
                    ? "?limit=2&continue=" + page.get("continue").asString()
                    : "";
        }
        assertThat(subjects)
                .containsExactly("asset/page-0", "asset/page-1", "asset/page-2", "asset/page-3", "asset/page-4");
    }

    @Test
    void isClosedToStrangers() {
        assertThat(SERVER.get("/api/v1/stream").statusCode()).isEqualTo(401);
        assertThat(SERVER.get("/metrics").statusCode()).isEqualTo(401);
    }

    @Test
    void metricsAreInTheFormatOfPrometheus() {
        var metrics = SERVER.send(SERVER.adminRequest("/metrics").GET());
        assertThat(metrics.body())
                .contains("# TYPE muster_stream_clients gauge")
                .contains("jvm_memory_used_bytes");
    }

    private static void append(String asset) {
        SERVER.bean(TransactionTemplate.class)
                .executeWithoutResult(status -> LOG.append("asset.tested", "asset/" + asset, Map.of()));
    }

    /** A client of the stream. */
    private record Client(HttpClient http, int status, BufferedReader lines) implements AutoCloseable {

        /** Waits for the server to notice that clients of an earlier test are gone. */
        static Client connect(String lastEventId) throws IOException {
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            Client client = attempt(lastEventId);
            while (client.status == 503 && System.nanoTime() < deadline) {
                client.close();
                client = attempt(lastEventId);
            }
            return client;
        }

        private static Client attempt(String lastEventId) throws IOException {
            HttpClient http =
                    HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
            try {
                var request = SERVER.adminRequest("/api/v1/stream").header("Last-Event-ID", lastEventId);
                var response = http.send(request.GET().build(), HttpResponse.BodyHandlers.ofInputStream());
                return new Client(
                        http,
                        response.statusCode(),
                        new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8)));
            } catch (InterruptedException e) {
                throw new IOException("interrupted", e);
            }
        }

        String line() throws IOException {
            return String.valueOf(lines.readLine());
        }

        /** Reads to the end of the next event of this test. @return its id */
        String next(List<String> subjects) throws IOException {
            String id = "";
            for (String line = line(); ; line = line()) {
                if (line.startsWith("id: ")) {
                    id = line.substring(4);
                } else if (line.startsWith("data: ") && line.contains("asset.tested")) {
                    subjects.add(JsonMapper.shared()
                            .readTree(line.substring(6))
                            .get("subject")
                            .asString());
                    return id;
                } else if (line.equals("null")) {
                    throw new IOException("the stream ended");
                }
            }
        }

        @Override
        public void close() {
            http.shutdownNow();
        }
    }
}
