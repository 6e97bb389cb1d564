package dev.muster.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.gateway.journal.EntryKind;
import dev.muster.gateway.journal.Journal;
import dev.muster.telemetry.store.TelemetryStore;
import dev.muster.testing.TestServer;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** From the journal to the answer over HTTP, in the whole server. */
class FirstReadingTest {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static @Nullable TestServer server;
    private static final long NOW = System.currentTimeMillis() / 1000 * 1000;

    @BeforeAll
    static void start() {
        server = TestServer.start();
        createAsset("truck-1", "vehicle");
        createAsset("truck-2", "vehicle");
        createAsset("gauge-1", "sensor");
    }

    @AfterAll
    static void stop() {
        server().close();
    }

    private static TestServer server() {
        return Objects.requireNonNull(server);
    }

    @Test
    void telemetryComesBackRawAndSummedUp() throws Exception {
        say(
                "truck-1",
                EntryKind.TELEMETRY,
                "[{\"ts\":%d,\"values\":{\"speed\":10,\"extra.metric\":1}},{\"ts\":%d,\"values\":{\"speed\":20}}]"
                        .formatted(NOW - 2000, NOW - 1000));
        settle();

        JsonNode raw = get("/api/v1/assets/truck-1/telemetry?metrics=speed,extra.metric");
        assertThat(raw.at("/series/0/metric").asString()).isEqualTo("speed");
        assertThat(raw.at("/series/0/unit").asString()).isEqualTo("m/s");
        assertThat(raw.at("/series/0/points").toString())
                .isEqualTo("[{\"ts\":%d,\"value\":10.0},{\"ts\":%d,\"value\":20.0}]".formatted(NOW - 2000, NOW - 1000));
        assertThat(raw.at("/series/1/points")).hasSize(1);

        JsonNode steps =
                get("/api/v1/assets/truck-1/telemetry?metrics=speed&step=1h&from=%d".formatted(NOW - 3_000_000));
        JsonNode points = steps.at("/series/0/points");
        long count = 0;
        for (JsonNode point : points) {
            count += point.get("count").asLong();
        }
        assertThat(count).isEqualTo(2);
        assertThat(points.get(points.size() - 1).get("last").asDouble()).isEqualTo(20);
    }

    @Test
    void theNewestValuesOfASelectionComeInOnePage() throws Exception {
        say("truck-2", EntryKind.TELEMETRY, "{\"ts\":%d,\"values\":{\"speed\":33}}".formatted(NOW));
        settle();

        JsonNode page = get("/api/v1/telemetry/latest?selector=asset.id%20==%20%27truck-2%27&metrics=speed");
        assertThat(page.get("items").toString())
                .isEqualTo(
                        "[{\"asset\":\"truck-2\",\"type\":\"vehicle\",\"values\":{\"speed\":{\"ts\":%d,\"value\":33.0}}}]"
                                .formatted(NOW));
    }

