package dev.muster.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.rollout.RolloutServer.Behaviour;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;

/** What a rollout would do, as it is told before anything is done. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RolloutPlansTest {
    private final RolloutServer server = new RolloutServer();

    @AfterAll
    void close() {
        server.close();
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
