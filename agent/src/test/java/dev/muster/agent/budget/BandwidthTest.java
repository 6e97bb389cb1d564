package dev.muster.agent.budget;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BandwidthTest {
    private long now;

    @Test
    void aSecondIsFreeAndTheRestIsWaitedFor() {
        Bandwidth bandwidth = new Bandwidth(1000, () -> now);
        assertThat(bandwidth.reserve(1000)).isZero();
        assertThat(bandwidth.reserve(500)).isEqualTo(Duration.ofMillis(500).toNanos());
        now += Duration.ofMillis(200).toNanos();
        assertThat(bandwidth.debtNanos()).isEqualTo(Duration.ofMillis(300).toNanos());
        now += Duration.ofMillis(300).toNanos();
        assertThat(bandwidth.debtNanos()).isZero();
    }

    @Test
    void whatIsLargerThanTheBucketPassesInTheEnd() {
        Bandwidth bandwidth = new Bandwidth(1000, () -> now);
        assertThat(bandwidth.reserve(11_000)).isEqualTo(Duration.ofSeconds(10).toNanos());
    }

    @Test
    void zeroIsNoLimit() {
        Bandwidth bandwidth = new Bandwidth(0, () -> now);
        assertThat(bandwidth.reserve(Integer.MAX_VALUE)).isZero();
        assertThat(bandwidth.reserve(Integer.MAX_VALUE)).isZero();
    }

    @Test
    void anotherLimitHelpsThoseWhoWait() {
        Bandwidth bandwidth = new Bandwidth(1000, () -> now);
        bandwidth.reserve(11_000);
        bandwidth.limit(10_000);
        assertThat(bandwidth.debtNanos()).isEqualTo(Duration.ofSeconds(1).toNanos());
        bandwidth.limit(0);
        assertThat(bandwidth.debtNanos()).isZero();
    }

    @Test
    void neverLetsMoreThroughThanRateTimesTimeAndOneBucket() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Bandwidth bandwidth = new Bandwidth(5000, () -> now);
        long taken = 0;
        while (now < Duration.ofMinutes(10).toNanos()) {
            int bytes = random.nextInt(1, 20_000);
            now += bandwidth.reserve(bytes);
            taken += bytes;
            assertThat(taken).as("seed %s", seed).isLessThanOrEqualTo((long) (now / 1e9 * 5000) + 5000 + 1);
            now += random.nextInt(1_000_000_000);
        }
    }
}