    @Test
    void aGroupIsSummedUpByLabelWithinTheScope() throws Exception {
        for (String id : new String[] {"van-1", "van-2", "van-3"}) {
            HttpResponse<String> made = server().send(server().adminRequest("/api/v1/assets")
                    .header("Content-Type", "application/json")
                    .POST(BodyPublishers.ofString("{\"id\":\"%s\",\"type\":\"vehicle\",\"labels\":{\"depot\":\"%s\"}}"
                            .formatted(id, id.equals("van-3") ? "south" : "north"))));
            assertThat(made.statusCode()).isEqualTo(201);
            say(
                    id,
                    EntryKind.TELEMETRY,
                    "{\"ts\":%d,\"values\":{\"speed\":%s}}".formatted(NOW - 600_000, id.substring(4)));
        }
        settle();

        String vans = "/api/v1/telemetry/aggregate?metric=speed&by=labels.depot&step=1h&selector="
                + "asset.id.startsWith('van-')".replace("'", "%27");
        JsonNode all = get(vans);
        assertThat(all.get("assets").asInt()).isEqualTo(3);
        assertThat(all.at("/groups/0/group").asString()).isEqualTo("north");
        assertThat(all.at("/groups/0/points/0/count").asInt()).isEqualTo(2);
        assertThat(all.at("/groups/0/points/0/avg").asDouble()).isEqualTo(1.5);
        assertThat(all.at("/groups/0/points/0/p99").asDouble()).isEqualTo(2);
        assertThat(all.at("/groups/1/points/0/max").asDouble()).isEqualTo(3);

        HttpResponse<String> token = server().send(server().adminRequest("/api/v1/tokens")
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(
                        "{\"name\":\"south\",\"role\":\"viewer\",\"scope\":\"asset.labels.depot == 'south'\"}")));
        HttpResponse<String> narrowed = server().send(server().request(vans)
                .header(
                        "Authorization",
                        "Bearer " + JSON.readTree(token.body()).get("secret").asString())
                .GET());
        assertThat(JSON.readTree(narrowed.body()).get("groups"))
                .hasSize(1)
                .first()
                .matches(group -> group.get("group").asString().equals("south"));

