package dev.muster.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.release.ReleaseName;
import dev.muster.rollout.RolloutServer.Behaviour;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RolloutsTest {
    private static final String QUICK = "soak: 0s, timeout: 5m, evidence: confirmed";
    private final RolloutServer server = new RolloutServer();

    @BeforeAll
    void publish() {
        server.publish("app", "2.0");
        server.publish("app", "3.0");
    }

    @AfterAll
    void close() {
        server.close();
    }

    @Test
    void aReleaseMovesThroughItsWavesAndIsProvedByWhatAssetsReport() {
        for (int i = 0; i < 6; i++) {
            server.device("good-" + i, "1." + i % 2, Behaviour.GOOD, "good");
        }
        server.declare("good", "good", "2.0", QUICK + ", waves: [{name: canary, count: 1}, {percent: 100%}]");
        assertThat(server.status("good").path("phase").asString()).isEqualTo("draft");

        JsonNode plan = server.get("/api/v1/rollouts/good/plan");
        assertThat(plan.path("waves").get(0).path("targets").asInt()).isEqualTo(1);
        assertThat(plan.path("waves").get(1).path("targets").asInt()).isEqualTo(5);

        assertThat(server.act("good", "start", "{}").statusCode()).isEqualTo(200);
        JsonNode status = server.liveUntil("good", "completed");

        assertThat(status.path("counts").toString()).isEqualTo("{\"succeeded\":6}");
        assertThat(server.versions()).containsEntry("good-0", "2.0").containsEntry("good-5", "2.0");
        assertThat(server.decisions("good"))
                .containsExactly(
                        "start started",
                        "open_wave opened",
                        "gate pass",
                        "open_wave opened",
                        "gate pass",
                        "end completed");
        JsonNode first =
                server.get("/api/v1/rollouts/good/targets").path("items").get(0);
        assertThat(first.path("asset").asString())
                .as("the canary is the first of the plan")
                .isEqualTo(plan.path("waves").get(0).path("assets").get(0).asString());
    }

    @Test
    void whatWasBroughtLatelyIsKnownWithHowManyRunIt() {
        for (int i = 0; i < 3; i++) {
            server.device("recent-" + i, "1.0", Behaviour.GOOD, "recent");
        }
        server.declare("recent", "recent", "2.0", QUICK + ", waves: [{count: 2}, {percent: 100%, manual: true}]");
        server.act("recent", "start", "{}");
        RecentRollouts.Recent recent = server.recent().endedWithin(Duration.ofHours(1), Instant.now()).stream()
                .filter(each -> each.name().equals("recent"))
                .findFirst()
                .orElseThrow();
        assertThat(recent.component() + "@" + recent.version()).isEqualTo("app@2.0");
        assertThat(server.recent().running(recent))
                .as("who was ordered runs it not yet")
                .isZero();

        server.liveUntil(
                "recent", status -> status.path("counts").path("succeeded").asInt() == 2);

        assertThat(server.recent().running(recent)).isEqualTo(2);
        assertThat(server.recent().running(recent, List.of("recent-0", "recent-1", "recent-2")))
                .hasSize(2);
        server.act("recent", "abort", "{}");
        assertThat(server.liveUntil("recent", "aborted")
                        .path("counts")
                        .path("succeeded")
                        .asInt())
                .isEqualTo(2);
        assertThat(server.recent().running(recent))
                .as("who has it, has it still")
                .isEqualTo(2);
    }

    @Test
    void anOutageLetsNobodysDeadlinePass() {
        server.device("cut-0", "1.0", Behaviour.GOOD, "cut");
        server.declare("cut", "cut", "2.0", "soak: 0s, timeout: 50s, evidence: confirmed");
        server.act("cut", "start", "{}");
        server.awaitStages("cut", Map.of("cut-0", "ordered"));

        server.outage();

        assertThat(server.stages("cut")).isEqualTo(Map.of("cut-0", "ordered"));
        assertThat(server.liveUntil("cut", "completed").path("counts").toString())
                .isEqualTo("{\"succeeded\":1}");
    }

    @Test
    void aBadCanaryStopsTheRolloutAndEveryTouchedAssetReturnsToItsOwnPreviousRelease() {
        server.publish("app", "2.9");
        for (int i = 0; i < 5; i++) {
            server.device("bad-" + i, "1." + i, behaviour(i), "bad");
        }
        server.declare(
                "bad",
                "bad",
                "2.9",
                "soak: 1s, timeout: 5m, maxInFlight: 5, failures: {threshold: 0%, minSamples: 1, then: rollback}");
        server.act("bad", "start", "{}");
        JsonNode status = server.liveUntil("bad", "rolled_back");

        assertThat(status.path("why").asString()).contains("have failed, the wave bears 0%");
        assertThat(server.stages("bad").values()).containsOnly("rolled_back");
        JsonNode failed = server.get("/api/v1/rollouts/bad/categories");
        assertThat(failed)
                .isNotEmpty()
                .allMatch(each ->
                        each.path("sentBack").asBoolean() && each.path("reason").isString());
        assertThat(server.versions())
                .containsEntry("bad-0", "1.0")
                .containsEntry("bad-1", "1.1")
                .containsEntry("bad-2", "1.2")
                .containsEntry("bad-4", "1.4");
        JsonNode gate =
                server.get("/api/v1/rollouts/bad/decisions").path("items").get(2);
        assertThat(gate.path("kind").asString()).isEqualTo("gate");
        assertThat(gate.path("outcome").asString()).isEqualTo("fail");
        assertThat(gate.path("threshold").path("failed").asString()).isEqualTo("0%");
        assertThat(gate.path("inputs").path("failed").asInt()).isPositive();
        assertThat(server.get("/api/v1/releases/app@2.9").path("reason").asString())
                .startsWith("rollout bad was rolled back: wave all: ");
        server.declare("bad-again", "bad", "2.9", QUICK);
        assertThat(server.act("bad-again", "start", "{}").body())
                .contains("which is quarantined since", "muster release release app@2.9 --reason TEXT ends that");
    }

    /** 4 of 4 fail, and none of 16: Fisher's exact test gives 1 in 4,845, and 1 in 200 is asked for with two strata. */
    @Test
    void onlyTheHardwareThatIsBadGoesBackAndTheReleaseIsWithheldFromIt() {
        server.publish("app", "7.1");
        for (int i = 0; i < 20; i++) {
            server.device(
                    "rev-%02d".formatted(i),
                    "1.0",
                    i < 4 ? Behaviour.GOES_BACK : Behaviour.GOOD,
                    "rev",
                    i < 4 ? "rev-c" : "rev-a");
        }
        server.declare(
                "rev",
                "rev",
                "7.1",
                "soak: 1s, timeout: 5m, stratify: [hardware], failures: {threshold: 25%, then: rollback, scope: stratum}");
        assertThat(server.act("rev", "start", "{}").statusCode()).isEqualTo(200);
        server.liveUntil("rev", "completed");

        JsonNode strata = server.status("rev").path("strata");
        assertThat(strata.get(0).path("values").toString()).isEqualTo("{\"hardware\":\"rev-c\"}");
        assertThat(strata.get(0).path("state").asString()).isEqualTo("recalled");
        assertThat(strata.get(0).path("why").asString())
                .as("as soon as it is no chance")
                .matches("rev-c: [34] of [34] that have begun have failed, of the others 0 of \\d+; a wave bears 25%");
        assertThat(strata.get(0).path("counts").toString()).isEqualTo("{\"rolled_back\":4}");
        assertThat(strata.get(1).path("counts").toString()).isEqualTo("{\"succeeded\":16}");
        assertThat(server.decisions("rev")).contains("stratum recalled").doesNotContain("roll_back rolling_back");
        assertThat(server.get("/api/v1/releases/app@7.1").path("status").asString())
                .isEqualTo("published");

        JsonNode withheld = server.get("/api/v1/releases/app@7.1/withheld");
        assertThat(withheld).hasSize(1);
        assertThat(withheld.get(0).path("stratum").toString()).isEqualTo("{\"hardware\":\"rev-c\"}");
        server.device("rev-new", "1.0", Behaviour.GOOD, "rev", "rev-c");
        server.declare("rev-again", "rev", "7.1", QUICK);
        assertThat(server.get("/api/v1/rollouts/rev-again/plan")
                        .path("leftOut")
                        .valueStream()
                        .filter(left -> left.path("reason").asString().equals("withheld"))
                        .map(left -> left.path("count").asInt()))
                .containsExactly(5);
        String id = withheld.get(0).path("id").toString();
        assertThat(server.post("/api/v1/releases/app@7.1/withheld/" + id + "/end", "{\"reason\":\"fixed\"}")
                        .statusCode())
                .isEqualTo(204);
        assertThat(server.get("/api/v1/rollouts/rev-again/plan").path("targets").asInt())
                .isEqualTo(5);
    }

    @Test
    void peoplePromoteExcludeAndTryOneOnceMoreAndAreToldWhyNot() {
        server.publish("app", "7.2");
        for (int i = 0; i < 8; i++) {
            server.device("verb-" + i, "1.0", Behaviour.GOOD, "verb", i < 2 ? "rev-b" : "rev-a");
        }
        server.declare(
                "verb",
                "verb",
                "7.2",
                "soak: 1h, timeout: 5m, stratify: [hardware], failures: {by: [hardware]},"
                        + " waves: [{count: 2}, {count: 4}, {percent: 100%}]");
        server.act("verb", "start", "{}");
        String last = server.get("/api/v1/rollouts/verb/targets")
                .path("items")
                .get(7)
                .path("asset")
                .asString();
        assertThat(server.act("verb", "exclude", "{\"assets\":[\"%s\"],\"reason\":\"in repair\"}".formatted(last))
                        .statusCode())
                .isEqualTo(200);
        assertThat(server.act("verb", "exclude", "{\"assets\":[\"nobody\"]}").body())
                .contains("has no target nobody");
        assertThat(server.act("verb", "exclude", "{\"stratum\":{\"hardware\":\"rev-z\"}}")
                        .body())
                .contains("has no target with {hardware=rev-z}; its strata are ");
        assertThat(server.act("verb", "exclude", "{\"stratum\":{\"hardware\":\"rev-b\"},\"reason\":\"no cable\"}")
                        .statusCode())
                .isEqualTo(200);
        String operator = server.token("promoter", "operator", null);
        assertThat(server.postAs(operator, "/api/v1/rollouts/verb/promote", "{}")
                        .statusCode())
                .as("it goes past a gate")
                .isEqualTo(403);
        assertThat(server.act("verb", "promote", "{\"reason\":\"needed today\",\"full\":true}")
                        .statusCode())
                .isEqualTo(200);
        assertThat(server.act("verb", "promote", "{}").body()).contains("is on its last wave");
        assertThat(server.act("verb", "retry", "{\"assets\":[\"%s\"]}".formatted(last))
                        .body())
                .contains("can try none of them again: [" + last + " is excluded]");
        server.liveUntil(
                "verb", status -> status.path("counts").path("verifying").asInt() >= 4);
        assertThat(server.stages("verb")).containsEntry(last, "excluded operator");
        assertThat(server.decisions("verb"))
                .contains("exclude excluded", "stratum stopped", "promote full", "open_wave opened");
    }

    @Test
    void whoDidNotComeToRunItIsTriedAgainNoPlaceIsCrowdedAndTheDeadlineEndsIt() {
        server.publish("app", "7.3");
        for (int i = 0; i < 6; i++) {
            server.device(
                    "tardy-" + i,
                    "1.0",
                    i == 0 ? Behaviour.FAILS_TO_INSTALL : Behaviour.GOOD,
                    "tardy",
                    i == 0 ? "rev-x" : "rev-" + i % 2);
        }
        server.declare(
                "tardy",
                "tardy",
                "7.3",
                "soak: 1h, timeout: 5m, failures: {threshold: 100%}, perPlace: {by: hardware, maxInFlight: 2},"
                        + " retries: {limit: 3, backoff: 1s, longest: 2s}, deadline: {after: 20s, then: abort}");
        server.act("tardy", "start", "{}");
        JsonNode status =
                server.liveUntil("tardy", each -> server.stages("tardy").containsValue("excluded deadline"));

        assertThat(status.path("phase").asString()).isEqualTo("aborting");
        assertThat(status.path("why").asString()).isEqualTo("the deadline has passed, PT20S after the start");
        assertThat(server.decisions("tardy")).contains("deadline abort").doesNotContain("abort aborting");
        assertThat(server.get("/api/v1/rollouts/tardy/targets/tardy-0")
                        .path("target")
                        .path("retries")
                        .asInt())
                .isPositive();
        assertThat(server.stages("tardy").values())
                .filteredOn("verifying"::equals)
                .hasSize(4);
        assertThat(server.jdbc()
                        .queryForList(
                                "select t.place from rollout_target t join rollout r on r.id = t.rollout"
                                        + " where r.name = 'tardy' and t.stage = 7 order by t.place",
                                String.class))
                .containsExactly("rev-0", "rev-0", "rev-1", "rev-1");
    }

    private static Behaviour behaviour(int i) {
        return switch (i) {
            case 1 -> Behaviour.FAILS_TO_INSTALL;
            case 3 -> Behaviour.GOES_BACK;
            default -> Behaviour.GOOD;
        };
    }

    @Test
    void thePlanSaysWhoIsLeftOutAndWhyAndWhoCouldNotGoBack() {
        server.device("plan-there", "2.0", Behaviour.GOOD, "plan");
        server.device("plan-one", "1.0", Behaviour.GOOD, "plan");
        server.post("/api/v1/assets", "{\"id\":\"plan-new\",\"type\":\"sensor\",\"labels\":{\"group\":\"plan\"}}");
        server.declare("plan", "plan", "2.0", QUICK);

        JsonNode plan = server.get("/api/v1/rollouts/plan/plan");
        assertThat(plan.path("selected").asInt()).isEqualTo(3);
        assertThat(plan.path("withoutRollbackTarget").asInt()).isEqualTo(1);
        assertThat(plan.path("waves").get(0).path("assets").toString()).isEqualTo("[\"plan-one\"]");
        assertThat(plan.path("leftOut").toString())
                .contains("\"reason\":\"already_there\",\"count\":1,\"assets\":{\"plan-there\":\"runs 2.0\"}")
                .contains("plan-new");
    }

    @Test
    void thePlanMixesTheWavesAndSaysWhatTheCanaryProvesWhatIsDownloadedAndWhoWouldWait() {
        for (int i = 0; i < 12; i++) {
            server.device("mix-" + i, i == 0 ? "1.1" : "1.0", Behaviour.GOOD, "mix");
        }
        server.settle();
        server.put("mix-3", "{\"type\":\"sensor\",\"labels\":{\"group\":\"mix\",\"pin/app\":\"1.0\"}}");
        for (String lifecycle : List.of("active", "maintenance")) {
            server.put(
                    "mix-4",
                    "{\"type\":\"sensor\",\"labels\":{\"group\":\"mix\"},\"lifecycle\":\"%s\"}".formatted(lifecycle));
        }
        server.declare(
                "mix",
                "mix",
                "2.0",
                "staging: \"asset.id in ['mix-1', 'mix-2']\", stratify: [version], soak: 10m,"
                        + " waves: [{count: 2}, {percent: 100%, manual: true}]");

        JsonNode plan = server.get("/api/v1/rollouts/mix/plan");
        assertThat(plan.path("waves")
                        .valueStream()
                        .map(wave -> wave.path("name").asString()
                                + wave.path("strata").toString()))
                .containsExactly(
                        "staging[{\"values\":{\"version\":\"1.0\"},\"targets\":2}]",
                        "wave-1[{\"values\":{\"version\":\"1.0\"},\"targets\":1},{\"values\":{\"version\":\"1.1\"},\"targets\":1}]",
                        "wave-2[{\"values\":{\"version\":\"1.0\"},\"targets\":7}]");
        assertThat(plan.path("canary").path("text").asString())
                .startsWith("no failure among the 2 of wave wave-1 shows that fewer than 77.64% of the assets");
        assertThat(plan.path("canary").path("missing").toString()).isEqualTo("[]");
        assertThat(plan.path("downloads").toString())
                .isEqualTo("{\"bytes\":11,\"artifacts\":[{\"target\":\"app/2.0/all.tar\",\"bytes\":1,\"assets\":11}]}");
        assertThat(plan.path("leftOut").toString())
                .isEqualTo(
                        "[{\"reason\":\"pinned\",\"count\":1,\"assets\":{\"mix-3\":\"its label pin/app holds it on 1.0\"}}]");
        assertThat(plan.path("waiting").toString())
                .isEqualTo("[{\"reason\":\"maintenance\",\"count\":1,\"assets\":{\"mix-4\":\"is in maintenance\"}}]");
        assertThat(plan.path("time").path("seconds").asLong()).isGreaterThanOrEqualTo(1_800);
    }

    @Test
    void thePlanKnowsEachReasonForWhichAnAssetDoesNotGoOrNotNow() {
        server.apply("""
                apiVersion: muster.dev/v1
                kind: AssetType
                metadata: {name: why-parked}
                spec: {updatePolicy: {requires: "asset.labels.parked == 'yes'"}}
                ---
                apiVersion: muster.dev/v1
                kind: AssetType
                metadata: {name: why-full}
                spec: {updatePolicy: {space: {metric: disk.free, times: 2, reserve: 1KiB}}}
                """);
        server.publish("app", "7.0");
        server.jdbc().update("update release_file set hardware = '{rev-a}' where path = 'app/7.0/all.tar'");
        for (String id : List.of("goes", "retired", "pinned", "maintained", "watched", "other", "there")) {
            String version = id.equals("there") ? "7.0" : "1.0";
            server.device("why-" + id, version, Behaviour.GOOD, "why", id.equals("other") ? "rev-z" : "rev-a");
        }
        server.device("why-moving", "why-parked", "1.0", Behaviour.GOOD, "why", "rev-a");
        server.device("why-full", "why-full", "1.0", Behaviour.GOOD, "why", "rev-a");
        server.post(
                "/api/v1/assets",
                "{\"id\":\"why-new\",\"type\":\"sensor\",\"hardware\":\"rev-a\",\"labels\":{\"group\":\"why\"}}");
        server.settle();
        server.put("why-pinned", sensor("\"pin/app\":\"1.0\"", "active"));
        server.put("why-maintained", sensor("\"why\":\"planned\"", "active"));
        server.put("why-maintained", sensor("\"why\":\"planned\"", "maintenance"));
        server.put("why-retired", sensor("\"why\":\"old\"", "retired"));
        HttpResponse<String> opened = server.post(
                "/api/v1/incidents",
                "{\"title\":\"it smells\",\"severity\":\"minor\",\"selector\":\"asset.id == 'why-watched'\"}");
        assertThat(opened.statusCode()).as(opened.body()).isEqualTo(201);
        String incident =
                JsonMapper.shared().readTree(opened.body()).path("name").asString();
        server.declare("why", "why", "7.0", QUICK);

        JsonNode plan = server.get("/api/v1/rollouts/why/plan");
        assertThat(said(plan.path("leftOut")))
                .isEqualTo(Map.of(
                        "gone", "why-retired is retired",
                        "pinned", "why-pinned its label pin/app holds it on 1.0",
                        "incompatible",
                                "why-other app@7.0 has no artifact for asset why-other: its hardware is rev-z,"
                                        + " artifacts are for rev-a",
                        "already_there", "why-there runs 7.0",
                        "no_rollback_target", "why-new has not reported which version it runs"));
        assertThat(said(plan.path("waiting")))
                .isEqualTo(
                        Map.of(
                                "maintenance", "why-maintained is in maintenance",
                                "incident", "why-watched open incident " + incident + ": it smells",
                                "unsafe",
                                        "why-moving its type why-parked allows an update when asset.labels.parked == 'yes'",
                                "no_space",
                                        "why-full needs 1026 bytes for an artifact of 1, disk.free: nothing was told within 1h"));
        assertThat(plan.path("selected").asInt()).isEqualTo(10);
        server.post("/api/v1/incidents/" + incident + "/resolve", "{\"resolution\":\"aired\"}");
    }

    private static String sensor(String label, String lifecycle) {
        return "{\"type\":\"sensor\",\"hardware\":\"rev-a\",\"labels\":{\"group\":\"why\",%s},\"lifecycle\":\"%s\"}"
                .formatted(label, lifecycle);
    }

    /** By reason the asset, of which there is one, and what is said of it. */
    private static Map<String, String> said(JsonNode reasons) {
        Map<String, String> said = new TreeMap<>();
        reasons.forEach(reason -> {
            assertThat(reason.path("count").asInt()).as("%s", reason).isEqualTo(1);
            reason.path("assets")
                    .forEachEntry(
                            (asset, why) -> said.put(reason.path("reason").asString(), asset + " " + why.asString()));
        });
        return said;
    }

    @Test
    void someReleasesNeedMorePeopleThanOthersAndConfigurationsWhereATypeSaysSo() {
        server.apply("""
                apiVersion: muster.dev/v1
                kind: AssetType
                metadata: {name: valve}
                spec: {updatePolicy: {approvals: 1, approvalsOf: {app: 2, configuration: 1}}}
                """);
        server.device("valve-0", "1.0", Behaviour.GOOD, "valve");
        server.settle();
        server.put("valve-0", "{\"type\":\"valve\",\"labels\":{\"group\":\"valve\"}}");
        server.declare("valve", "valve", "2.0", QUICK);
        server.configure("valve", "config: {torque: 4}");
        server.declareConfiguration("valve-torque", "valve", "{torque: 5}", QUICK);

        JsonNode release = server.get("/api/v1/rollouts/valve/plan").path("approvals");
        assertThat(release.path("needed").asInt()).isEqualTo(2);
        assertThat(release.path("why").toString())
                .isEqualTo(
                        "[\"changes 1 of 1 assets of the type valve, whose criticality is medium, which asks for them for"
                                + " app\"]");
        assertThat(server.get("/api/v1/rollouts/valve-torque/plan")
                        .path("approvals")
                        .path("needed")
                        .asInt())
                .isEqualTo(1);
        assertThat(server.act("valve-torque", "start", "{}").body()).contains("it needs 1 approval by people other");
    }

    @Test
    void whatIsRiskyNeedsSomebodyElseThanItsAuthorAndAgainWhenItIsChanged() {
        server.apply("""
                apiVersion: muster.dev/v1
                kind: AssetType
                metadata: {name: pump}
                spec: {criticality: critical, updatePolicy: {approvals: 1, approvalsAbove: 0.4}}
                """);
        server.device("pump-0", "1.0", Behaviour.GOOD, "pump");
        server.device("pump-1", "1.0", Behaviour.GOOD, "pump");
        server.settle();
        for (String pump : List.of("pump-0", "pump-1")) {
            server.put(pump, "{\"type\":\"pump\",\"labels\":{\"group\":\"pump\"}}");
        }
        server.declare("pump", "pump", "2.0", QUICK);
        JsonNode needed = server.get("/api/v1/rollouts/pump/plan").path("approvals");
        assertThat(needed.path("needed").asInt()).isEqualTo(1);
        assertThat(needed.path("why").toString())
                .isEqualTo("[\"changes 2 of 2 assets of the type pump, whose criticality is critical\"]");
        assertThat(server.act("pump", "start", "{}").body())
                .contains("it needs 1 approval by people other than its author token first-admin");
        assertThat(server.act("pump", "approve", "{}").body()).contains(", who wrote it; ask somebody else");

        String second = server.token("second", "operator", null);
        server.postAs(second, "/api/v1/rollouts/pump/approve", "{\"reason\":\"read it\"}");
        server.declare("pump", "pump", "2.0", QUICK + ", maxInFlight: 1");
        assertThat(server.act("pump", "start", "{}").statusCode())
                .as("what was approved is not what it is now")
                .isEqualTo(422);
        assertThat(server.postAs(second, "/api/v1/rollouts/pump/approve", "{}").body())
                .contains("token second");
        assertThat(server.act("pump", "start", "{}").statusCode()).isEqualTo(200);
        server.liveUntil("pump", "completed");
    }

    @Test
    void ordersGoOutAtTheRateThatTheRolloutSays() {
        for (int i = 0; i < 3; i++) {
            server.device("rate-" + i, "1.0", Behaviour.GOOD, "rate");
        }
        server.declare("rate", "rate", "2.0", QUICK + ", perMinute: 30");
        server.act("rate", "start", "{}");
        server.liveUntil("rate", "completed");
        Double seconds = server.jdbc().queryForObject("""
                select extract(epoch from max(at) - min(at))::float8 from rollout_step
                where stage = 2 and rollout = (select id from rollout where name = 'rate')""", Double.class);
        assertThat(seconds).as("one in two seconds, and one second made up for").isGreaterThanOrEqualTo(3);
    }

    @Test
    void nobodyIsChangedInABlackout() {
        server.device("black-0", "1.0", Behaviour.GOOD, "black");
        server.declare(
                "black",
                "black",
                "2.0",
                QUICK + ", blackouts: [{from: \"2020-01-01T00:00:00Z\", to: \"2099-01-01T00:00:00Z\"}]");
        JsonNode plan = server.get("/api/v1/rollouts/black/plan");
        assertThat(plan.path("waiting").toString())
                .isEqualTo("[{\"reason\":\"window\",\"count\":1,\"assets\":"
                        + "{\"black-0\":\"its window opens at 2099-01-01T00:00:00Z\"}}]");
        assertThat(plan.path("time").path("text").asString()).startsWith("longer than 366 days");
        server.act("black", "start", "{}");
        server.awaitStages("black", Map.of("black-0", "waiting window"));
        server.act("black", "abort", "{}");
        server.liveUntil("black", "aborted");
        assertThat(server.versions()).containsEntry("black-0", "1.0");
    }

    @Test
    void whatIsToGoFirstAndIsNobodyIsToldBeforeTheStart() {
        server.device("stage-0", "1.0", Behaviour.GOOD, "stage");
        server.declare("stage", "stage", "2.0", QUICK + ", staging: \"asset.id == 'other'\"");
        assertThat(server.get("/api/v1/rollouts/stage/plan").path("problems").toString())
                .contains("none of its 1 targets in staging");
        assertThat(server.act("stage", "start", "{}").body()).contains("none of its 1 targets in staging");
    }

    @Test
    void anAssetThatFailsByItselfReturnsToItsOwnPreviousReleaseWhileTheRolloutGoesOn() {
        for (int i = 0; i < 4; i++) {
            server.device("alone-" + i, "1." + i, i == 1 ? Behaviour.GOES_BACK : Behaviour.GOOD, "alone");
        }
        server.declare("alone", "alone", "2.0", "soak: 0s, timeout: 5m, failures: {threshold: 50%}");
        server.act("alone", "start", "{}");
        JsonNode status = server.liveUntil("alone", "completed");

        assertThat(status.path("counts").toString()).isEqualTo("{\"failed\":1,\"succeeded\":3}");
        assertThat(server.versions())
                .as("the device itself had gone back to another one")
                .containsEntry("alone-1", "1.1")
                .containsEntry("alone-0", "2.0");
        JsonNode history = server.get("/api/v1/rollouts/alone/targets/alone-1");
        assertThat(history.path("target").path("detail").asString()).endsWith("runs 1.1 again");
        assertThat(history.path("steps")
                        .valueStream()
                        .map(step -> step.path("stage").asString())
                        .toList())
                .startsWith("failed", "returning");
    }

    @Test
    void whoIsSelectedLaterComesLastOrIsLeftAloneAsTheRolloutSays() {
        for (String name : List.of("late", "left")) {
            server.device(name + "-0", "1.0", Behaviour.GOOD, name);
            server.device(name + "-1", "1.0", Behaviour.GOOD, name);
        }
        String waves = QUICK + ", waves: [{count: 1}, {percent: 100%, manual: true}]";
        server.declare("late", "late", "2.0", waves);
        server.declare("left", "left", "2.0", waves + ", joins: leave");
        server.act("late", "start", "{}");
        server.act("left", "start", "{}");
        server.liveUntil("late", "paused");
        server.liveUntil("left", "paused");
        server.device("late-2", "1.0", Behaviour.GOOD, "late");
        server.device("left-2", "1.0", Behaviour.GOOD, "left");
        server.settle();
        server.act("late", "resume", "{}");
        server.act("left", "resume", "{}");

        assertThat(server.liveUntil("late", "completed").path("counts").toString())
                .isEqualTo("{\"succeeded\":3}");
        assertThat(server.liveUntil("left", "completed").path("counts").toString())
                .isEqualTo("{\"succeeded\":2}");
        JsonNode last = server.get("/api/v1/rollouts/late/targets/late-2").path("target");
        assertThat(last.path("order").asInt()).isEqualTo(2);
        assertThat(last.path("wave").asString()).isEqualTo("wave-2");
        assertThat(server.decisions("late")).contains("join joined");
        assertThat(server.versions()).containsEntry("late-2", "2.0").containsEntry("left-2", "1.0");
    }

    @Test
    void whoeverJoinsIsAmongThoseThatTheOneWhoStartedItMayChange() {
        server.device("bound-0", "1.0", Behaviour.GOOD, "bound");
        server.declare("bound", "bound", "2.0", QUICK);
        String mine = server.token("bound", "operator", "asset.id == 'bound-0'");
        assertThat(server.postAs(mine, "/api/v1/rollouts/bound/start", "{}").statusCode())
                .isEqualTo(200);
        server.device("bound-1", "1.0", Behaviour.GOOD, "bound");
        server.settle();
        assertThat(server.liveUntil("bound", "completed").path("counts").toString())
                .isEqualTo("{\"succeeded\":1}");
    }

    @Test
    void anAssetThatAnotherRolloutChangesIsWaitedFor() {
        server.device("busy-0", "1.0", Behaviour.SAYS_NOTHING, "busy");
        server.declare("busy-first", "busy", "2.0", QUICK);
        server.act("busy-first", "start", "{}");
        server.liveUntil("busy-first", status -> status.path("counts").has("ordered"));
        server.declare("busy-second", "busy", "3.0", QUICK);
        assertThat(server.get("/api/v1/rollouts/busy-second/plan").path("busy").asInt())
                .isEqualTo(1);
        server.act("busy-second", "start", "{}");
        server.liveUntil("busy-second", status -> status.path("counts").has("waiting"));
        assertThat(server.stages("busy-second")).isEqualTo(Map.of("busy-0", "waiting busy"));
        assertThat(targets("busy-second?reason=busy")).containsExactly("busy-0");
        assertThat(targets("busy-second?reason=window")).isEmpty();
        assertThat(categories("busy-second")).containsExactly("waiting busy 1");
        assertThat(live()).contains("busy-first", "busy-second");

        server.act("busy-second", "abort", "{\"reason\":\"not needed\"}");
        assertThat(server.liveUntil("busy-second", "aborted").path("why").asString())
                .isEqualTo("aborted: not needed");
        assertThat(server.stages("busy-second")).isEqualTo(Map.of("busy-0", "excluded not_started"));
        server.act("busy-first", "abort", "{}");
        server.liveUntil("busy-first", "aborted");
        assertThat(server.stages("busy-first")).isEqualTo(Map.of("busy-0", "indeterminate withdrawn"));
        assertThat(live()).doesNotContain("busy-first", "busy-second");
    }

    private List<String> categories(String name) {
        List<String> found = new ArrayList<>();
        for (JsonNode each : server.get("/api/v1/rollouts/" + name + "/categories")) {
            found.add(each.path("stage").asString() + " " + each.path("reason").asString("-") + " "
                    + each.path("targets").asInt());
        }
        return found;
    }

    private List<String> live() {
        return server.get("/api/v1/rollouts?live=true")
                .path("items")
                .valueStream()
                .map(rollout -> rollout.path("metadata").path("name").asString())
                .toList();
    }

    private List<String> targets(String nameAndFilter) {
        return server.get("/api/v1/rollouts/" + nameAndFilter.replace("?", "/targets?"))
                .path("items")
                .valueStream()
                .map(target -> target.path("asset").asString())
                .toList();
    }

    /** Of two assets one is changed by the first rollout, which has no slot for the other, and goes before the second. */
    @Test
    void anAssetHasOneChangeOfWhateverComponentAndThePrioritySaysWhoIsNext() {
        server.publish("os", "3.0");
        server.device("prior-0", "1.0", Behaviour.SAYS_NOTHING, "prior");
        server.device("prior-1", "1.0", Behaviour.SAYS_NOTHING, "prior");
        server.declare("prior-app", "prior", "2.0", QUICK + ", maxInFlight: 1, priority: 5");
        server.act("prior-app", "start", "{}");
        server.liveUntil("prior-app", status -> status.path("counts").has("ordered"));
        String changed = server.stages("prior-app").entrySet().stream()
                .filter(each -> each.getValue().equals("ordered"))
                .map(Map.Entry::getKey)
                .findFirst()
                .orElseThrow();
        String next = changed.equals("prior-0") ? "prior-1" : "prior-0";
        server.apply("""
                apiVersion: muster.dev/v1
                kind: Rollout
                metadata: {name: prior-os}
                spec: {selector: "asset.labels.group == 'prior'", change: {release: {component: os, version: "3.0"}},
                       withoutRollbackTarget: allow, %s}
                """.formatted(QUICK));

        JsonNode plan = server.get("/api/v1/rollouts/prior-os/plan");
        assertThat(plan.path("priority").asInt(-1)).isZero();
        assertThat(plan.path("waiting")
                        .valueStream()
                        .map(each -> each.path("assets").toString()))
                .containsExactlyInAnyOrder(
                        "{\"%s\":\"rollout prior-app changes app of it right now\"}".formatted(changed),
                        "{\"%s\":\"rollout prior-app changes it first, it has the priority 5, this one 0\"}"
                                .formatted(next));
        server.act("prior-os", "start", "{}");
        server.liveUntil(
                "prior-os", status -> status.path("counts").path("waiting").asInt() == 2);
        assertThat(server.stages("prior-os")).isEqualTo(Map.of(changed, "waiting busy", next, "waiting yielding"));
        assertThat(server.status("prior-app").path("priority").asInt()).isEqualTo(5);

        // the first lets go of the one, and does not want the other for now
        server.act("prior-app", "pause", "{}");
        server.act("prior-app", "exclude", "{\"assets\":[\"%s\"],\"reason\":\"in repair\"}".formatted(changed));
        server.jdbc().update("update rollout_target set due_ms = 0 where asset = ? and stage = 1", next);
        server.awaitStages("prior-os", Map.of(changed, "ordered", next, "ordered"));
        server.act("prior-app", "resume", "{}");
        server.awaitStages("prior-app", Map.of(changed, "indeterminate operator", next, "waiting busy"));

        assertThat(server.tryApply("""
                                apiVersion: muster.dev/v1
                                kind: Rollout
                                metadata: {name: prior-bad}
                                spec: {selector: "true", change: {release: {component: os, version: "3.0"}}, priority: 101}
                                """).body())
                .contains("spec.priority")
                .contains("must be from -100 to 100, found 101");
        server.act("prior-os", "abort", "{}");
        server.liveUntil("prior-os", "aborted");
        server.act("prior-app", "abort", "{}");
        server.liveUntil("prior-app", "aborted");
    }

    @Test
    void nobodyStartsARolloutBeyondTheirScope() {
        server.device("scope-0", "1.0", Behaviour.GOOD, "scope");
        server.declare("scope", "scope", "2.0", QUICK);
        String other = server.token("other", "operator", "asset.labels.group == 'elsewhere'");
        String mine = server.token("mine", "operator", "asset.labels.group == 'scope'");

        HttpResponse<String> refused = server.postAs(other, "/api/v1/rollouts/scope/start", "{}");
        assertThat(refused.statusCode()).as(refused.body()).isEqualTo(403);
        assertThat(refused.body()).contains("reaches assets outside of your scope");
        assertThat(server.postAs(mine, "/api/v1/rollouts/scope/start", "{}").statusCode())
                .isEqualTo(200);
        assertThat(server.postAs(other, "/api/v1/rollouts/scope/pause", "{}").statusCode())
                .isEqualTo(403);
        assertThat(server.postAs(mine, "/api/v1/rollouts/scope/resume", "{\"accept\":true}")
                        .body())
                .contains("needs the role admin");
        server.liveUntil("scope", "completed");
    }

    @Test
    void whatARolloutDoesIsFixedOnceItHasStarted() {
        server.device("fixed-0", "1.0", Behaviour.SAYS_NOTHING, "fixed");
        server.declare("fixed", "fixed", "2.0", QUICK);
        server.act("fixed", "start", "{}");
        HttpResponse<String> answer = server.act("fixed", "start", "{}");
        assertThat(answer.statusCode()).isEqualTo(422);
        assertThat(answer.body()).contains("cannot be started: it is running; only a draft can be");
        HttpResponse<String> deleted = server.post("/api/v1/apply", """
                {"apiVersion":"muster.dev/v1","kind":"Rollout","metadata":{"name":"fixed"},
                 "spec":{"selector":"true","change":{"release":{"component":"app","version":"3.0"}}}}""");
        assertThat(deleted.body()).contains("what it does is fixed since it started");
        server.act("fixed", "abort", "{}");
        server.liveUntil("fixed", "aborted");
    }

    @Test
    void theReleaseThatAnAssetMayGoBackToIsHeld() {
        server.publish("app", "1.77");
        server.device("held-0", "1.77", Behaviour.GOOD, "held");
        server.declare("held", "held", "2.0", QUICK);
        server.act("held", "start", "{}");
        server.liveUntil("held", "completed");
        Map<ReleaseName, String> held = server.bean(ReleasesOfRollouts.class)
                .held(List.of(
                        new ReleaseName("app", "1.77"), new ReleaseName("app", "2.0"), new ReleaseName("os", "1.77")));
        assertThat(held)
                .containsOnlyKeys(new ReleaseName("app", "1.77"), new ReleaseName("app", "2.0"))
                .containsEntry(new ReleaseName("app", "1.77"), "is what 1 targets may go back to");
    }

    /** A statement-level trigger lets every nth write fail: a transaction that breaks off at any of its writes leaves nothing behind. */
    @Test
    void aRoundThatBreaksOffBetweenAnyTwoWritesIsAsIfItHadNotBeen() {
        for (int i = 0; i < 8; i++) {
            server.device("torn-" + i, "1." + i, i == 5 ? Behaviour.FAILS_TO_INSTALL : Behaviour.GOOD, "torn");
        }
        server.declare(
                "torn",
                "torn",
                "2.0",
                QUICK
                        + ", maxInFlight: 3, waves: [{count: 2}, {percent: 100%}], failures: {threshold: 60%, then: rollback}");
        List<String> tables = List.of(
                "rollout", "rollout_target", "rollout_step", "rollout_decision", "rollout_nudge", "twin_software");
        server.jdbc().execute("create sequence broken_off");
        server.jdbc().execute("""
                create function break_off() returns trigger language plpgsql as $$
                begin
                    if nextval('broken_off') % 13 = 0 then raise exception 'the power is gone'; end if;
                    return null;
                end $$""");
        server.act("torn", "start", "{}");
        for (String table : tables) {
            server.jdbc()
                    .execute("create trigger break_off after insert or update or delete on " + table
                            + " for each statement execute function break_off()");
        }
        try {
            JsonNode status = server.liveUntil("torn", "completed");
            assertThat(status.path("counts").toString()).isEqualTo("{\"failed\":1,\"succeeded\":7}");
            Long broken = server.jdbc().queryForObject("select last_value / 13 from broken_off", Long.class);
            assertThat(broken).as("transactions that broke off").isGreaterThan(2);
        } finally {
            tables.forEach(table -> server.jdbc().execute("drop trigger break_off on " + table));
        }
        assertThat(server.get("/api/v1/rollouts/torn/targets").path("items").valueStream())
                .as("each target was ordered once, and the failed one back")
                .allMatch(target -> target.path("attempt").asInt()
                        == (target.path("stage").asString().equals("failed") ? 2 : 1));
        assertThat(server.decisions("torn"))
                .containsExactly(
                        "start started",
                        "open_wave opened",
                        "gate pass",
                        "open_wave opened",
                        "gate pass",
                        "end completed");
    }

    private static final String HOOK = """
            {"name":"images","format":"github","component":"app","repository":"acme/app","tagPrefix":"v",
             "rolloutName":"pushed-{{version}}","rollout":{"selector":"asset.labels.group == 'pushed'",
             "change":{"release":{"component":"{{component}}","version":"%s"}},
             "soak":"0s","timeout":"5m","evidence":"confirmed"}}
            """;

    @Test
    void whatARegistryPushesStartsARolloutOnce() throws Exception {
        server.device("pushed-0", "1.0", Behaviour.GOOD, "pushed");
        server.settle();
        assertThat(server.post("/api/v1/release-hooks", HOOK.formatted("2.0")).body())
                .contains("the rollout does not bring the version that is pushed");
        HttpResponse<String> created = server.post("/api/v1/release-hooks", HOOK.formatted("{{version}}"));
        assertThat(created.statusCode()).as(created.body()).isEqualTo(201);
        String secret =
                JsonMapper.shared().readTree(created.body()).path("secret").asString("");
        assertThat(server.post("/api/v1/release-hooks", HOOK.formatted("{{version}}"))
                        .statusCode())
                .isEqualTo(409);

        String body = pushed("acme/app", "v3.1");
        assertThat(server.postWith(signed("0".repeat(64), "d-1", body), "/hooks/images", body)
                        .statusCode())
                .isEqualTo(401);
        assertThat(server.postWith(signed(secret, "d-1", body), "/hooks/other", body)
                        .body())
                .isEqualTo(
                        server.postWith(Map.of(), "/hooks/images", body).body().replace("images", "other"));
        assertThat(delivered(secret, "d-1", body))
                .isEqualTo("d-1 refused  app@3.1 is not published; deliver it again when it is");
        server.publish("app", "3.1");
        assertThat(delivered(secret, "d-1", body)).isEqualTo("d-1 started pushed-3-1 ");
        assertThat(server.liveUntil("pushed-3-1", "completed").path("counts").toString())
                .isEqualTo("{\"succeeded\":1}");

        // sent again, and by somebody who has seen it and gives it another id, which GitHub does not sign
        assertThat(delivered(secret, "d-1", body)).isEqualTo("d-1 started pushed-3-1 ");
        assertThat(delivered(secret, "d-2", body)).isEqualTo("d-1 started pushed-3-1 ");
        // pushed once more: a rollout of this version is there
        assertThat(delivered(secret, "d-3", body.replace("published", "updated")))
                .isEqualTo("d-3 exists pushed-3-1 rollout pushed-3-1 is completed");
        assertThat(delivered(secret, "d-4", pushed("acme/other", "v3.1"))).isEmpty();
        assertThat(delivered(secret, "d-5", pushed("acme/app", "latest"))).isEmpty();

        JsonNode entries =
                server.get("/api/v1/audit?action=release-hook.deliver").path("items");
        assertThat(entries.size()).isEqualTo(3); // refused, started, exists
        assertThat(entries.toString() + server.get("/api/v1/release-hooks") + server.get("/api/v1/audit?limit=1000"))
                .doesNotContain(secret);
        assertThat(server.get("/api/v1/release-hooks/images/deliveries").size()).isEqualTo(2);
        assertThat(server.delete("/api/v1/release-hooks/images")).isEqualTo(204);
        assertThat(server.postWith(signed(secret, "d-6", body), "/hooks/images", body)
                        .statusCode())
                .isEqualTo(401);
    }

    private static String pushed(String repository, String tag) {
        return """
                {"action":"published","registry_package":{"namespace":"%s","name":"%s","updated_at":"%s",
                 "package_version":{"container_metadata":{"tag":{"name":"%s"}}}}}
                """.formatted(
                        repository.substring(0, repository.indexOf('/')),
                        repository.substring(repository.indexOf('/') + 1),
                        java.time.Instant.now(),
                        tag);
    }

    private static Map<String, String> signed(String secret, String delivery, String body) throws Exception {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.US_ASCII), "HmacSHA256"));
        return Map.of(
                "X-GitHub-Event",
                "registry_package",
                "X-GitHub-Delivery",
                delivery,
                "X-Hub-Signature-256",
                "sha256=" + HexFormat.of().formatHex(mac.doFinal(body.getBytes(StandardCharsets.UTF_8))));
    }

    /** What it came to, in words; empty when it is about something else. */
    private String delivered(String secret, String delivery, String body) throws Exception {
        HttpResponse<String> answer = server.postWith(signed(secret, delivery, body), "/hooks/images", body);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
        JsonNode first =
                JsonMapper.shared().readTree(answer.body()).path("deliveries").path(0);
        return first.isMissingNode()
                ? ""
                : String.join(
                        " ",
                        first.path("delivery").asString(""),
                        first.path("outcome").asString(""),
                        first.path("rollout").asString(""),
                        first.path("detail").asString(""));
    }
}
