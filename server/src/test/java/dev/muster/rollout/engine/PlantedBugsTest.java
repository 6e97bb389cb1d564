package dev.muster.rollout.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.actuator.Observation;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The simulation finds mistakes: each is planted into one of the {@link Rules}, and is named by the invariant that it breaks. */
class PlantedBugsTest {
    private static final int ENOUGH = 600;

    @Test
    void oneOrderAboveTheLimitIsFound() {
        assertFound("in flight are", new Rules() {
            @Override
            int freeSlots(Rollout rollout) {
                return super.freeSlots(rollout) + 1;
            }
        });
    }

    @Test
    void aRateThatForgetsWhatWentOutIsFound() {
        assertFound("within a minute", new Rules() {
            @Override
            long nextOrderAt(Rollout rollout) {
                return rollout.elapsed() * 1_000;
            }
        });
    }

    @Test
    void theForeignPreviousReleaseIsFound() {
        assertFound("its own previous is", new Rules() {
            @Override
            @Nullable String returnTo(Rollout rollout, Target target) {
                return "1.0";
            }
        });
    }

    @Test
    void aGateThatPassesOnNoDataIsFound() {
        assertFound("a gate passed on ", new Rules() {
            @Override
            Gate.Result judge(WaveState wave, Conduct conduct) {
                Gate.Result result = super.judge(wave, conduct);
                return result.verdict() == Gate.Verdict.INCONCLUSIVE
                        ? new Gate.Result(Gate.Verdict.PASS, result.text(), result.inputs(), result.threshold())
                        : result;
            }
        });
    }

    @Test
    void aGateThatBearsAnythingIsFound() {
        assertFound("the wave bears", new Rules() {
            @Override
            Gate.Result judge(WaveState wave, Conduct conduct) {
                Gate.Result result = super.judge(wave, conduct);
                return result.verdict() == Gate.Verdict.FAIL && wave.settled()
                        ? new Gate.Result(Gate.Verdict.PASS, result.text(), result.inputs(), result.threshold())
                        : result;
            }
        });
    }

    @Test
    void aWrittenGateThatPassesOnNoDataIsFound() {
        assertFound("says INCONCLUSIVE", instead(Gate.Verdict.INCONCLUSIVE, Gate.Verdict.PASS));
    }

    @Test
    void aWrittenGateWhoseFailureIsNoOnesBusinessIsFound() {
        assertFound("says FAIL", instead(Gate.Verdict.FAIL, Gate.Verdict.PASS));
    }

    @Test
    void aWaveThatWaitsForAWrittenGateForEverIsFound() {
        assertFound("waits for gate", new Rules() {
            @Override
            boolean patienceIsOver(Check check, WaveState wave, Moment now) {
                return false;
            }
        });
    }

    private static Rules instead(Gate.Verdict wrong, Gate.Verdict said) {
        return new Rules() {
            @Override
            Gate.Result check(Check check, WaveState wave, Map<String, Object> measured) {
                return say(super.check(check, wave, measured), wrong, said);
            }
        };
    }

    @Test
    void theSecondRollbackOfATargetIsFound() {
        assertFound("is sent back twice", new Rules() {
            @Override
            Set<Stage> toSendBack() {
                EnumSet<Stage> stages = EnumSet.copyOf(super.toSendBack());
                stages.add(Stage.ROLLBACK_FAILED);
                return stages;
            }
        });
    }

    @Test
    void aTouchedTargetThatIsLeftBehindIsFound() {
        assertFound("was not", new Rules() {
            @Override
            Set<Stage> toSendBack() {
                EnumSet<Stage> stages = EnumSet.copyOf(super.toSendBack());
                stages.remove(Stage.FAILED);
                return stages;
            }
        });
    }

    @Test
    void aWriteTornBetweenTwoStatementsLosesATargetAndIsFound() {
        assertThatThrownBy(() -> {
                    for (long seed = 1; seed <= ENOUGH; seed++) {
                        new Simulation(seed, new Rules(), new Statistics(), true).run();
                    }
                })
                .isInstanceOf(Invariants.Broken.class)
                .hasMessageContaining("a target is lost");
    }

    @Test
    void aTargetThatIsNeverOfferedIsFound() {
        assertFound("the rollout is not over", new Rules() {
            @Override
            int openUntil(Rollout rollout) {
                return super.openUntil(rollout) - 1;
            }
        });
    }

    @Test
    void aChangeBeyondTheOpenWavesIsFound() {
        assertFound("open are waves up to", new Rules() {
            @Override
            int openUntil(Rollout rollout) {
                return super.openUntil(rollout) + 1;
            }
        });
    }

    @Test
    void anAssetThatJoinsAWaveBeforeTheLastIsFound() {
        assertFound("is not in its wave", new Rules() {
            @Override
            int waveOfJoined(Rollout rollout) {
                return rollout.wave();
            }
        });
    }

    @Test
    void aFailedTargetThatIsLeftOnWhatItFailedWithIsFound() {
        assertFound("was not sent back to what it ran", new Rules() {
            @Override
            @Nullable String returnTo(Rollout rollout, Target target) {
                return target.stage() == Stage.FAILED && !(rollout.phase() instanceof Phase.RollingBack)
                        ? null
                        : super.returnTo(rollout, target);
            }
        });
    }

