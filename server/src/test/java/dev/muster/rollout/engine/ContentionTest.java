package dev.muster.rollout.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Of several rollouts over the same assets each gets its turn, one at a time and in their order; mistakes in that are found. */
class ContentionTest {
    private static final int SEEDS = 600;
    private static final Instant T0 = Instant.parse("2026-11-23T10:00:00Z");
    private static final Rival MINE = new Rival(2, "mine", "app", 0, T0, true, 0);

    @Test
    void anAssetHasOneChangeAtATimeAndTheRolloutThatGoesFirstHasIt() {
        Map<String, Integer> reached = RivalsSimulation.run(SEEDS, new Contention());
        System.out.println("rollouts over the same assets: " + reached);
        assertThat(reached)
                .containsKeys(
                        "ordered",
                        "WAITING BUSY",
                        "WAITING YIELDING",
                        "WAITING UNSAFE",
                        "WAITING BACKOFF",
                        "ROLLED_BACK",
                        "ROLLBACK_FAILED SUPERSEDED",
                        "RETURNING REPORTED",
                        "SUCCEEDED");
    }

    @Test
    void changesOfTwoComponentsAtOnceAreFound() {
        assertFound(" does: ", new Contention() {
            @Override
            boolean changes(Rival mine, Claim theirs) {
                return super.changes(mine, theirs) && theirs.by().component().equals(mine.component());
            }
        });
    }

    @Test
    void aChangeWhileAnotherGoesBackIsFound() {
        assertFound(" does: CONFIRMING_BACK", new Contention() {
            @Override
            boolean changes(Rival mine, Claim theirs) {
                return theirs.stage().inFlight();
            }
        });
    }

    @Test
    void whoeverComesFirstTakesItIsFound() {
        assertFound("of priority -1 takes ", new Contention() {
            @Override
            public boolean goesBefore(Rival one, Rival other) {
                return one.priority() == other.priority() && super.goesBefore(one, other);
            }
        });
    }

    @Test
    void whoWaitsForTheChangeUnderWayAndLosesItsTurnIsFound() {
        assertFound(" takes ", new Contention() {
            @Override
            boolean wants(Claim theirs) {
                return super.wants(theirs) && theirs.stage() == Stage.PENDING;
            }
        });
    }

    @Test
    void twoThatLetEachOtherGoFirstAreFound() {
        assertFound("waits", new Contention() {
            @Override
            public boolean goesBefore(Rival one, Rival other) {
                return true;
            }
        });
    }

    @Test
    void whoWaitsIsToldForWhom() {
        Rival first = new Rival(1, "urgent-os", "os", 5, T0.plusSeconds(9), true, 0);
        Claim wants = new Claim(first, Stage.PENDING, null, 0);
        Contention contention = new Contention();

        assertThat(contention.yields(MINE, List.of(wants)).orElseThrow().detail())
                .isEqualTo("rollout urgent-os changes it first, it has the priority 5, this one 0");
        assertThat(contention
                        .busy(MINE, List.of(new Claim(first, Stage.RETURNING, Reason.REPORTED, 0)))
                        .orElseThrow()
                        .detail())
                .isEqualTo("rollout urgent-os changes os of it right now");
    }

    @Test
    void whoDoesNotWantItNowIsNotWaitedFor() {
        Rival first = new Rival(1, "urgent", "os", 5, T0, true, 0);
        Rival paused = new Rival(1, "urgent", "os", 5, T0, false, 0);
        assertThat(new Contention()
                        .yields(
                                MINE,
                                List.of(
                                        new Claim(first, Stage.PENDING, null, 1),
                                        new Claim(paused, Stage.PENDING, null, 0),
                                        new Claim(first, Stage.WAITING, Reason.WINDOW, 0),
                                        new Claim(first, Stage.WAITING, Reason.UNSAFE, 0),
                                        new Claim(first, Stage.WAITING, Reason.BACKOFF, 0),
                                        new Claim(first, Stage.SUCCEEDED, null, 0))))
                .isEmpty();
    }

    private static void assertFound(String what, Contention wrong) {
        assertThatThrownBy(() -> RivalsSimulation.run(SEEDS, wrong))
                .isInstanceOf(RivalsSimulation.Broken.class)
                .hasMessageContaining(what);
    }
}
