package dev.muster.rollout.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class SignificanceTest {
    private static final Offset<Double> PRINTED = within(5e-5);

    /** Hollander and Wolfe (1973), 69f, as R's {@code wilcox.test(x, y, alternative = "g")} answers it: W = 35, p = 0.1272. */
    @Test
    void theRankSumOfThePermeabilityOfPlacentasIsAsInTheTextbook() {
        double[] term = {0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46};
        double[] early = {1.15, 0.88, 0.90, 0.74, 1.21};
        assertThat(Significance.higher(term, early)).isCloseTo(0.1272, PRINTED);
    }

    /** Hollander and Wolfe (1973), 29f, as R's {@code wilcox.test(x, y, paired = TRUE, alternative = "g")}: V = 40, p = 0.01953. */
    @Test
    void theSignedRankOfTheDepressionScaleIsAsInTheTextbook() {
        double[] first = {1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30};
        double[] second = {0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29};
        double[] differences = new double[first.length];
        for (int i = 0; i < first.length; i++) {
            differences[i] = first[i] - second[i];
        }
        assertThat(Significance.above(differences)).isCloseTo(0.01953, PRINTED);
    }

    /** Fisher (1935) and (1962): the lady tasting tea, p = 0.2429; convictions of like-sex twins, p = 0.0004652. */
    @Test
    void fishersTestIsAsFisherWorkedItOut() {
        assertThat(Significance.moreOften(3, 4, 1, 4)).isCloseTo(0.2429, PRINTED);
        assertThat(Significance.moreOften(10, 13, 2, 17)).isCloseTo(0.0004652, within(5e-8));
        assertThat(Significance.moreOften(0, 10, 0, 10)).isCloseTo(1, within(1e-12));
        assertThat(Significance.moreOften(5, 5, 0, 5)).isCloseTo(1.0 / 252, within(1e-12));
    }

    @Test
    void theNormalTailIsAsInTables() {
        assertThat(Significance.upperTail(0)).isCloseTo(0.5, within(1e-7));
        assertThat(Significance.upperTail(1.6449)).isCloseTo(0.05, within(1e-5));
        assertThat(Significance.upperTail(1.96)).isCloseTo(0.0249979, within(1e-7));
        assertThat(Significance.upperTail(3)).isCloseTo(0.0013499, within(1e-7));
        assertThat(Significance.upperTail(-1.96)).isCloseTo(0.9750021, within(1e-7));
    }

    /** Every way to deal the values, one by one. */
    @Test
    void fewSamplesAreJudgedExactly() {
        for (int seed = 1; seed <= 40; seed++) {
            Random random = new Random(seed);
            double[] some = random.doubles(2 + random.nextInt(5)).toArray();
            double[] others = random.doubles(2 + random.nextInt(5))
                    .map(each -> each - 0.3)
                    .toArray();
            assertThat(Significance.higher(some, others))
                    .as("seed %d", seed)
                    .isCloseTo(dealt(some, others), within(1e-12));
            double[] differences =
                    random.doubles(1 + random.nextInt(12), -0.4, 0.6).toArray();
            assertThat(Significance.above(differences))
                    .as("seed %d", seed)
                    .isCloseTo(signed(differences), within(1e-12));
        }
    }

    /** Where nothing differs, one in twenty is below 0.05, with ties and without; where something does, nearly all are. */
    @Test
    void manySamplesRaiseAFalseAlarmOnceInTwenty() {
        Random random = new Random(11);
        int trials = 2_000;
        int sums = 0;
        int pairs = 0;
        int seen = 0;
        for (int i = 0; i < trials; i++) {
            double[] some =
                    random.doubles(40).map(each -> Math.round(each * 20)).toArray();
            double[] others =
                    random.doubles(60).map(each -> Math.round(each * 20)).toArray();
            sums += Significance.higher(some, others) < 0.05 ? 1 : 0;
            double[] differences =
                    random.doubles(60, -1, 1).map(each -> Math.round(each * 20)).toArray();
            pairs += Significance.above(differences) < 0.05 ? 1 : 0;
            double[] more = random.doubles(40, 0.3, 1.3)
                    .map(each -> Math.round(each * 20))
                    .toArray();
            seen += Significance.higher(more, others) < 0.05 ? 1 : 0;
        }
        assertThat(sums).as("false alarms of 2,000").isBetween(70, 125);
        assertThat(pairs).as("false alarms of 2,000").isBetween(70, 125);
        assertThat(seen).as("found of 2,000").isGreaterThan(1_980);
    }

    private static double dealt(double[] some, double[] others) {
        int n = some.length;
        int all = n + others.length;
        double[] values = new double[all];
        System.arraycopy(some, 0, values, 0, n);
        System.arraycopy(others, 0, values, n, others.length);
        int observed = wins(values, (1 << n) - 1);
        int atLeast = 0;
        int ways = 0;
        for (int choice = 0; choice < 1 << all; choice++) {
            if (Integer.bitCount(choice) == n) {
                ways++;
                atLeast += wins(values, choice) >= observed ? 1 : 0;
            }
        }
        return (double) atLeast / ways;
    }

    private static int wins(double[] values, int choice) {
        int wins = 0;
        for (int i = 0; i < values.length; i++) {
            for (int j = 0; j < values.length; j++) {
                boolean pair = (choice >> i & 1) == 1 && (choice >> j & 1) == 0;
                wins += pair && values[i] > values[j] ? 1 : 0;
            }
        }
        return wins;
    }

    private static double signed(double[] differences) {
        int n = differences.length;
        int observed = 0;
        int[] ranks = new int[n];
        for (int i = 0; i < n; i++) {
            for (double other : differences) {
                ranks[i] += Math.abs(other) <= Math.abs(differences[i]) ? 1 : 0;
            }
            observed += differences[i] > 0 ? ranks[i] : 0;
        }
        int atLeast = 0;
        for (int signs = 0; signs < 1 << n; signs++) {
            int sum = 0;
            for (int i = 0; i < n; i++) {
                sum += (signs >> i & 1) == 1 ? ranks[i] : 0;
            }
            atLeast += sum >= observed ? 1 : 0;
        }
        return atLeast / (double) (1 << n);
    }
}
