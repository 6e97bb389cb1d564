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

/** One target whose asset runs the new version and is in its soak. */
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

    private static Target step(Target target, int seconds, Progress progress, String version) {
        Moment now = at(seconds);
        Observation seen = new Observation(ATTEMPT, progress, null, null, version, null, true, now.wall(), null);
        return new TargetMachine(CONDUCT, new Rules(), now).step(target, ATTEMPT, seen);
    }

    private static Moment at(int seconds) {
        return new Moment(START.plusSeconds(seconds), seconds * 1_000L);
    }
}
