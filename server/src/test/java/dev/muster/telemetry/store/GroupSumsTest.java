package dev.muster.telemetry.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.DoubleSupplier;
import org.junit.jupiter.api.Test;

class GroupSumsTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    @Test
    void percentilesAreWithinOnePercentOfTheExactOnes() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (DoubleSupplier source : List.<DoubleSupplier>of(
                () -> random.nextGaussian() * 20,
                () -> Math.exp(random.nextGaussian() * 5),
                () -> random.nextInt(100),
                () -> -random.nextDouble() * 1e-9)) {
            double[] values = new double[1 + random.nextInt(5_000)];
            GroupSums sums = new GroupSums(1, 0, 1000, SECOND);
            for (int i = 0; i < values.length; i++) {
                values[i] = source.getAsDouble();
                sums.add(0, i % 1000, values[i]);
            }
            Arrays.sort(values);
            GroupSums.GroupStep point = sums.points(0).getFirst();
            assertThat(point.count()).isEqualTo(values.length);
            assertThat(point.min()).isEqualTo(values[0]);
            assertThat(point.max()).isEqualTo(values[values.length - 1]);
            assertNear(point.p50(), exact(values, 0.50), seed);
            assertNear(point.p90(), exact(values, 0.90), seed);
            assertNear(point.p99(), exact(values, 0.99), seed);
        }
    }

    private static double exact(double[] sorted, double share) {
        return sorted[(int) Math.ceil(share * sorted.length) - 1];
    }

    private static void assertNear(double found, double exact, long seed) {
        assertThat(found).as("seed %d", seed).isCloseTo(exact, within(Math.abs(exact) * 0.01));
    }

    @Test
    void stepsStartAtMultiplesSinceTheEpochAndEmptyOnesAreLeftOut() {
        GroupSums sums = new GroupSums(2, 1500, 4001, SECOND);
        sums.add(1, 1500, 1);
        sums.add(1, 4000, 2);
        assertThat(sums.points(0)).isEmpty();
        assertThat(sums.points(1)).extracting(GroupSums.GroupStep::ts).containsExactly(1000L, 4000L);
        assertThat(GroupSums.steps(1500, 4001, SECOND)).isEqualTo(4);
        assertThat(GroupSums.steps(1000, 2000, SECOND)).isEqualTo(1);
    }

    @Test
    void whatIsNoNumberDoesNotCount() {
        GroupSums sums = new GroupSums(1, 0, 1, SECOND);
        sums.add(0, 0, Double.NaN);
        sums.add(0, 0, Double.POSITIVE_INFINITY);
        assertThat(sums.points(0)).isEmpty();
    }

    @Test
    void classesAreBounded() {
        GroupSums sums = new GroupSums(100, 0, 1, SECOND);
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 10_000_000 && !sums.isTooMuch(); i++) {
            sums.add(i % 100, 0, Double.longBitsToDouble(random.nextLong()));
        }
        assertThat(sums.isTooMuch()).as("seed %d", seed).isTrue();
    }
}
