package dev.muster.simulator.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BackoffTest {
    private static final long SEED = 4711;

    @Test
    void neverWaitsLongerThanTheDoublingCeilingOrTheCap() {
        for (int run = 0; run < 2_000; run++) {
            Backoff backoff =
                    new Backoff(Duration.ofMillis(500), Duration.ofSeconds(30), new SplittableRandom(SEED + run));
            for (int failure = 0; failure < 80; failure++) {
                long ceiling = failure > 10 ? 30_000 : Math.min(30_000, 500L << failure);
                assertThat(backoff.next().toMillis())
                        .as("failure %d with seed %d", failure, SEED + run)
                        .isBetween(0L, ceiling);
            }
        }
    }

    @Test
    void spreadsAFleetOverTheWholeInterval() {
        int[] tenths = new int[10];
        for (int asset = 0; asset < 10_000; asset++) {
            Backoff backoff =
                    new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(10), new SplittableRandom(SEED + asset));
            for (int failure = 0; failure < 6; failure++) {
                backoff.next();
            }
            tenths[(int) Math.min(9, backoff.next().toMillis() / 1_000)]++;
        }
        assertThat(IntStream.of(tenths)).as("seed %d", SEED).allMatch(count -> count > 800 && count < 1_200);
    }

    @Test
    void whatTheServerAsksForWinsAndIsBounded() {
        Backoff backoff = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(1), new SplittableRandom(SEED));
        assertThat(backoff.next(Duration.ofSeconds(40)).toMillis()).isBetween(40_000L, 41_000L);
        assertThat(backoff.next(Duration.ofDays(1))).isLessThan(Backoff.LONGEST_ASKED.plusSeconds(1));
        assertThat(backoff.next(Duration.ZERO)).isLessThanOrEqualTo(Duration.ofMillis(100));
    }

    @Test
    void startsFromTheBaseAgainAfterASessionHeld() {
        Backoff backoff = new Backoff(Duration.ofMillis(100), Duration.ofHours(1), new SplittableRandom(SEED));
        for (int failure = 0; failure < 20; failure++) {
            backoff.next();
        }
        backoff.reset();
        assertThat(backoff.next()).isLessThanOrEqualTo(Duration.ofMillis(100));
    }
}
