package dev.muster.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.gateway.journal.EntryKind;
import dev.muster.gateway.journal.Journal;
import dev.muster.platform.testing.TestDatabase;
import dev.muster.protocol.AssetId;
import dev.muster.telemetry.store.TelemetryStore;
import dev.muster.telemetry.store.TelemetryStore.SeriesQuery;
import dev.muster.testing.TestServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/** PostgreSQL goes away while messages come, and comes back. */
class DatabaseAwayTest {
    private static final Duration SOON = Duration.ofSeconds(90);
    private static final long START = System.currentTimeMillis() - 60_000;

    @Test
    void onlyPresenceWaitsForTheDatabaseAndCatchesUp() throws Exception {
        URI database = URI.create(TestDatabase.freshUrl().substring("jdbc:".length()));
        try (Cable cable = new Cable(
                        new InetSocketAddress(InetAddress.getByName(database.getHost()), database.getPort()));
                TestServer server = TestServer.start(Map.of(
                        "db-url",
                        "jdbc:"
                                + database.toString()
                                        .replace(":" + database.getPort() + "/", ":" + cable.port() + "/")))) {
            createTruck(server);
            Journal journal = server.bean(Journal.class);
            JournalProbe.say(journal, "truck-1", EntryKind.SESSION_OPENED, "s1");
            report(journal, 0);
            await(() -> presence(server).contains("\"online\""));

            cable.pullOut();
            JournalProbe.say(journal, "truck-1", EntryKind.SESSION_CLOSED, "s1 gone");
            for (int i = 1; i <= 50; i++) {
                report(journal, i);
            }

            await(() -> readings(server) == 51);
            await(() -> {
                HttpResponse<String> ready = server.get("/readyz");
                return ready.statusCode() == 503
                        && ready.body().contains("consumer presence stands still")
                        && !ready.body().contains("consumer telemetry");
            });
            assertThat(journal.health().problem()).isNull();

            cable.plugIn();
            await(() -> presence(server).contains("\"online\""));
            await(() -> server.get("/readyz").statusCode() == 200);
            assertThat(readings(server)).isEqualTo(51);
        }
    }

    private static void createTruck(TestServer server) {
        HttpResponse<String> made = server.send(server.adminRequest("/api/v1/assets")
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString("{\"id\":\"truck-1\",\"type\":\"vehicle\"}")));
        assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
    }

    private static void report(Journal journal, int number) throws Exception {
        JournalProbe.say(
                journal,
                "truck-1",
                EntryKind.TELEMETRY,
                "{\"ts\":%d,\"values\":{\"speed\":%d}}".formatted(START + number, number));
    }

    private static int readings(TestServer server) {
        return server.bean(TelemetryStore.class)
                .range(
                        new SeriesQuery("vehicle", new AssetId("truck-1"), List.of("speed"), START, START + 60_000),
                        1_000)
                .size();
    }

    private static String presence(TestServer server) {
        String body =
                server.send(server.adminRequest("/api/v1/assets/truck-1").GET()).body();
        return JsonMapper.shared().readTree(body).path("presence").toString();
    }

    private static void await(Callable<Boolean> condition) throws Exception {
        long deadline = System.nanoTime() + SOON.toNanos();
        while (!condition.call()) {
            assertThat(System.nanoTime()).as("in time").isLessThan(deadline);
            Thread.sleep(50);
        }
    }
}