    @Test
    void anAnswerToAnotherOrderTakenForThisOneIsFound() {
        assertFound("judged by what answers another order", new Rules() {
            @Override
            boolean answers(String order, Observation observation) {
                return true;
            }
        });
    }

    @Test
    void aSuccessClaimedBeforeTheRestartIsFound() {
        assertFound("succeeded and never ran", new Rules() {
            @Override
            boolean restarted(Target target, Observation seen) {
                return true;
            }
        });
    }

    @Test
    void aStratumThatIsHaltedByChanceIsFound() {
        assertFound("is halted and is no worse than the others", new Rules() {
            @Override
            Gate.Result judge(Rollout rollout, int stratum) {
                return say(super.judge(rollout, stratum), Gate.Verdict.INCONCLUSIVE, Gate.Verdict.FAIL);
            }
        });
    }

    @Test
    void aBadStratumThatGoesOnIsFound() {
        assertFound("goes on and is worse than the others", new Rules() {
            @Override
            Gate.Result judge(Rollout rollout, int stratum) {
                return say(super.judge(rollout, stratum), Gate.Verdict.FAIL, Gate.Verdict.OPEN);
            }
        });
    }

    @Test
    void anOrderToAHaltedStratumIsFound() {
        assertFound("was changed although its stratum is halted", new Rules() {
            @Override
            boolean isHalted(Rollout rollout, Target target) {
                return false;
            }
        });
    }

    @Test
    void aTargetOfARecalledStratumThatIsLeftBehindIsFound() {
        assertFound("its stratum was recalled and the touched target", new Rules() {
            @Override
            Set<Stage> toRecall() {
                EnumSet<Stage> stages = EnumSet.copyOf(super.toRecall());
                stages.remove(Stage.SUCCEEDED);
                return stages;
            }
        });
    }

    @Test
    void aWaveThatPassedAndIsSentBackWithALaterOneIsFound() {
        assertFound("keep the change", new Rules() {
            @Override
            int keeps(Rollout rollout, int failedWave) {
                return 0;
            }
        });
    }

    @Test
    void aFailedWaveThatKeepsTheChangeIsFound() {
        assertFound("the rollout was rolled back and the touched target", new Rules() {
            @Override
            int keeps(Rollout rollout, int failedWave) {
                return rollout.conduct().scope() == Conduct.Scope.WAVE
                        ? rollout.waves().get(failedWave).end()
                        : 0;
            }
        });
    }

    @Test
    void aTargetThatIsTriedAgainForEverIsFound() {
        assertFound("is tried again more often than", new Rules() {
            @Override
            boolean mayRetry(Rollout rollout, Target before, Target after, Observation seen) {
                return super.mayRetry(rollout, before, after, seen)
                        || (before.retries() > 0 && after.reason() == Reason.REPORTED);
            }
        });
    }

    @Test
    void aBadReleaseThatIsTriedAgainIsFound() {
        assertFound("came to run the new version, and is tried again", new Rules() {
            @Override
            boolean mayRetry(Rollout rollout, Target before, Target after, Observation seen) {
                return before.retries() < rollout.conduct().retries().limit();
            }
        });
    }

    @Test
    void aRetryBeforeItsTimeIsFound() {
        assertFound("before its backoff was over", new Rules() {
            @Override
            Duration backoff(Rollout rollout, Target target) {
                return Duration.ZERO;
            }
        });
    }

    @Test
    void anOrderAfterTheDeadlineIsFound() {
        assertFound("was changed after the deadline", new Rules() {
            @Override
            boolean isOver(Deadline deadline, Moment now) {
                return false;
            }
        });
    }

    @Test
    void oneOrderTooManyAtAPlaceIsFound() {
        assertFound("at one place in flight are", new Rules() {
            @Override
            int freeSlots(PlaceLimit limit, Place place, Rollout rollout) {
                return super.freeSlots(limit, place, rollout) + 1;
            }
        });
    }

    @Test
    void aRateOfAPlaceThatForgetsWhatWentOutIsFound() {
        assertFound("orders went to place-", new Rules() {
            @Override
            Place after(PlaceLimit limit, Place place, Rollout rollout) {
                return new Place(place.name(), place.inFlight() + 1, 0);
            }
        });
    }

    @Test
    void aLostAssetThatNobodyTellsToRecoverIsFound() {
        assertFound("is not told to recover", new Rules() {
            @Override
            boolean isLost(Target failed, Observation seen) {
                return false;
            }
        });
    }

    @Test
    void anAssetThatIsTakenForLostAndIsNotIsFound() {
        assertFound("is told to recover and is not lost", new Rules() {
            @Override
            boolean isLost(Target failed, Observation seen) {
                return true;
            }
        });
    }

    private static Gate.Result say(Gate.Result result, Gate.Verdict wrong, Gate.Verdict said) {
        return result.verdict() == wrong
                ? new Gate.Result(said, result.text(), result.inputs(), result.threshold())
                : result;
    }

    private static void assertFound(String words, Rules planted) {
        Invariants.Broken found = null; // a mistake may show in more than one way
        for (long seed = 1;
                seed <= ENOUGH
                        && !(found != null && String.valueOf(found.getMessage()).contains(words));
                seed++) {
            try {
                new Simulation(seed, planted, new Statistics()).run();
            } catch (Invariants.Broken broken) {
                found = broken;
            }
        }
        assertThat(found)
                .as("nothing was found in %d schedules", ENOUGH)
                .isNotNull()
                .hasMessageContaining(words);
    }
}
