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

/** One target that was ordered, and has not answered when its time is over. */
class TargetStepsTest {
    private static final Instant START = Instant.parse("2026-11-25T02:00:00Z");
    private static final Conduct CONDUCT = new Conduct(
            "2.0",
            1,
            0,
            Duration.ofSeconds(1),
            Duration.ofSeconds(30),
            Percent.ALL,
            1,
            Conduct.OnFailure.PAUSE,
            Conduct.Scope.ALL,
            EvidenceLevel.CONFIRMED,
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
            .at(Stage.ORDERED, null, null, new Moment(START, 0))
            .due(30_000);

    @Test
    void whoAsksAndIsNotShownItsOrderWaitsForTheWindow() {
        Decided decided = decide(true, true);

        assertThat(decided.changed())
                .extracting(target -> target.stage() + " " + target.reason() + " " + target.due())
                .containsExactly("WAITING WINDOW 31000");
        assertThat(decided.orders()).containsExactly(new Order.Cancel(ordered, "r.1.1"));
    }

    @Test
    void whoDoesNotAskOrWasShownItIsUnreachable() {
        assertThat(decide(true, false).changed()).extracting(Target::stage).containsExactly(Stage.UNREACHABLE);
        assertThat(decide(false, true).changed()).extracting(Target::stage).containsExactly(Stage.UNREACHABLE);
    }

    private Decided decide(boolean hidden, boolean alive) {
        WaveState wave = WaveState.fresh("all", 0, 1, false).moved(0, Stage.PENDING, Stage.ORDERED, 1);
        Rollout rollout = new Rollout(
                "r", "r.1", CONDUCT, new Phase.Running(), 0, START, 0, 0, List.of(wave), List.of(), 0, false);
        Observation seen = new Observation(null, Progress.NONE, null, null, "1.0", null, alive, START, null);
        return new RolloutEngine()
                .decide(rollout, List.of(new Item.Observed(ordered, seen, hidden)), START.plusSeconds(31));
    }
}
