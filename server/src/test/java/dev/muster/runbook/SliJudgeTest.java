package dev.muster.runbook;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.registry.selector.Selectors;
import dev.muster.runbook.Hands.Progress;
import dev.muster.runbook.RunbookSpec.Worse;
import dev.muster.slo.Reading;
import dev.muster.slo.SliScope;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** Steps and guards that read indicators. */
class SliJudgeTest {
    private static final Selectors SELECTORS = new Selectors(new SimpleMeterRegistry());
    private static final Instant BEGIN = Instant.parse("2026-11-26T08:00:00Z");
    private static final Action.CheckSli WANTED =
            new Action.CheckSli("commands", SliScope.FLEET, Duration.ofMinutes(30), 0.99, 100, true);
    private static final Worse GUARD = new Worse("commands", SliScope.FLEET, Duration.ofMinutes(30), 0.02, 100);

    @Test
    void whatIsNotKnownOrTooLittleOrFromBeforeIsNotGood() {
        assertThat(SliJudge.met(WANTED, Optional.empty(), BEGIN)).isInstanceOf(Progress.Pending.class);
        assertThat(SliJudge.met(WANTED, counted(0, 0, 60), BEGIN)).isInstanceOf(Progress.Pending.class);
        assertThat(SliJudge.met(WANTED, counted(99, 99, 60), BEGIN)).isInstanceOf(Progress.Pending.class);
        assertThat(SliJudge.met(WANTED, counted(100, 100, 0), BEGIN)).isInstanceOf(Progress.Pending.class);
        assertThat(SliJudge.met(WANTED, counted(98, 100, 60), BEGIN)).isInstanceOf(Progress.Pending.class);
        assertThat(SliJudge.met(WANTED, counted(99, 100, 60), BEGIN))
                .isEqualTo(new Progress.Succeeded("commands of fleet is 99.00% of 100"));
    }

    @Test
    void aRunStopsWhenItFellByMoreThanTheMarginAndWhenNobodyCouldTell() {
        Optional<Reading> before = counted(990, 1_000, 0);
        assertThat(SliJudge.worse(GUARD, BEGIN, before, counted(960, 1_000, 300)))
                .contains("commands of fleet is 96.00%, was 99.00% when the run began, and may fall by 2.00%");
        assertThat(SliJudge.worse(GUARD, BEGIN, before, counted(975, 1_000, 300)))
                .isEmpty();
        assertThat(SliJudge.worse(GUARD, BEGIN, before, counted(0, 99, 300)))
                .as("too little since")
                .isEmpty();
        assertThat(SliJudge.worse(GUARD, BEGIN, counted(99, 99, 0), counted(0, 1_000, 300)))
                .as("too little before")
                .isEmpty();
        assertThat(SliJudge.worse(GUARD, BEGIN, before, counted(0, 1_000, 0)))
                .as("nothing was counted since")
                .isEmpty();
        assertThat(SliJudge.worse(GUARD, BEGIN, Optional.empty(), counted(1_000, 1_000, 300)))
                .isPresent();
        assertThat(SliJudge.worse(GUARD, BEGIN, before, Optional.empty())).isPresent();
    }

    @Test
    void itLooksBackToTheStartAndNotFurtherThanTheWindow() {
        assertThat(SliJudge.since(GUARD, BEGIN, BEGIN)).isEqualTo(Duration.ofMinutes(5));
        assertThat(SliJudge.since(GUARD, BEGIN, BEGIN.plusSeconds(720))).isEqualTo(Duration.ofMinutes(12));
        assertThat(SliJudge.since(GUARD, BEGIN, BEGIN.plusSeconds(7_200))).isEqualTo(Duration.ofMinutes(30));
    }

    @Test
    void casesOfARunbookHoldItAgainstIndicators() {
        JsonNode json = YAMLMapper.shared().readTree("""
                triggers: [{alert: {alertname: X}}]
                guards:
                  maxShare: 100%
                  stopWhenWorse: {sli: commands, scope: region/eu, margin: 5%, minSamples: 10}
                steps:
                  - {name: sure, require: {sli: uptime, scope: "asset/${labels.asset}", atLeast: 90%}}
                  - {name: boot, command: {name: reboot}}
                  - {name: good, waitFor: {sli: commands, scope: region/eu, atLeast: 95%, minSamples: 10}, timeout: 20m}
                tests:
                  - name: it is good again
                    alert: {alertname: X, asset: a}
                    assets: [{id: a, region: eu, state: {sli.uptime: 9/10, sli.commands: 80/100}}, {id: b, region: us, state: {sli.commands: 0/100}}]
                    reactions: [{on: command reboot, after: 1m, set: {sli.commands: 96/100}}]
                    expect: {outcome: succeeded, did: [command reboot a]}
                  - name: it stays bad
                    alert: {alertname: X, asset: a}
                    assets: [{id: a, region: eu, state: {sli.uptime: 9/10, sli.commands: 80/100}}]
                    expect: {outcome: failed, did: [command reboot a]}
                  - name: it gets worse
                    alert: {alertname: X, asset: a}
                    assets: [{id: a, region: eu, state: {sli.uptime: 9/10, sli.commands: 96/100}}]
                    reactions: [{on: command reboot, after: 1m, set: {sli.commands: 90/100}}]
                    expect: {outcome: failed}
                  - name: nothing is known
                    alert: {alertname: X, asset: a}
                    assets: [{id: a, region: eu, state: {sli.commands: 96/100}}]
                    expect: {outcome: failed, did: []}
                """);
        SpecReader.Read read = SpecReader.declared("x", json, SELECTORS);
        assertThat(read.problems()).isEmpty();
        assertThat(new CaseRunner(SELECTORS).run("x", json, read.spec()))
                .allSatisfy(result -> assertThat(result.passed())
                        .as("%s: %s%n%s", result.name(), result.problem(), String.join("\n", result.lines()))
                        .isTrue());
        assertThat(new CaseRunner(SELECTORS).run("x", json, read.spec()).get(2).lines())
                .anyMatch(line -> line.contains("good failed") || line.contains("stops before good"));
    }

    @Test
    void aDocumentThatCannotBeMeantIsRefused() {
        JsonNode json = YAMLMapper.shared().readTree("""
                guards: {stopWhenWorse: {scope: everywhere}}
                steps: [{require: {sli: uptime}}]
                tests: [{name: x, assets: [{id: a, state: {sli.uptime: good}}]}]
                """);
        assertThat(SpecReader.declared("x", json, SELECTORS).problems())
                .extracting(problem -> problem.path())
                .containsExactlyInAnyOrder(
                        "spec.guards.stopWhenWorse.sli",
                        "spec.guards.stopWhenWorse.scope",
                        "spec.steps[0].require.atLeast",
                        "spec.tests[0].assets[0].state.sli.uptime");
    }

    private static Optional<Reading> counted(double good, double all, int secondsAfter) {
        return Optional.of(new Reading(
                all > 0 ? good / all : null,
                good,
                all - good,
                all,
                0,
                0,
                BEGIN.minusSeconds(1_800),
                BEGIN.plusSeconds(secondsAfter)));
    }
}
