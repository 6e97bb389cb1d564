package dev.muster.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.muster.rollout.RolloutServer.Behaviour;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;

/** Gates that people write, from the declaration to the explanation. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class GatedRolloutsTest {
    private static final String QUICK = "soak: 0s, timeout: 5m, evidence: confirmed";
    private final RolloutServer server = new RolloutServer();

    @BeforeAll
    void releases() {
        server.publish("app", "2.0");
    }

    @AfterAll
    void stop() {
        server.close();
    }

    @Test
    void aGateThatCannotBeIsRefusedWhenItIsDeclaredWithThePlaceInIt() {
        var answer = server.tryApply("""
                apiVersion: muster.dev/v1
                kind: Rollout
                metadata: {name: bad-gate}
                spec:
                  selector: "true"
                  change: {release: {component: app, version: "2.0"}}
                  gates:
                    - {name: a, check: wave.faild == 0}
                    - {name: b, check: slo.checkout.burnRate < 2.0}
                """);
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body())
                .contains("spec.gates[0].check")
                .contains("is no gate, at character 5: undefined field 'faild'")
                .contains("spec.gates[1].check")
                .contains("asks for the SLO checkout, which does not exist");
    }

    /** A5: the budget of a group burns, a rollout over it pauses, one elsewhere goes on until its gate asks for that budget. */
    @Test
    void aBudgetThatBurnsPausesRolloutsOverItsAssetsAndIsAskedByGates() {
        devices("burnt", 2);
        devices("burntlater", 1);
        devices("elsewhere", 2);
        server.apply("""
                apiVersion: muster.dev/v1
                kind: Group
                metadata: {name: burnt-group}
                spec: {selector: "asset.id.startsWith('burnt')"}
                ---
                apiVersion: openslo/v1
                kind: SLO
                metadata: {name: burnt-uptime, annotations: {muster.dev/scope: group/burnt-group}}
                spec:
                  service: burnt
                  indicatorRef: uptime
                  timeWindow: [{duration: 30d, isRolling: true}]
                  budgetingMethod: Occurrences
                  objectives: [{target: 0.99}]
                """);
        server.declare("burnt", "burnt", "2.0", "soak: 1h, timeout: 2h, evidence: healthy");
        server.start("burnt");
        server.declare(
                "elsewhere",
                "elsewhere",
                "2.0",
                QUICK + ", gates: [{name: budget, then: pause, check: 'slo[\"burnt-uptime\"].remaining > 0.5'}]");
        server.start("elsewhere");
        // Ten bad of a hundred in each bucket of the last hour: ten times what 99% allow.
        server.jdbc().update("""
                insert into sli_progress (sli, next) values ('uptime', date_bin('5 minutes', now(), 'epoch'))
                on conflict (sli) do nothing""");
        server.jdbc().update("""
                insert into sli_bucket (sli, scope, at, good, bad, stale, unknown)
                select 'uptime', 'group/burnt-group', next - n * interval '5 minutes', 90, 10, 0, 0
                from sli_progress, generate_series(1, 12) n where sli = 'uptime' on conflict do nothing""");
        server.jdbc().update("""
                insert into sli_hour (sli, scope, at, good, bad, stale, unknown)
                select sli, scope, date_trunc('hour', at), sum(good), sum(bad), 0, 0 from sli_bucket
                where scope = 'group/burnt-group' group by 1, 2, 3 on conflict do nothing""");

        JsonNode paused = server.liveUntil("burnt", "paused");
        assertThat(paused.path("cause").asString()).isEqualTo("budget_burning");
        assertThat(paused.path("why").asString())
                .startsWith("the error budget of SLO burnt-uptime burns at 10.0 times the allowed rate over 30m");
        assertThat(server.jdbc()
                        .queryForObject(
                                "select count(*) from audit_entry where action = 'rollout.pause' and object_name = 'burnt'",
                                Integer.class))
                .isPositive();
        server.declare("burnt-later", "burntlater", "2.0", "soak: 1h, timeout: 2h, evidence: healthy");
        server.start("burnt-later");
        JsonNode stands = server.status("burnt-later");
        assertThat(stands.path("phase").asString() + ", " + stands.path("cause").asString())
                .as("one that starts while it burns")
                .isEqualTo("paused, budget_burning");
        assertThat(stands.path("why").asString())
                .startsWith(
                        "the error budget of SLO burnt-uptime burns at 10.0 times the allowed rate over 30m, since ")
                .endsWith("; resume it when it has to go on nevertheless");
        server.act("burnt-later", "resume", "{\"reason\":\"it mends them\"}");
        assertThat(server.status("burnt-later").path("phase").asString())
                .as("a person knows why")
                .isEqualTo("running");
        JsonNode gate = server.liveUntil("elsewhere", "paused");
        assertThat(gate.path("cause").asString()).isEqualTo("gate_failed");
        JsonNode inputs = decision("elsewhere", "gate", "fail").path("inputs");
        assertThat(inputs.path("slo.burnt-uptime.remaining").asDouble()).isCloseTo(-9, within(1e-9));
        assertThat(inputs.path("slo.burnt-uptime.burnRate").asDouble()).isCloseTo(10, within(1e-9));
    }

    @Test
    void aWavePassesWhenItsGatesHoldAndTheirInputsAreKept() {
        devices("calm", 4);
        server.declare(
                "calm",
                "calm",
                "2.0",
                QUICK
                        + ", gates: [{name: calm, check: wave.restarts == 0 && wave.online >= 0.9 && wave.successRate == 1.0}]");
        server.start("calm");
        server.liveUntil("calm", "completed");

        JsonNode passed = decision("calm", "gate", "pass");
        assertThat(passed.path("reason").asString()).startsWith("gate calm holds: wave.restarts == 0");
        assertThat(passed.path("inputs").path("wave.restarts").asInt(-1)).isZero();
        assertThat(passed.path("inputs").path("wave.online").asDouble()).isEqualTo(1);
        assertThat(passed.path("inputs").path("wave.succeeded").asInt()).isEqualTo(4);
        assertThat(passed.path("threshold").path("gate").asString()).isEqualTo("calm");
    }

    @Test
    void whatIsNotKnownPausesAndAPersonMayAcceptThat() {
        devices("dark", 3);
        server.declare(
                "dark",
                "dark",
                "2.0",
                QUICK + ", gates: [{name: dark, check: metrics.noise.pHigher > 0.05, metrics: {noise: {}},"
                        + " inconclusive: {after: 0s}}]");
        server.start("dark");
        JsonNode paused = server.liveUntil("dark", "paused");
        assertThat(paused.path("cause").asString()).isEqualTo("gate_inconclusive");
        assertThat(paused.path("why").asString())
                .contains("gate dark knows too little: metrics.noise.pHigher (0 assets have noise on the new version,"
                        + " 10 are needed) is not known");
        server.act("dark", "resume", "{\"accept\":true}");
        server.liveUntil("dark", "completed");
    }

    @Test
    void aMetricThatIsHigherThanBeforeAndThanElsewhereFailsTheWave() {
        devices("warm", 14);
        server.declare(
                "warm",
                "warm",
                "2.0",
                QUICK + ", waves: [{count: 8}, {percent: 100%}], gates: [{name: warm, then: pause,"
                        + " check: metrics.past.pHigher > 0.01 || metrics.others.pHigher > 0.01,"
                        + " metrics: {past: {metric: temperature, minSamples: 8},"
                        + " others: {metric: temperature, against: others, minSamples: 6}}}]");
        server.start("warm");
        server.liveUntil(
                "warm", status -> status.path("counts").path("succeeded").asInt() == 8);
        server.jdbc().update("""
                update rollout_target set since = since - interval '2 hours'
                where rollout = (select id from rollout where name = 'warm')""");
        server.jdbc().update("""
                update rollout_step set at = at - interval '2 hours' where rollout = (select id from rollout where name = 'warm')""");
        Instant now = Instant.now();
        Map<String, String> versions = server.versions();
        int number = 0;
        for (Map.Entry<String, String> each : versions.entrySet()) {
            if (each.getKey().startsWith("warm")) {
                boolean updated = each.getValue().equals("2.0");
                server.temperature(
                        each.getKey(), now.minus(Duration.ofMinutes(5)), (updated ? 300 : 290) + ++number / 10.0);
                server.temperature(each.getKey(), now.minus(Duration.ofMinutes(125)), 290);
            }
        }
        server.settle();
        server.outage();
        JsonNode paused = server.liveUntil("warm", "paused");

        assertThat(paused.path("cause").asString()).isEqualTo("gate_failed");
        JsonNode failed = decision("warm", "gate", "fail");
        assertThat(failed.path("inputs").path("metrics.past.samples").asInt()).isEqualTo(8);
        assertThat(failed.path("inputs").path("metrics.past.pHigher").asDouble())
                .isEqualTo(1 / 256.0);
        assertThat(failed.path("inputs").path("metrics.past.change").asDouble()).isCloseTo(0.036, within(0.003));
        assertThat(failed.path("inputs").path("metrics.others.baselineSamples").asInt())
                .isEqualTo(6);
        assertThat(failed.path("inputs").path("metrics.others.pHigher").asDouble())
                .isCloseTo(1 / 3003.0, within(1e-9));
        assertThat(server.status("warm").path("counts").path("pending").asInt())
                .as("the second wave has not begun")
                .isEqualTo(6);
    }

    @Test
    void whatIsWrongWithAStratumThatWasHaltedDoesNotCondemnTheOthers() {
        server.device("halt-a", "1.0", Behaviour.GOOD, "halt", "rev-a");
        server.device("halt-b", "1.0", Behaviour.SAYS_NOTHING, "halt", "rev-a");
        server.device("halt-c", "1.0", Behaviour.GOOD, "halt", "rev-c");
        server.declare(
                "halt",
                "halt",
                "2.0",
                QUICK + ", stratify: [hardware], failures: {scope: stratum},"
                        + " gates: [{name: calm, check: wave.restarts == 0 && wave.online == 1.0}]");
        server.start("halt");
        server.liveUntil(
                "halt", status -> status.path("counts").path("succeeded").asInt() == 2);
        // one of the bad hardware has restarted since its soak began, and has gone
        server.jdbc().update("update rollout_target set boot = 'b-0' where asset = 'halt-c'");
        server.jdbc().update("update asset set presence = 'offline' where id = 'halt-c'");

        assertThat(server.act("halt", "exclude", "{\"stratum\":{\"hardware\":\"rev-c\"},\"reason\":\"bad boards\"}")
                        .statusCode())
                .isEqualTo(200);
        assertThat(server.act("halt", "exclude", "{\"assets\":[\"halt-b\"],\"reason\":\"is in repair\"}")
                        .statusCode())
                .isEqualTo(200);
        server.liveUntil("halt", "completed");

        JsonNode inputs = decision("halt", "gate", "pass").path("inputs");
        assertThat(inputs.path("wave.restarts").asInt(-1)).isZero();
        assertThat(inputs.path("wave.online").asDouble()).isEqualTo(1);
    }

    private void devices(String group, int count) {
        for (int i = 0; i < count; i++) {
            server.device(group + "-" + (char) ('a' + i), "1.0", Behaviour.GOOD, group);
        }
    }

    /** The first of them. */
    private JsonNode decision(String rollout, String kind, String outcome) {
        return server.get("/api/v1/rollouts/" + rollout + "/decisions")
                .path("items")
                .valueStream()
                .filter(each -> each.path("kind").asString().equals(kind)
                        && each.path("outcome").asString().equals(outcome))
                .findFirst()
                .orElseThrow();
    }
}
