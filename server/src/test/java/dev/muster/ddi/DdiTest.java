package dev.muster.ddi;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.cbor.CBORMapper;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DdiTest {
    private static final String QUICK = "soak: 0s, timeout: 5m, evidence: confirmed";

    private final DdiServer server = new DdiServer(Map.of("ddi-target-tokens", "true", "ddi-gateway-tokens", "true"));

    @BeforeAll
    void publish() {
        server.publish("app", "1.0", "the old one");
        server.publish("app", "2.0", "the new one, a little longer");
    }

    @AfterAll
    void close() {
        server.close();
    }

    @Test
    void aRolloutReachesAnAssetThatPollsAndItsFeedbackProvesIt() {
        PollingAsset asset = server.asset("pump", PollingAsset.SWUPDATE);
        JsonNode first = asset.poll();
        assertThat(first.path("config").path("polling").path("sleep").asString())
                .matches("00:\\d\\d:\\d\\d");
        assertThat(first.path("_links").propertyNames()).containsExactly("configData");
        assertThat(asset.put("/configData", """
                {"id":"","time":"20260101T000000","mode":"replace","status":{"execution":"closed"},
                 "data":{"software.app":"1.0","HwRev":"b2"}}""")).isEqualTo(200);
        assertThat(asset.poll().path("_links").isEmpty()).isTrue();
        assertThat(server.get("/api/v1/assets/pump")
                        .path("labels")
                        .path("ddi/HwRev")
                        .asString())
                .isEqualTo("b2");

        server.rollOut("pump-2", "pump", "2.0", QUICK);
        String deployment = DdiServer.awaitLink(asset, "deploymentBase");
        Map<String, Object> answers = server.answersAloneAndTogether("pump");
        assertThat(answers.get("together")).isEqualTo(String.valueOf(answers.get("alone")));
        assertThat(answers.get("known")).hasToString("[pump]");
        JsonNode told = asset.json(deployment);
        int action = told.path("id").asInt();
        JsonNode chunk = told.path("deployment").path("chunks").get(0);
        JsonNode artifact = chunk.path("artifacts").get(0);
        assertThat(told.path("deployment").path("update").asString()).isEqualTo("forced");
        assertThat(chunk.path("name").asString() + "@" + chunk.path("version").asString())
                .isEqualTo("app@2.0");
        assertThat(artifact.path("filename").asString()).isEqualTo("app.swu");
        assertThat(artifact.path("hashes").path("sha1").asString())
                .isEqualTo("2d0a1a5f134f9d5664c98beecc1ef92fe64f9fe1");
        assertThat(artifact.path("hashes").path("md5").asString()).isEqualTo("94eacd53b44ede0f995f0e72124df344");
        server.awaitStage("pump-2", "pump", "notified");
        assertThat(asset.again(deployment)).as("with the ETag of the answer").isEqualTo(304);

        String download = artifact.path("_links").path("download").path("href").asString();
        assertThat(asset.get(download).body()).isEqualTo("the new one, a little longer");
        HttpResponse<String> rest = asset.send(asset.request(download).header("Range", "bytes=8-10"));
        assertThat(rest.statusCode() + " " + rest.body()).isEqualTo("206 one");
        assertThat(asset.get(artifact.path("_links").path("md5sum").path("href").asString())
                        .body())
                .isEqualTo("94eacd53b44ede0f995f0e72124df344  app.swu\n");

        assertThat(asset.feedback("deploymentBase", action, "proceeding", "none", "Installing"))
                .isEqualTo(200);
        server.awaitStage("pump-2", "pump", "downloading");
        assertThat(asset.feedback("deploymentBase", action, "closed", "success", "Update OK"))
                .isEqualTo(200);
        server.awaitStage("pump-2", "pump", "succeeded");
        assertThat(server.get("/api/v1/assets/pump/twin")
                        .at("/reported/software/app")
                        .asString())
                .isEqualTo("2.0");
        server.awaitDecision("pump", "report");
        assertThat(server.decisions("reapply"))
                .as("its type has a configuration, which it has no way to take")
                .isZero();

        assertThat(asset.feedback("deploymentBase", action, "closed", "success", "Update OK"))
                .as("said again, because the answer was lost")
                .isEqualTo(200);
        assertThat(asset.feedback("deploymentBase", action, "proceeding", "none", "late"))
                .as("the action has ended")
                .isEqualTo(410);
        assertThat(asset.poll().path("_links").propertyNames()).containsExactly("installedBase");
        assertThat(asset.json(asset.link("installedBase") + "?actionHistory=-1")
                        .path("actionHistory")
                        .toString())
                .isEqualTo("{\"status\":\"finished\",\"messages\":[\"Update OK\",\"Installing\"]}");
    }

    @Test
    void aSuccessThatIsSaidBeforeTheRestartIsAClaimUntilTheAssetNamesWhatItRuns() {
        PollingAsset asset = server.asset("till", PollingAsset.RAUC);
        asset.poll();
        asset.put("/configData", "{\"data\":{\"software.app\":\"1.0\"}}");
        server.rollOut("till-2", "till", "2.0", QUICK);
        int action = asset.json(DdiServer.awaitLink(asset, "deploymentBase"))
                .path("id")
                .asInt();

        assertThat(asset.feedback(
                        "deploymentBase", action, "closed", "success", "Software bundle installed successfully."))
                .isEqualTo(200);
        server.awaitStage("till-2", "till", "rebooting");
        assertThat(server.get("/api/v1/assets/till/twin")
                        .at("/reported/software")
                        .toString())
                .as("nobody knows what it runs")
                .isEqualTo("{}");
        assertThat(asset.poll().path("_links").propertyNames()).contains("configData");
        asset.put("/configData", "{\"data\":{\"software.app\":\"1.0\"}}");
        assertThat(asset.poll().path("_links").propertyNames())
                .as("told before the restart, it is asked again")
                .contains("configData");
        asset.put("/configData", "{\"data\":{\"software.app\":\"2.0\"}}");
        server.awaitStage("till-2", "till", "succeeded");
    }

    @Test
    void whoseVersionNobodyNamesCanBeSeenAgainAndProvesNoMore() {
        PollingAsset asset = server.asset("door", PollingAsset.RAUC);
        asset.poll();
        asset.put("/configData", "{\"data\":{\"serial\":\"17\"}}");
        String allowed = ", withoutRollbackTarget: allow";
        server.declare("door-confirmed", "door", "2.0", QUICK + allowed);
        assertThat(server.get("/api/v1/rollouts/door-confirmed/plan")
                        .path("leftOut")
                        .toString())
                .contains("evidence", "can prove seen_again, the rollout asks for confirmed");

        server.rollOut("door-seen", "door", "2.0", "timeout: 5m, evidence: seen_again" + allowed);
        int action = asset.json(DdiServer.awaitLink(asset, "deploymentBase"))
                .path("id")
                .asInt();
        asset.feedback("deploymentBase", action, "closed", "success", "installed");
        asset.put("/configData", "{\"data\":{\"serial\":\"17\"}}");
        server.pollUntilStage(asset, "door-seen", "door", "succeeded");
    }

    @Test
    void whoSpeaksCborIsAnsweredInCbor() throws Exception {
        CBORMapper cbor = new CBORMapper();
        PollingAsset asset = server.asset("packed", PollingAsset.SWUPDATE);
        HttpResponse<byte[]> said = asset.bytes(asset.request("/configData")
                .header("Content-Type", "application/cbor")
                .PUT(BodyPublishers.ofByteArray(
                        cbor.writeValueAsBytes(Map.of("data", Map.of("software.app", "1.0", "HwRev", "c7"))))));
        assertThat(said.statusCode()).isEqualTo(200);
        assertThat(server.get("/api/v1/assets/packed").at("/labels/ddi~1HwRev").asString())
                .isEqualTo("c7");
        server.rollOut("packed-2", "packed", "2.0", QUICK);
        String deployment = DdiServer.awaitLink(asset, "deploymentBase");

        HttpResponse<byte[]> answer = asset.bytes(asset.request(deployment).header("Accept", "application/cbor"));
        assertThat(answer.headers().firstValue("content-type")).contains("application/cbor");
        assertThat(cbor.readTree(answer.body())).isEqualTo(asset.json(deployment));
        String tag = answer.headers().firstValue("etag").orElseThrow();
        assertThat(asset.send(asset.request(deployment)
                                .header("Accept", "application/cbor")
                                .header("If-None-Match", tag))
                        .statusCode())
                .isEqualTo(304);
        assertThat(asset.bytes(asset.request(deployment).header("Accept", "application/json, application/cbor"))
                        .headers()
                        .firstValue("content-type"))
                .contains("application/json;charset=utf-8");
        HttpResponse<String> malformed = asset.send(asset.request("/configData")
                .header("Content-Type", "application/cbor")
                .PUT(BodyPublishers.ofString("{}")));
        assertThat(malformed.statusCode()).isEqualTo(400);
    }

    /** SWUpdate takes a deployment that it sees outside of the window for one to be skipped, and closes it with success. */
    @Test
    void anOrderThatNobodyHasReadIsHiddenWhenTheWindowCloses() {
        PollingAsset asset = server.asset("windowed", PollingAsset.SWUPDATE);
        asset.put("/configData", "{\"data\":{\"software.app\":\"1.0\"}}");
        server.rollOut("windowed-2", "windowed", "2.0", QUICK);
        server.awaitStage("windowed-2", "windowed", "ordered");
        server.window("windowed-2", "windowed", 2);
        assertThat(asset.poll().path("_links").propertyNames())
                .as("it is closed")
                .doesNotContain("deploymentBase");

        server.window("windowed-2", "windowed", 0);
        String deployment = asset.link("deploymentBase");
        int action = asset.json(deployment).path("id").asInt();
        server.window("windowed-2", "windowed", 2);
        assertThat(asset.link("deploymentBase")).as("what was begun goes on").isEqualTo(deployment);
        assertThat(asset.feedback("deploymentBase", action, "closed", "success", "Update OK"))
                .isEqualTo(200);
        server.awaitStage("windowed-2", "windowed", "succeeded");
    }

    /** That it did not answer what it was not shown says nothing of it. */
    @Test
    void anOrderThatIsHiddenWhenItsTimeIsOverWaitsForTheNextWindow() {
        PollingAsset asset = server.asset("hidden", PollingAsset.SWUPDATE);
        asset.put("/configData", "{\"data\":{\"software.app\":\"1.0\"}}");
        server.rollOut("hidden-2", "hidden", "2.0", QUICK);
        server.awaitStage("hidden-2", "hidden", "ordered");
        server.window("hidden-2", "hidden", 2);
        asset.poll();
        server.settle();
        server.timeIsOver("hidden-2");
        server.awaitStage("hidden-2", "hidden", "waiting");
        assertThat(server.get("/api/v1/rollouts/hidden-2/targets").toString()).contains("\"reason\":\"window\"");
        assertThat(asset.poll().path("_links").propertyNames())
                .as("the order is taken back")
                .doesNotContain("deploymentBase");

        server.window("hidden-2", "hidden", 0);
        server.timeIsOver("hidden-2");
        server.awaitStage("hidden-2", "hidden", "ordered");
        String deployment = asset.link("deploymentBase");
        asset.json(deployment);
        assertThat(asset.feedback(
                        "deploymentBase", asset.json(deployment).path("id").asInt(), "closed", "success", "Update OK"))
                .isEqualTo(200);
        server.awaitStage("hidden-2", "hidden", "succeeded");
    }

    @Test
    void whatFailsGoesBackWithTheClientsOwnWordsAndWhatIsWithdrawnIsGivenUp() {
        PollingAsset asset = server.asset("press", PollingAsset.SWUPDATE);
        asset.poll();
        asset.put("/configData", "{\"data\":{\"software.app\":\"1.0\"}}");
        server.rollOut("press-2", "press", "2.0", QUICK + ", failures: {threshold: 50%, then: pause}");
        int action = asset.json(DdiServer.awaitLink(asset, "deploymentBase"))
                .path("id")
                .asInt();
        asset.feedback("deploymentBase", action, "closed", "failure", "image is corrupt");
        server.pollUntilStage(asset, "press-2", "press", "failed");
        JsonNode target =
                server.get("/api/v1/rollouts/press-2/targets").path("items").get(0);
        assertThat(target.path("detail").asString()).isEqualTo("image is corrupt; runs 1.0 again");

        server.rollOut("press-3", "press", "2.0", QUICK);
        int begun = asset.json(DdiServer.awaitLink(asset, "deploymentBase"))
                .path("id")
                .asInt();
        server.post("/api/v1/rollouts/press-3/rollback", "{}", 200);
        String cancel = DdiServer.awaitLink(asset, "cancelAction");
        assertThat(asset.json(cancel).toString())
                .isEqualTo("{\"id\":\"%1$d\",\"cancelAction\":{\"stopId\":\"%1$d\"}}".formatted(begun));
        assertThat(asset.feedback("cancelAction", begun, "closed", "success", "Cancellation acknowledged."))
                .isEqualTo(200);
        server.pollUntilStage(asset, "press-3", "press", "rolled_back");
        assertThat(asset.poll().path("_links").propertyNames()).doesNotContain("deploymentBase", "cancelAction");
    }

    @Test
    void aGatewayTokenSpeaksForTheAssetsOfItsPatternAndRegistersThem() {
        String token = server.post(
                        "/api/v1/gateway-tokens",
                        "{\"name\":\"site 7\",\"type\":\"sensor\",\"idPattern\":\"site7-*\",\"labels\":{\"site\":\"7\"}}",
                        201)
                .path("token")
                .asString();
        PollingAsset asset = server.with("site7-1", "curl/8", "GatewayToken " + token);
        assertThat(asset.poll().path("_links").propertyNames()).containsExactly("configData");
        assertThat(server.get("/api/v1/assets/site7-1").path("labels").toString())
                .isEqualTo("{\"site\":\"7\"}");
        assertThat(server.get("/api/v1/assets/site7-1").path("lifecycle").asString())
                .isIn("provisioned", "active");
        assertThat(server.with("site8-1", "curl/8", "GatewayToken " + token)
                        .get("")
                        .statusCode())
                .isEqualTo(401);
        assertThat(server.with("site7-2", "curl/8", "GatewayToken gateway_0")
                        .get("")
                        .statusCode())
                .isEqualTo(401);

        String id = server.get("/api/v1/gateway-tokens")
                .path("items")
                .get(0)
                .path("id")
                .asString();
        server.delete("/api/v1/gateway-tokens/" + id);
        assertThat(asset.get("").statusCode()).as("revoked").isEqualTo(401);
        assertThat(server.get("/api/v1/audit?object=gateway-token").toString()).doesNotContain(token);
    }

    @Test
    void anotherAssetsTokenOpensNothingAndAClosedDoorSaysWhatItTakes() {
        server.asset("mine", PollingAsset.SWUPDATE);
        PollingAsset other = server.asset("other", PollingAsset.SWUPDATE);
        HttpResponse<String> refused = other.get(server.device() + "/x/controller/v1/mine");
        assertThat(refused.statusCode()).isEqualTo(401);
        assertThat(refused.headers().allValues("WWW-Authenticate").toString()).contains("TargetToken", "GatewayToken");
        assertThat(other.post("/deploymentBase/1/feedback", "[]")).isEqualTo(400);
        assertThat(other.feedback("deploymentBase", 999_999_999, "closed", "success", ""))
                .isEqualTo(404);
        assertThat(other.feedback("deploymentBase", 1, "bored", "success", "")).isEqualTo(400);
    }
}
