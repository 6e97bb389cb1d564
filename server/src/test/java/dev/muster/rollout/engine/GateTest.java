package dev.muster.rollout.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.muster.actuator.EvidenceLevel;
import dev.muster.rollout.engine.Conduct.OnFailure;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A wave of 100 that bears 10 % failures and needs 5 samples, unless a test says something else. */
class GateTest {
    private static Gate.Result judge(Map<Stage, Integer> counts) {
        return Gate.judge(wave(counts), conduct(5));
    }

    private static WaveState wave(Map<Stage, Integer> counts) {
        int[] byStage = new int[Stage.COUNT];
        new EnumMap<>(counts).forEach((stage, count) -> byStage[stage.code()] = count);
        return new WaveState("w", 0, false, Counts.of(byStage), List.of(), 0, false, false, 0, WaveState.NOT_ASKED);
    }

    private static Conduct conduct(int minSamples) {
        return new Conduct(
                "2.0",
                100,
                0,
                Duration.ofMinutes(10),
                Duration.ofMinutes(30),
                new Percent(1_000),
                minSamples,
                OnFailure.ROLLBACK,
                Conduct.Scope.ALL,
                EvidenceLevel.HEALTHY,
                false,
                false,
                true,
                Duration.ofDays(1),
                List.of(),
                Retries.NONE,
                null,
                null);
    }

    @Test
    void passesWhenEveryTargetHasAnOutcomeAndFewEnoughFailed() {
        Gate.Result result = judge(Map.of(Stage.SUCCEEDED, 90, Stage.FAILED, 10));
        assertThat(result.verdict()).isEqualTo(Gate.Verdict.PASS);
        assertThat(result.text()).isEqualTo("10 of 100 have failed, the wave bears 10%");
        assertThat(result.inputs()).containsEntry("failedPercent", 10.0).containsEntry("samples", 100);
    }

    @Test
    void failsWhenOneMoreFailedWhateverIsStillUnderWay() {
        assertThat(judge(Map.of(Stage.FAILED, 11, Stage.VERIFYING, 89)).verdict())
                .isEqualTo(Gate.Verdict.FAIL);
        assertThat(judge(Map.of(Stage.FAILED, 11, Stage.PENDING, 89)).verdict()).isEqualTo(Gate.Verdict.FAIL);
        assertThat(judge(Map.of(Stage.FAILED, 3, Stage.RETURNING, 4, Stage.STRANDED, 4, Stage.PENDING, 89))
                        .verdict())
                .as("wherever they are on their way back")
                .isEqualTo(Gate.Verdict.FAIL);
    }

    @Test
    void failuresThatShowBeforeTheFirstSuccessAreHeldAgainstAllThatHaveBegun() {
        assertThat(judge(Map.of(Stage.FAILED, 5, Stage.VERIFYING, 55, Stage.PENDING, 40))
                        .verdict())
                .as("5 of 60 that have begun, although 5 of 5 outcomes")
                .isEqualTo(Gate.Verdict.OPEN);
        assertThat(judge(Map.of(Stage.FAILED, 7, Stage.VERIFYING, 53, Stage.PENDING, 40))
                        .verdict())
                .isEqualTo(Gate.Verdict.FAIL);
        assertThat(judge(Map.of(Stage.FAILED, 1, Stage.VERIFYING, 3, Stage.PENDING, 96))
                        .verdict())
                .as("4 have begun, 5 are needed")
                .isEqualTo(Gate.Verdict.OPEN);
    }

    @Test
    void orderedTargetsThatNobodyHasHeardOfHaveNotBegun() {
        assertThat(judge(Map.of(Stage.FAILED, 3, Stage.SUCCEEDED, 7, Stage.ORDERED, 90))
                        .verdict())
                .isEqualTo(Gate.Verdict.FAIL);
    }

    @Test
    void noDataIsInconclusive() {
        assertThat(judge(Map.of(Stage.UNREACHABLE, 100)).verdict()).isEqualTo(Gate.Verdict.INCONCLUSIVE);
        assertThat(judge(Map.of(Stage.INDETERMINATE, 100)).verdict()).isEqualTo(Gate.Verdict.INCONCLUSIVE);
        assertThat(judge(Map.of(Stage.EXCLUDED, 100)).verdict()).isEqualTo(Gate.Verdict.INCONCLUSIVE);
        Gate.Result few = judge(Map.of(Stage.SUCCEEDED, 4, Stage.UNREACHABLE, 96));
        assertThat(few.verdict()).isEqualTo(Gate.Verdict.INCONCLUSIVE);
        assertThat(few.text()).isEqualTo("4 outcomes are known of 100 targets, 5 are needed");
    }

    @Test
    void aWaveSmallerThanTheSamplesNeedsThemAll() {
        assertThat(judge(Map.of(Stage.SUCCEEDED, 2)).verdict()).isEqualTo(Gate.Verdict.PASS);
        assertThat(judge(Map.of(Stage.SUCCEEDED, 1, Stage.UNREACHABLE, 1)).verdict())
                .isEqualTo(Gate.Verdict.INCONCLUSIVE);
    }

    @Test
    void whoAcceptsThatLittleIsKnownAcceptsNoFailuresWithIt() {
        WaveState accepted =
                wave(Map.of(Stage.SUCCEEDED, 1, Stage.UNREACHABLE, 99)).accepted(0, true);
        assertThat(Gate.judge(accepted, conduct(5)).verdict()).isEqualTo(Gate.Verdict.PASS);
        WaveState failed = wave(Map.of(Stage.FAILED, 1, Stage.UNREACHABLE, 99)).accepted(0, true);
        assertThat(Gate.judge(failed, conduct(5)).verdict()).isEqualTo(Gate.Verdict.FAIL);
    }

    @Test
    void acceptedFailuresDoNotFailAgainAndOneMoreDoes() {
        WaveState accepted = wave(Map.of(Stage.SUCCEEDED, 80, Stage.FAILED, 20)).accepted(20, false);
        assertThat(Gate.judge(accepted, conduct(5)).verdict()).isEqualTo(Gate.Verdict.PASS);
        WaveState more = wave(Map.of(Stage.SUCCEEDED, 79, Stage.FAILED, 21)).accepted(20, false);
        assertThat(Gate.judge(more, conduct(5)).verdict()).isEqualTo(Gate.Verdict.FAIL);
    }

    /** Brown, Cai, DasGupta, Interval Estimation for a Binomial Proportion, 2001: (x + z²/2 ± …) / (n + z²). */
    @Test
    void theBoundOfFailuresIsWilsons() {
        assertThat(Gate.upper(0, 5)).isCloseTo(0.351, within(0.001));
        assertThat(Gate.upper(0, 299)).isCloseTo(0.009, within(0.001));
        assertThat(Gate.upper(3, 10)).isCloseTo(0.558, within(0.001));
        assertThat(Gate.upper(10, 10)).isEqualTo(1);
    }
}
