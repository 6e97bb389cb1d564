package dev.muster.alert.incident;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.alert.OpenIncidents;
import dev.muster.platform.event.EventLog;
import dev.muster.protocol.AssetId;
import dev.muster.slo.InService;
import dev.muster.slo.Tally;
import dev.muster.testing.TestServer;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Incidents on a whole server; alerts are said into the event log as whoever keeps them does. */
class IncidentsTest {
    @SuppressWarnings("NullAway.Init")
    private static TestServer server;

    @BeforeAll
    static void start() {
        server = TestServer.start();
        for (String id : List.of("pi-1", "pi-2")) {
            post("/api/v1/assets", """
                    {"id":"%s","type":"linux-device","region":"eu","site":"hamburg","labels":{"gateway":"gw-1"}}""".formatted(id), 201);
        }
        post("/api/v1/assets", """
                {"id":"pi-3","type":"linux-device","region":"us"}""", 201);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void resolvedOnesAreForgottenAfterTheirTimeAndCountAsRepairedUntilThen() {
        long number = 900_001;
        Instant sign = Instant.parse("2020-01-01T00:00:00Z");
        IncidentStore store = server.bean(IncidentStore.class);
        new TransactionTemplate(server.bean(PlatformTransactionManager.class)).executeWithoutResult(status -> {
            store.insert(closed(number, sign, sign.plusSeconds(3_600), "asset.id == 'pi-1' || asset.id == 'pi-2'"));
            store.insert(closed(number + 1, sign, sign.plus(Duration.ofHours(5)), "asset.id == 'pi-1'"));
            store.insert(closed(number + 2, sign, sign.plusSeconds(3_600), "asset.id == 'gone'"));
        });
        RepairSource source = server.bean(RepairSource.class);
        assertThat(counted(source, sign, inService(sign)))
                .isEqualTo(Map.of(
                        "pi-1", new Tally(0.75, 1, 0, 0),
                        "pi-2", new Tally(0.75, 0, 0, 0),
                        "pi-3", new Tally(0.25, 0, 0, 0),
                        "pi-4", new Tally(0.25, 0, 0, 0)));
        assertThat(counted(source, sign, InService.of("pi-1", sign))).isEqualTo(Map.of("pi-1", new Tally(1, 1, 0, 0)));

        assertThat(store.forget(Duration.ofHours(2), sign.plus(Duration.ofHours(4)), 1))
                .isEqualTo(1);
        assertThat(store.forget(Duration.ofHours(2), sign.plus(Duration.ofHours(4)), 10))
                .isEqualTo(1);
        assertThat(store.find(number + 1)).isPresent();
        assertThat(store.forget(Duration.ofHours(2), sign.plus(Duration.ofHours(8)), 10))
                .isEqualTo(1);
    }

    private static Map<String, Tally> counted(RepairSource source, Instant from, InService fleet) {
        Map<String, Tally> counted = new TreeMap<>();
        source.count(
                from, from.plus(Duration.ofDays(1)), fleet, (asset, tally) -> counted.merge(asset, tally, Tally::plus));
        return counted;
    }

    /** Four assets, in two pages. */
    private static InService inService(Instant since) {
        return new InService() {
            @Override
            public int count() {
                return 4;
            }

            @Override
            public void forEachPage(Consumer<Map<String, Instant>> each) {
                each.accept(Map.of("pi-1", since, "pi-2", since));
                each.accept(Map.of("pi-3", since, "pi-4", since));
            }

            @Override
            public Set<String> among(Collection<String> ids) {
                return ids.stream().filter(id -> id.matches("pi-[1-4]")).collect(Collectors.toSet());
            }

            @Override
            public @Nullable String only() {
                return null;
            }
        };
    }

    private static Incident closed(long number, Instant sign, Instant resolved, String about) {
        return new Incident(
                number,
                "old",
                Severity.MINOR,
                State.RESOLVED,
                "Old",
                "",
                "test",
                new Incident.Times(sign, sign, null, null, resolved, resolved),
                null,
                "test",
                "test",
                true,
                0,
                List.of(about),
                0,
                List.of(),
                resolved);
    }

    @Test
    void aPageBecomesAnIncidentAndAnotherOfTheSameGatewayJoinsIt() throws Exception {
        Instant sign = Instant.now().minusSeconds(60).truncatedTo(ChronoUnit.MILLIS);
        say("alert.firing", "1111111111111111", "page", sign, Map.of("alertname", "Silent", "gateway", "gw-1"));
        JsonNode opened = await(one -> one.path("class").asString().equals("Silent"));
        String path = "/api/v1/incidents/" + opened.path("name").asString();
        assertThat(Instant.parse(opened.path("evidenceAt").asString()))
                .isEqualTo(sign.truncatedTo(java.time.temporal.ChronoUnit.MICROS));
        assertThat(opened.path("assets").asInt()).isEqualTo(2);
        assertThat(opened.at("/causes/0/kind").asString()).isEqualTo("gateway");

        say(
                "alert.firing",
                "2222222222222222",
                "page",
                Instant.now(),
                Map.of("alertname", "Slow", "gateway", "gw-1", "region", "eu"));
        await(one -> one.path("name").equals(opened.path("name"))
                && get(path).path("alerts").size() == 2);
        say(
                "alert.firing",
                "3333333333333333",
                "ticket",
                Instant.now(),
                Map.of("alertname", "DiskFull", "asset", "pi-3"));

        assertThat(server.bean(OpenIncidents.class).of(List.of(new AssetId("pi-1"), new AssetId("pi-3"))))
                .containsOnlyKeys(new AssetId("pi-1"));
        assertThat(post(path + "/resolve", "{}", 409).path("detail").asString()).contains("2 alerts that still fire");
        post(path + "/acknowledge", "", 200);
        say("alert.resolved", "1111111111111111", "page", sign, Map.of("alertname", "Silent", "gateway", "gw-1"));
        say("alert.resolved", "2222222222222222", "page", sign, Map.of("alertname", "Slow", "gateway", "gw-1"));
        await(one -> one.path("name").equals(opened.path("name"))
                && one.path("state").asString().equals("mitigated"));
        JsonNode resolved = post(path + "/resolve", "{\"reason\":\"the uplink was replaced\"}", 200);
        assertThat(resolved.path("state").asString()).isEqualTo("resolved");
        assertThat(resolved.path("secondsToClose").asLong()).isGreaterThanOrEqualTo(60);

        post(path + "/actions", "{\"text\":\"a second uplink\",\"owner\":\"net\",\"due\":\"2026-12-24\"}", 200);
        JsonNode empty = get(path + "/postmortem");
        assertThat(empty.path("version").asInt()).isZero();
        String mine =
                "{\"version\":0,\"sections\":{\"summary\":\"The gateway lost its uplink.\",\"lessons\":\"Buy two.\"}}";
        assertThat(put(path + "/postmortem", mine, 200).path("version").asInt()).isEqualTo(1);
        assertThat(put(path + "/postmortem", mine, 409).path("detail").asString())
                .contains("it has version 1, you saw 0");
        JsonNode written = put(path + "/postmortem", "{\"version\":1,\"sections\":{\"lessons\":\"\"}}", 200);
        assertThat(written.path("sections").toString()).isEqualTo("{\"summary\":\"The gateway lost its uplink.\"}");
        assertThat(written.path("text").asString()).contains("## Summary\n\nThe gateway lost its uplink.\n");
        put(path + "/postmortem", "{\"version\":2,\"sections\":{\"timeline\":\"x\"}}", 400);
        assertThat(get(path + "/postmortem").path("text").asString())
                .contains("gateway gw-1", "the uplink was replaced", "| 1 | a second uplink | net | 2026-12-24 | no |");
        assertThat(get("/api/v1/incidents/figures").path("closed").asInt()).isPositive();
        assertThat(get("/api/v1/incidents?state=open").path("items"))
                .as("a ticket opens none")
                .isEmpty();

        say(
                "alert.firing",
                "1111111111111111",
                "page",
                Instant.now(),
                Map.of("alertname", "Silent", "gateway", "gw-1"));
        await(one -> one.path("name").equals(opened.path("name"))
                && one.path("reopened").asInt() == 1);
        post(path + "/resolve", "{\"force\":true}", 200);
    }

    @Test
    void aTokenOfAnotherRegionDoesNotSeeIt() {
        JsonNode token = post(
                "/api/v1/tokens", "{\"name\":\"us\",\"role\":\"operator\",\"scope\":\"asset.region == 'us'\"}", 201);
        JsonNode opened =
                post("/api/v1/incidents", "{\"title\":\"smoke in pi-1\",\"selector\":\"asset.id == 'pi-1'\"}", 201);
        HttpResponse<String> seen = server.send(server.request(
                        "/api/v1/incidents/" + opened.path("name").asString())
                .header(
                        "Authorization",
                        "Bearer "
                                + token.path("secret")
                                        .asString(token.path("token").asString("")))
                .GET());
        assertThat(seen.statusCode()).as(seen.body()).isEqualTo(404);
        post("/api/v1/incidents/" + opened.path("name").asString() + "/resolve", "{}", 200);
    }

    private static void say(
            String type, String fingerprint, String severity, Instant startsAt, Map<String, String> labels) {
        new TransactionTemplate(server.bean(PlatformTransactionManager.class))
                .executeWithoutResult(status -> server.bean(EventLog.class)
                        .append(
                                type,
                                "alert/" + fingerprint,
                                Map.of(
                                        "fingerprint",
                                        fingerprint,
                                        "labels",
                                        new TreeMap<>(labels),
                                        "annotations",
                                        Map.of("summary", labels + " is wrong"),
                                        "startsAt",
                                        startsAt.toString(),
                                        "severity",
                                        severity,
                                        "source",
                                        "test",
                                        "state",
                                        "firing")));
    }

    private static JsonNode await(Predicate<JsonNode> condition) throws InterruptedException {
        Instant end = Instant.now().plus(Duration.ofSeconds(30));
        while (Instant.now().isBefore(end)) {
            for (JsonNode one : get("/api/v1/incidents").path("items")) {
                if (condition.test(one)) {
                    return one;
                }
            }
            Thread.sleep(50);
        }
        throw new AssertionError("no such incident within 30 s: " + get("/api/v1/incidents"));
    }

    private static JsonNode put(String path, String body, int status) {
        HttpResponse<String> answer = server.send(server.adminRequest(path)
                .header("Content-Type", "application/json")
                .PUT(java.net.http.HttpRequest.BodyPublishers.ofString(body)));
        assertThat(answer.statusCode()).as(path + ": " + answer.body()).isEqualTo(status);
        return JsonMapper.shared().readTree(answer.body());
    }

    private static JsonNode get(String path) {
        HttpResponse<String> answer = server.send(server.adminRequest(path).GET());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return JsonMapper.shared().readTree(answer.body());
    }

    private static JsonNode post(String path, String body, int status) {
        HttpResponse<String> answer = server.send(server.adminRequest(path)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body)));
        assertThat(answer.statusCode()).as(path + ": " + answer.body()).isEqualTo(status);
        return JsonMapper.shared().readTree(answer.body());
    }
}
