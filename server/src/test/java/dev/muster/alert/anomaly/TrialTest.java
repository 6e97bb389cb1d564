package dev.muster.alert.anomaly;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.alert.anomaly.Trial.Judge;
import dev.muster.alert.anomaly.Trial.Outcome;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class TrialTest {
    private static final long SEED = 20_261_126;
    private static final int PER_FAULT = 12;

    private static boolean isGoodEnough(Outcome outcome) {
        System.out.println(outcome);
        return outcome.recall() >= 0.8 && outcome.precision() >= 0.8;
    }

    @Test
    void findsMostFaultsOfAFleetWithFewFalseAlarms() {
        Outcome ours = Trial.run(SEED, PER_FAULT, Trial.detector(Detector.USUAL_THRESHOLD));
        Outcome reference = Trial.run(SEED, PER_FAULT, Trial.staticThreshold());
        System.out.println("static threshold: " + reference);
        assertThat(isGoodEnough(ours)).isTrue();
        assertThat(ours.recall()).isGreaterThan(reference.recall());
    }

    @Test
    void brokenDetectorsAreNotGoodEnough() {
        assertThat(isGoodEnough(Trial.run(SEED, PER_FAULT, Trial.detector(1)))).isFalse();
        assertThat(isGoodEnough(Trial.run(SEED, PER_FAULT, Trial.detector(0.35))))
                .isFalse();
        assertThat(isGoodEnough(Trial.run(SEED, PER_FAULT, late()))).isFalse();
        assertThat(isGoodEnough(Trial.run(SEED, PER_FAULT, forgetful()))).isFalse();
    }

    /** Says three days later what it found. */
    private static Supplier<Judge> late() {
        return () -> {
            Judge judge = Trial.detector(Detector.USUAL_THRESHOLD).get();
            java.util.ArrayDeque<Boolean> said = new java.util.ArrayDeque<>();
            return (seconds, value) -> {
                said.add(judge.alarms(seconds, value));
                return said.size() > 864 && said.remove();
            };
        };
    }

    /** Loses what it learned each six hours. */
    private static Supplier<Judge> forgetful() {
        return () -> {
            Detector[] detector = {new Detector()};
            return (seconds, value) -> {
                if (seconds % 21_600 == 0) {
                    detector[0] = new Detector();
                }
                return detector[0].take(seconds, value).score() >= Detector.USUAL_THRESHOLD;
            };
        };
    }
}
