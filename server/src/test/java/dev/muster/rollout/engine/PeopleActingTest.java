package dev.muster.rollout.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.muster.actuator.EvidenceLevel;
import dev.muster.protocol.AssetId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What people ask of a rollout of one target that was given up. */
class PeopleActingTest {
    private static final Instant START = Instant.parse("2026-11-25T02:00:00Z");
    private static final Conduct CONDUCT = new Conduct(
            "2.0",
            1,
            0,
            Duration.ofSeconds(1),
            Duration.ofMinutes(5),
            Percent.ALL,
            1,
            Conduct.OnFailure.PAUSE,
            Conduct.Scope.ALL,
            EvidenceLevel.HEALTHY,
            false,
            false,
            true,
            Duration.ofDays(1),
            List.of(),
            new Retries(2, Duration.ofMinutes(5), Duration.ofHours(1)),
            null,
            null);

    @Test
    void whoIsTriedOnceMoreByAPersonHasItsRetriesAgain() {
        Target unreachable = Target.pending(0, new AssetId("pump-7"), 0, 0, START)
                .ordered(3, "1.0")
                .retried()
                .retried()
                .at(Stage.UNREACHABLE, Reason.NOT_HEARD, null, new Moment(START, 0));
        WaveState wave = WaveState.fresh("all", 0, 1, false).moved(0, Stage.PENDING, Stage.UNREACHABLE, 1);
        Rollout rollout = new Rollout(
                "r", "r.1", CONDUCT, new Phase.Running(), 0, START, 0, 0, List.of(wave), List.of(), 0, false);

        RolloutEngine.Answer answer = new RolloutEngine()
                .act(rollout, new Action.Retry("the cable is in again", List.of(unreachable)), START.plusSeconds(60));

        assertThat(answer)
                .isInstanceOfSatisfying(
                        RolloutEngine.Answer.Done.class,
                        done -> assertThat(done.decided().changed())
                                .extracting(Target::stage, Target::attempt, Target::retries)
                                .containsExactly(tuple(Stage.PENDING, 3, 0)));
    }
}
