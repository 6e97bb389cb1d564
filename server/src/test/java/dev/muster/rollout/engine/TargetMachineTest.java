package dev.muster.rollout.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.actuator.EvidenceLevel;
import dev.muster.actuator.Observation;
import dev.muster.actuator.Observation.Progress;
import dev.muster.protocol.AssetId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** One target, step by step. */
class TargetMachineTest {
    private static final Instant START = Instant.parse("2026-11-25T02:00:00Z");
    private static final String ATTEMPT = "r-1.1";
    private static final Conduct CONDUCT = new Conduct(
            "2.0",
            1,
            0,
            Duration.ofSeconds(1),
            Duration.ofMinutes(5),
            Percent.parse("0%").orElseThrow(),
            1,
            Conduct.OnFailure.ROLLBACK,
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

    private final Target ordered = Target.pending(0, new AssetId("pump-7"), 0, 0, START)
            .ordered(1, "1.0")
            .at(Stage.REBOOTING, null, null, at(0));

    @Test
    void anAssetInTheMiddleOfItsOwnChecksIsNoSuccessHoweverShortTheSoak() {
        Target verifying = step(ordered, 1, Progress.VERIFYING, "2.0");
        assertThat(verifying.stage()).isEqualTo(Stage.VERIFYING);

        Target later = step(verifying, 30, Progress.VERIFYING, "2.0");
        assertThat(later.stage()).isEqualTo(Stage.VERIFYING);

        assertThat(step(later, 40, Progress.WENT_BACK, "1.0").stage()).isEqualTo(Stage.FAILED);
        assertThat(step(later, 40, Progress.SUCCEEDED, "2.0").stage()).isEqualTo(Stage.SUCCEEDED);
    }

    @Test
    void checksThatNeverEndAreAFailureThatSaysSo() {
        Target verifying = step(ordered, 1, Progress.VERIFYING, "2.0");

        Target over = step(verifying, 2 + 300, Progress.VERIFYING, "2.0");

        assertThat(over.stage()).isEqualTo(Stage.FAILED);
        assertThat(over.reason()).isEqualTo(Reason.TIMED_OUT);
        assertThat(over.detail()).startsWith("still verifies");
    }

    /** The server was killed: for a minute nobody can tell who is away, and the time of the way back is over before. */
    @Test
    void whoDiedOnItsWayBackIsNotHeardOfAlthoughItStillCountsAsReachableWhenItsTimeIsOver() {
        Target waits = silent(back, 310, true, 250);
        assertThat(waits.stage()).isEqualTo(Stage.ROLLING_BACK);
        assertThat(waits.due()).isEqualTo(325_000);

        assertThat(silent(waits, 325, false, 250).reason()).isEqualTo(Reason.NOT_HEARD);
        assertThat(silent(waits, 600, true, 250).reason())
                .as("for another such time at most")
                .isEqualTo(Reason.NOT_HEARD);
        assertThat(silent(waits, 325, true, 320).reason())
                .as("it lives, and did not go back")
                .isEqualTo(Reason.TIMED_OUT);
    }

    @Test
    void whoWasSentBackForItsTimeAndIsNotHeardOfAtItsEndMayBeBricked() {
        Target returning = ordered.at(Stage.RETURNING, Reason.TIMED_OUT, null, at(0));
        assertThat(silent(returning, 300, false, 10).stage()).isEqualTo(Stage.BRICKED);
        assertThat(silent(returning, 300, true, 10).stage()).isEqualTo(Stage.STRANDED);
        Target said = ordered.at(Stage.RETURNING, Reason.REPORTED, null, at(0));
        assertThat(silent(said, 300, false, 10).stage()).isEqualTo(Stage.STRANDED);
    }

    private final Target back = ordered.at(Stage.ROLLING_BACK, null, null, at(0));

    private static Target silent(Target target, int seconds, boolean alive, int heard) {
        Observation seen =
                new Observation(null, Progress.NONE, null, null, "2.0", null, alive, START.plusSeconds(heard), null);
        return new TargetMachine(CONDUCT, new Rules(), at(seconds)).step(target, ATTEMPT, seen);
    }

    private static Target step(Target target, int seconds, Progress progress, String version) {
        Moment now = at(seconds);
        Observation seen = new Observation(ATTEMPT, progress, null, null, version, null, true, now.wall(), null);
        return new TargetMachine(CONDUCT, new Rules(), now).step(target, ATTEMPT, seen);
    }

    private static Moment at(int seconds) {
        return new Moment(START.plusSeconds(seconds), seconds * 1_000L);
    }
}
