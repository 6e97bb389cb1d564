package dev.muster.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.rollout.RolloutServer.Behaviour;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Who may start, approve and steer a rollout, and what people do to one that runs. */
class RolloutPeopleTest extends RolloutsFixture {
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
}
