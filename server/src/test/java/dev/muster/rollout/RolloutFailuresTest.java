package dev.muster.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.rollout.RolloutServer.Behaviour;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What fails: who goes back, who is tried again, and what it does to the rest of the rollout. */
class RolloutFailuresTest extends RolloutsFixture {
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
}