        assertThat(call("/api/v1/telemetry/aggregate?metric=speed&step=1s&from=0")
                        .body())
                .contains("at most 10000 are allowed");
        assertThat(call("/api/v1/telemetry/aggregate?metric=speed&by=colour").body())
                .contains("labels.KEY");
    }

    @Test
    void logsEventsAndPositionsComeBackNewestFirst() throws Exception {
        say(
                "gauge-1",
                EntryKind.LOGS,
                "[{\"ts\":%d,\"severity\":\"info\",\"body\":\"first\"},{\"ts\":%d,\"severity\":\"error\",\"body\":\"second\",\"attributes\":{\"n\":1}}]"
                        .formatted(NOW, NOW + 1));
        say(
                "gauge-1",
                EntryKind.EVENTS,
                "{\"ts\":%d,\"type\":\"door\",\"severity\":\"warn\",\"message\":\"open\",\"data\":{\"side\":\"left\"}}"
                        .formatted(NOW));
        say("gauge-1", EntryKind.POSITION, "{\"ts\":%d,\"lat\":52.5,\"lon\":13.4}".formatted(NOW));
        settle();

        JsonNode logs = get("/api/v1/assets/gauge-1/logs");
        assertThat(logs.at("/items/0/body").asString()).isEqualTo("second");
        assertThat(logs.at("/items/0/attributes/n").asInt()).isEqualTo(1);
        assertThat(logs.at("/items/1/body").asString()).isEqualTo("first");
        JsonNode firstPage = get("/api/v1/assets/gauge-1/logs?limit=1");
        assertThat(get("/api/v1/assets/gauge-1/logs?limit=1&continue="
                                + firstPage.get("continue").asString())
                        .at("/items/0/body")
                        .asString())
                .isEqualTo("first");
        assertThat(get("/api/v1/assets/gauge-1/logs?severity=error").get("items"))
                .hasSize(1);
        assertThat(get("/api/v1/assets/gauge-1/events").at("/items/0/data/side").asString())
                .isEqualTo("left");
        assertThat(get("/api/v1/assets/gauge-1/positions").at("/items/0/lat").asDouble())
                .isEqualTo(52.5);
    }

    @Test
    void presenceFollowsTheSession() throws Exception {
        assertThat(get("/api/v1/assets/truck-2/presence").get("presence").asString())
                .isIn("never_seen", "online");
        say("truck-1", EntryKind.SESSION_OPENED, "s1");
        settle();
        assertThat(get("/api/v1/assets/truck-1/presence").get("presence").asString())
                .isEqualTo("online");
        assertThat(get("/api/v1/assets?selector=asset.presence%20==%20%27online%27")
                        .at("/items/0/id")
                        .asString())
                .isEqualTo("truck-1");
        say("truck-1", EntryKind.SESSION_CLOSED, "s1 client_gone");
        settle();

        JsonNode presence = get("/api/v1/assets/truck-1/presence");
        assertThat(presence.get("presence").asString()).isEqualTo("offline");
        assertThat(presence.get("reason").asString()).isEqualTo("client_gone");
        assertThat(presence.at("/history/0/to").asString()).isEqualTo("offline");
        assertThat(presence.at("/history/1/to").asString()).isEqualTo("online");
    }

    @Test
    void availabilityIsToldOfOneAssetAndOfASelection() {
        JsonNode one = get("/api/v1/assets/truck-1/availability");
        assertThat(one.at("/total/minutes").asLong())
                .isEqualTo(one.at("/total/reachable").asLong()
                        + one.at("/total/stale").asLong()
                        + one.at("/total/unknown").asLong()
                        + one.at("/total/unreachable").asLong());
        assertThat(get("/api/v1/availability?selector=asset.id%20==%20%27truck-1%27")
                        .get("assets")
                        .asLong())
                .isEqualTo(1);
        assertThat(call("/api/v1/availability?from=2020-01-01T00:00:00Z").body())
                .contains("kept for 90 days");
    }

    @Test
    void whatWasNotStoredAsItCameIsReported() throws Exception {
        say("truck-1", EntryKind.TELEMETRY, "{\"ts\":%d,\"values\":{\"speed\":\"fast\"}}".formatted(NOW));
        settle();
        assertThat(get("/api/v1/telemetry/refused").toString())
                .contains("\"asset\":\"truck-1\",\"subject\":\"speed\",\"reason\":\"wrong_kind\",\"stored\":false");
        MeterRegistry meters = server().bean(MeterRegistry.class);
        assertThat(meters.get("muster.telemetry.refused")
                        .tag("reason", "wrong_kind")
                        .counter()
                        .count())
                .isEqualTo(1);
        assertThat(meters.get("muster.ingest.lag")
                        .tag("consumer", "presence")
                        .gauge()
                        .value())
                .isZero();
    }

    @Test
    void refusalsSayWhatIsAllowed() {
        assertThat(call("/api/v1/assets/truck-1/telemetry?from=yesterday").body())
                .contains("2026-11-23T08:00:00Z");
        assertThat(call("/api/v1/assets/truck-1/telemetry?step=0s").body()).contains("1s to 366d");
        HttpResponse<String> tooMany = call("/api/v1/assets/truck-1/telemetry?metrics=speed&step=1s&from=0");
        assertThat(tooMany.statusCode()).isEqualTo(413);
        assertThat(tooMany.body()).contains("at most 10000").contains("or step=");
        assertThat(call("/api/v1/assets/nobody/telemetry").statusCode()).isEqualTo(404);
        assertThat(call("/api/v1/assets/truck-1/logs?severity=loud").body()).contains("trace, debug, info");
    }

    @Test
    void theServerIsReadyWithItsConsumersRunning() {
        assertThat(server().get("/readyz").statusCode()).isEqualTo(200);
    }

    private static void createAsset(String id, String type) {
        HttpResponse<String> made = server().send(server().adminRequest("/api/v1/assets")
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString("{\"id\":\"%s\",\"type\":\"%s\"}".formatted(id, type))));
        assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
    }

    private static JsonNode get(String path) {
        HttpResponse<String> answer = call(path);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return JSON.readTree(answer.body());
    }

    private static HttpResponse<String> call(String path) {
        return server().send(server().adminRequest(path).GET());
    }

    private static void settle() throws InterruptedException {
        assertThat(server().bean(Ingest.class).awaitCaughtUp(Duration.ofSeconds(30)))
                .isTrue();
        server().bean(TelemetryStore.class).awaitReadable(Duration.ofSeconds(30));
    }

    private static void say(String asset, EntryKind kind, String payload) throws Exception {
        long offset = JournalProbe.say(server().bean(Journal.class), asset, kind, payload);
        assertThat(offset).isNotNegative();
    }
}
