package dev.muster.runbook;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.command.CommandResults;
import dev.muster.platform.event.EventLog;
import dev.muster.protocol.AssetId;
import dev.muster.protocol.Uplink.CommandResult;
import dev.muster.testing.TestServer;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Runbooks on a whole server; alerts are said into the event log, and the assets' part is played here. */
class RunbooksTest {
    @SuppressWarnings("NullAway.Init")
    private static TestServer server;

    @BeforeAll
    static void start() {
        server = TestServer.start();
        for (String id : List.of("pi-1", "pi-2", "pi-3")) {
            post("/api/v1/assets", """
                    {"id":"%s","type":"linux-device","region":"eu"}""".formatted(id), 201);
        }
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void aPageIsMendedByItsRunbookAndItsIncidentIsClosedWithoutAPerson() throws Exception {
        say("alert.firing", "aaaaaaaaaaaaaaaa", "page", Map.of("alertname", "ClockSkew", "asset", "pi-1"));
        JsonNode run = await(
                "/api/v1/runbook-runs?runbook=clock-skew",
                one -> one.path("step").asString("").equals("set"));
        assertThat(run.path("incident").asString()).startsWith("INC-");
        JsonNode command = await(
                "/api/v1/commands?asset=pi-1",
                one -> one.path("name").asString().equals("restart-service"));
        assertThat(command.path("createdBy").asString()).isEqualTo("runbook/clock-skew");
        server.bean(CommandResults.class)
                .accept(List.of(new CommandResults.Word(
                        new AssetId("pi-1"),
                        Instant.now(),
                        new CommandResult(command.path("id").asString(), CommandResult.Status.SUCCEEDED, null))));
        await(
                "/api/v1/runbook-runs?runbook=clock-skew",
                one -> one.path("step").asString("").equals("over"));
        say("alert.resolved", "aaaaaaaaaaaaaaaa", "page", Map.of("alertname", "ClockSkew", "asset", "pi-1"));

        JsonNode closed =
                await("/api/v1/incidents", one -> one.path("state").asString().equals("resolved"));
        assertThat(closed.path("resolvedBy").asString()).isEqualTo("runbook clock-skew");
        assertThat(closed.path("byPerson").asBoolean()).isFalse();
        JsonNode ended = get("/api/v1/runbook-runs/" + run.path("id").asString());
        assertThat(ended.path("phase").asString()).isEqualTo("succeeded");
        assertThat(ended.path("steps")
                        .valueStream()
                        .map(step -> step.path("state").asString()))
                .startsWith("succeeded")
                .doesNotContain("running", "failed");
        String incident = closed.path("name").asString();
        assertThat(get("/api/v1/runbook-runs?incident=" + incident + "&state=succeeded")
                        .path("items"))
                .hasSize(1);
        assertThat(get("/api/v1/runbook-runs?incident=" + incident + "&state=failed")
                        .path("items"))
                .isEmpty();
        JsonNode figures = get("/api/v1/runbooks/figures").at("/runbooks/0");
        assertThat(figures.path("incidents").asInt()).isEqualTo(1);
        assertThat(figures.path("withoutPerson").asInt()).isEqualTo(1);
        assertThat(figures.path("lastRun").asString()).isEqualTo(run.path("id").asString());
        assertThat(get("/api/v1/incidents/figures")
                        .at("/classes/0/withoutPerson")
                        .asInt())
                .isEqualTo(1);
        assertThat(get("/api/v1/runbooks/figures").path("toilSavedMinutes").asLong())
                .isEqualTo(15);
        assertThat(get("/api/v1/incidents/" + closed.path("name").asString() + "/postmortem")
                        .path("text")
                        .asString())
                .contains("runbook clock-skew", "set succeeded", "| A person had to act | no |");

        say("alert.firing", "bbbbbbbbbbbbbbbb", "ticket", Map.of("alertname", "ClockSkew", "asset", "pi-1"));
        JsonNode refused = await(
                "/api/v1/runbook-runs?runbook=clock-skew",
                one -> one.path("phase").asString().equals("refused")
                        && one.path("targets").toString().contains("pi-1"));
        assertThat(refused.path("reason").asString()).contains("coolDown is 360 min");
    }

    /** A vehicle cannot restart services: its alert is a person's from the first moment, and the incident says why. */
    @Test
    void whatATypeDoesNotDeclareIsNotBegun() throws Exception {
        post("/api/v1/assets", """
                {"id":"van-1","type":"vehicle"}""", 201);
        say("alert.firing", "cccccccccccccccc", "page", Map.of("alertname", "ClockSkew", "asset", "van-1"));
        String why = "type vehicle declares no command restart-service";
        JsonNode run = await(
                "/api/v1/runbook-runs?runbook=clock-skew",
                one -> one.path("targets").toString().contains("van-1"));
        assertThat(run.path("phase").asString() + ": " + run.path("reason").asString())
                .isEqualTo("refused: " + why);
        JsonNode incident = await(
                "/api/v1/incidents",
                one -> one.path("name").asString().equals(run.path("incident").asString()));
        assertThat(incident.path("state").asString()).isEqualTo("open");
        assertThat(get("/api/v1/incidents/" + incident.path("name").asString()).toString())
                .contains("is not run: " + why);
        assertThat(post("/api/v1/runbooks/clock-skew/plan", "{\"labels\":{\"asset\":\"van-1\"}}", 200)
                        .path("problem")
                        .asString())
                .isEqualTo(why);
    }

    /** Their targets are nobody, so that it is the alert that says what a run is about. */
    @Test
    void twoRolloutsThatGoBackAtOnceHaveARunEach() throws Exception {
        Map<String, String> alerts = Map.of("north", "dddddddddddddddd", "south", "eeeeeeeeeeeeeeee");
        alerts.forEach((rollout, fingerprint) -> say(
                "alert.firing",
                fingerprint,
                "page",
                Map.of("alertname", "RolloutReverting", "rollout", rollout, "release", "app@9.9.9")));
        for (String rollout : alerts.keySet()) {
            JsonNode incident = await(
                    "/api/v1/incidents", one -> one.path("title").asString().contains("rollout=" + rollout));
            JsonNode run = await(
                    "/api/v1/runbook-runs?runbook=rollout-reverting",
                    one -> one.path("incident")
                            .asString()
                            .equals(incident.path("name").asString()));
            assertThat(run.path("phase").asString() + run.path("reason").asString())
                    .doesNotContain("refused", "about the same");
        }
    }

    @Test
    void aSecondPersonIsAskedForAndNobodyApprovesHimself() throws Exception {
        apply("""
                apiVersion: muster.dev/v1
                kind: Runbook
                metadata: {name: wide}
                spec:
                  guards: {maxShare: "100%", secondPersonAbove: 1}
                  steps:
                    - {name: ask, approve: {instructions: "look at the lamp of ${labels.place}"}}
                """);
        String start = "{\"labels\":{\"place\":\"dock 7\"},\"selector\":\"asset.region == 'eu'\"}";
        JsonNode plan = post("/api/v1/runbooks/wide/plan", start, 200);
        assertThat(plan.path("needsSecondPerson").asBoolean()).isTrue();
        assertThat(plan.at("/steps/0").asString()).contains("asks a person: look at the lamp of dock 7");
        assertThat(post("/api/v1/runbooks/wide/plan", "{}", 200).path("problem").asString())
                .isEqualTo("${labels.place} has no value");

        JsonNode run = post("/api/v1/runbooks/wide/run", start, 201);
        String path = "/api/v1/runbook-runs/" + run.path("id").asString();
        assertThat(run.path("phase").asString()).isEqualTo("waiting");
        assertThat(get(path).path("asks").asString()).isEqualTo("second-person");
        assertThat(post(path + "/approve", "", 422).path("detail").asString()).contains("needs a second person");
        JsonNode second = post("/api/v1/tokens", "{\"name\":\"second\",\"role\":\"operator\"}", 201);
        as(second.path("secret").asString(second.path("token").asString("")), path + "/approve");
        await(
                "/api/v1/runbook-runs?runbook=wide",
                one -> one.path("step").asString("").equals("ask")
                        && one.path("phase").asString().equals("running"));
        assertThat(post("/api/v1/runbooks/wide/run", start, 422).path("detail").asString())
                .contains("is under way");
        JsonNode asks = get(path);
        for (int i = 0; i < 200 && asks.path("asks").asString("").isEmpty(); i++) {
            Thread.sleep(50); // it is written down before it is asked
            asks = get(path);
        }
        assertThat(asks.path("asks").asString()).isEqualTo("person");
        assertThat(asks.at("/steps/0/waits").asString()).isEqualTo("nobody has done it");
        post(path + "/stop", "", 200);
        JsonNode stopped = await(
                "/api/v1/runbook-runs?runbook=wide",
                one -> one.path("phase").asString().equals("stopped"));
        assertThat(stopped.path("reason").asString()).startsWith("stopped by token");
        post(path + "/stop", "", 409);

        RunbookStore store = server.bean(RunbookStore.class);
        Instant ended = Instant.parse(stopped.path("endedAt").asString());
        store.forget(ended, 1_000);
        assertThat(get(path).path("phase").asString()).isEqualTo("stopped");
        assertThat(store.forget(ended.plusMillis(1), 1_000)).isPositive();
        assertThat(store.run(run.path("id").asString())).isEmpty();
    }

    @Test
    void aGameDayIsRefusedForAssetsThatAreNotThereToBeBroken() {
        String wanted = "{\"name\":\"x\",\"faults\":[{\"kind\":\"offline\",\"selector\":\"%s\",\"for\":\"1m\"}]}";
        assertThat(post("/api/v1/gamedays", wanted.formatted("asset.region == 'eu'"), 422)
                        .path("detail")
                        .asString())
                .contains("3 assets that are neither simulated nor marked, among them [pi-1, pi-2, pi-3]");
        post("/api/v1/assets", """
                {"id":"toy-1","type":"sensor","labels":{"gameday":"true"}}""", 201);
        JsonNode begun = post("/api/v1/gamedays", wanted.formatted("asset.id == 'toy-1'"), 201);
        assertThat(begun.at("/faults/0/lines/0").asString()).isEqualTo("offline toy-1");
        JsonNode ended = post("/api/v1/gamedays/" + begun.path("id").asString() + "/end", "", 200);
        assertThat(ended.path("endedAt").asString()).isNotEmpty();
        assertThat(get("/api/v1/gamedays").at("/items/0/id").asString())
                .isEqualTo(begun.path("id").asString());
    }

    @Test
    void theExamplesAreAppliedAndHold() throws Exception {
        try (Stream<Path> files = Files.list(Path.of("..", "examples", "runbooks"))) {
            for (Path file : files.sorted().toList()) {
                apply(Files.readString(file));
                JsonNode document =
                        tools.jackson.dataformat.yaml.YAMLMapper.shared().readTree(Files.readString(file));
                String name = document.path("metadata").path("name").asString();
                JsonNode tested = post(
                        "/api/v1/runbooks/test",
                        JsonMapper.shared()
                                .createObjectNode()
                                .put("name", name)
                                .set("spec", document.path("spec"))
                                .toString(),
                        200);
                assertThat(tested.path("failed").asInt())
                        .as(tested.toPrettyString())
                        .isZero();
                assertThat(tested.path("passed").asInt()).as("%s", file).isPositive();
                assertThat(get("/api/v1/runbooks/" + name + "/revisions").path("items"))
                        .hasSize(1);
            }
        }
    }

    private static void apply(String yaml) {
        HttpResponse<String> answer = server.send(server.adminRequest("/api/v1/apply")
                .header("Content-Type", "application/yaml")
                .POST(BodyPublishers.ofString(yaml)));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }

    private static void as(String token, String path) {
        HttpResponse<String> answer = server.send(
                server.request(path).header("Authorization", "Bearer " + token).POST(BodyPublishers.noBody()));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }

    private static void say(String type, String fingerprint, String severity, Map<String, String> labels) {
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
                                        Instant.now().toString(),
                                        "severity",
                                        severity)));
    }

    private static JsonNode await(String path, Predicate<JsonNode> condition) throws InterruptedException {
        Instant end = Instant.now().plus(Duration.ofSeconds(30));
        while (Instant.now().isBefore(end)) {
            for (JsonNode one : get(path).path("items")) {
                if (condition.test(one)) {
                    return one;
                }
            }
            Thread.sleep(50);
        }
        throw new AssertionError("not within 30 s in " + path + ": " + get(path));
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
