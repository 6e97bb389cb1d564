package dev.muster.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.rollout.RolloutServer.Behaviour;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a rollout would do, as it is told before anything is done. */
class RolloutPlansTest extends RolloutsFixture {
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
    void whatIsToGoFirstAndIsNobodyIsToldBeforeTheStart() {
        server.device("stage-0", "1.0", Behaviour.GOOD, "stage");
        server.declare("stage", "stage", "2.0", QUICK + ", staging: \"asset.id == 'other'\"");
        assertThat(server.get("/api/v1/rollouts/stage/plan").path("problems").toString())
                .contains("none of its 1 targets in staging");
        assertThat(server.act("stage", "start", "{}").body()).contains("none of its 1 targets in staging");
    }

    @Test
    void thePlanSaysWhichOtherComponentHasToComeFirst() {
        server.publish("kernel", "2.0", "asset.software.app.atLeast('3')");
        server.publish("app", "3.1.0");
        server.publish("app", "4.0", "asset.software.app.atLeast('3')");
        server.publish("app", "3.2.0");
        server.jdbc()
                .update("update release set status = 'quarantined', status_reason = 'bricks' where version = '3.2.0'");
        server.device("first-old", "2", Behaviour.GOOD, "first");
        server.device("first-new", "3.0", Behaviour.GOOD, "first");
        server.settle();
        server.apply("""
                apiVersion: muster.dev/v1
                kind: Rollout
                metadata: {name: kernel}
                spec:
                  selector: "asset.labels.group == 'first'"
                  change: {release: {component: kernel, version: "2.0"}}
                  withoutRollbackTarget: allow
                """);

        JsonNode plan = server.get("/api/v1/rollouts/kernel/plan");

        assertThat(plan.path("targets").asInt()).isEqualTo(1);
        assertThat(plan.path("leftOut").toString())
                .isEqualTo(
                        "[{\"reason\":\"incompatible\",\"count\":1,\"assets\":{\"first-old\":\"needs app >= 3, runs 2;"
                                + " bring app@3.1.0 first; kernel@2.0 is not compatible with asset first-old: kernel/2.0/all.tar"
                                + " is for assets where asset.software.app.atLeast('3')\"}}]");
    }
}
