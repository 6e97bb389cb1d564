package dev.muster.alert.anomaly;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.alert.anomaly.Verdict.Sign;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DetectorTest {
    private static final int STEP = 300;
    private static final int DAY = 288;

    private final Random random = new Random(4711);

    private double daily(int row) {
        return 50 + 10 * Math.sin(2 * Math.PI * row / DAY) + random.nextGaussian();
    }

    private Detector learned(int rows) {
        Detector detector = new Detector();
        for (int row = 0; row < rows; row++) {
            detector.take((long) row * STEP, daily(row));
        }
        return detector;
    }

    @Test
    void saysWhatIsUnusualWithFigures() {
        Detector detector = learned(14 * DAY);

        Verdict verdict = detector.take(14L * DAY * STEP, 95);

        assertThat(verdict.score()).isGreaterThan(Detector.USUAL_THRESHOLD);
        assertThat(verdict.reason()).startsWith("95.0 is ").contains("times its usual", "above");
    }

    @Test
    void tellsTheSameOnlyOnceButGoesOnSayingThatItIsStrange() {
        Detector detector = learned(14 * DAY);

        Verdict first = detector.take(14L * DAY * STEP, 95);
        Verdict second = detector.take((14L * DAY + 1) * STEP, 80);

        assertThat(first.score()).isPositive();
        assertThat(second.score()).isZero();
        assertThat(second.strangeness()).isGreaterThan(0.4);
    }

    @Test
    void saysThatASeriesHasGoneFlat() {
        Detector detector = learned(14 * DAY);
        List<Verdict> verdicts = new ArrayList<>();
        for (int row = 14 * DAY; row < 14 * DAY + 96; row++) {
            verdicts.add(detector.take((long) row * STEP, 50));
        }

        assertThat(verdicts).anyMatch(each -> each.sign() == Sign.STILLNESS && each.score() > 0.3);
    }

    @Test
    void aConstantSeriesIsUsualUntilItChanges() {
        Detector detector = new Detector();
        double most = 0;
        for (int row = 0; row < 4_000; row++) {
            most = Math.max(most, detector.take((long) row * STEP, 45).score());
        }

        assertThat(most).isLessThan(Detector.USUAL_THRESHOLD);
        assertThat(detector.take(4_000L * STEP, 46).score()).isGreaterThan(Detector.USUAL_THRESHOLD);
    }

    @Test
    void hasNoVerdictBeforeAHundredValues() {
        Detector detector = learned(99);

        assertThat(detector.take(99L * STEP, 1e6))
                .extracting(Verdict::score, Verdict::sign, Verdict::reason)
                .containsExactly(0.0, Sign.LEARNING, "learning: 99 of 100 values known");
    }

    @Test
    void whatIsNoNumberOrNotNewerIsIgnored() {
        Detector detector = learned(500);
        byte[] before = detector.state();

        assertThat(detector.take(500L * STEP, Double.NaN).sign()).isEqualTo(Sign.IGNORED);
        assertThat(detector.take(500L * STEP, Double.NEGATIVE_INFINITY).sign()).isEqualTo(Sign.IGNORED);
        assertThat(detector.take(500L * STEP, 1e300).sign()).isEqualTo(Sign.IGNORED);
        assertThat(detector.state()).isEqualTo(before);
        assertThat(detector.take(499L * STEP, 51).reason()).endsWith("is not newer than the one before");
    }

    @Test
    void aClockThatWasSetBackIsFollowedAfterFiftyValues() {
        Detector detector = learned(500);
        List<Sign> signs = new ArrayList<>();
        for (int row = 0; row < 60; row++) {
            signs.add(detector.take((long) row * STEP, daily(row)).sign());
        }

        assertThat(signs.subList(0, 49)).containsOnly(Sign.IGNORED);
        assertThat(signs.subList(49, 60)).doesNotContain(Sign.IGNORED);
    }

    @Test
    void aGapIsNotStrange() {
        Detector detector = learned(14 * DAY);
        List<Double> scores = new ArrayList<>();
        for (int row = 15 * DAY + 100; row < 15 * DAY + 200; row++) {
            scores.add(detector.take((long) row * STEP, daily(row)).score());
        }

        assertThat(scores).allMatch(score -> score < Detector.USUAL_THRESHOLD);
    }

    @Test
    void hugeAndTinyValuesKeepTheirScale() {
        for (double scale : new double[] {1e-9, 1e-3, 1e3, 1e15, 1e25}) {
            Detector detector = new Detector();
            Random own = new Random(1);
            for (int row = 0; row < 2_000; row++) {
                detector.take((long) row * STEP, scale * (5 + own.nextGaussian()));
            }
            assertThat(detector.take(2_000L * STEP, scale * 30).score())
                    .as("scale %s", scale)
                    .isGreaterThan(0.5);
        }
    }

    @Test
    void goesOnFromItsStateAsIfNothingHadHappened() {
        Detector detector = learned(3_000);
        Detector restored = Detector.restore(detector.state());

        assertThat(detector.state()).hasSize(Detector.BYTES);
        for (int row = 3_000; row < 4_000; row++) {
            double value = row == 3_500 ? 200 : daily(row);
            assertThat(restored.take((long) row * STEP, value)).isEqualTo(detector.take((long) row * STEP, value));
        }
        assertThat(restored.state()).isEqualTo(detector.state());
    }

    @Test
    void aForeignStateIsRefused() {
        assertThatThrownBy(() -> Detector.restore(new byte[] {9}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "a detector's state has " + Detector.BYTES + " bytes of version 1, found 1 bytes of version 9");
    }

    @Test
    void anEverLongerSeriesStaysWithinItsBytes() {
        Detector detector = learned(80_000);

        assertThat(detector.state()).hasSize(Detector.BYTES);
        assertThat(detector.take(80_000L * STEP, 200).score()).isGreaterThan(0.5);
    }
}
