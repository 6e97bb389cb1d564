package dev.muster.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.rollout.RolloutServer.Behaviour;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Rollouts that want the same assets. */
class RivalRolloutsTest extends RolloutsFixture {
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
}
