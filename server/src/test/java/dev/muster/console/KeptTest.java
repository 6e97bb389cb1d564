package dev.muster.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class KeptTest {
    private final Kept<String, Integer> kept = new Kept<>(Duration.ofMinutes(10));

    @Test
    void aQuestionIsWorkedOutOnceWhileItsAnswerIsFresh() {
        AtomicInteger worked = new AtomicInteger();
        assertThat(kept.get("eu", worked::incrementAndGet)).isEqualTo(1);
        assertThat(kept.get("eu", worked::incrementAndGet)).isEqualTo(1);
        assertThat(kept.get("us", worked::incrementAndGet)).isEqualTo(2);
    }

    @Test
    void whatTakesLongIsKeptAHundredTimesAsLongAndNotForEver() {
        Kept<String, Integer> short_ = new Kept<>(Duration.ofSeconds(2));
        assertThat(short_.keptFor(Duration.ofMillis(3).toNanos()))
                .isEqualTo(Duration.ofSeconds(2).toNanos());
        assertThat(short_.keptFor(Duration.ofMillis(60).toNanos()))
                .isEqualTo(Duration.ofSeconds(6).toNanos());
        assertThat(short_.keptFor(Duration.ofSeconds(9).toNanos()))
                .isEqualTo(Duration.ofMinutes(2).toNanos());
    }

    @Test
    void oneThatWaitedForSomethingElseIsNotKeptForLong() {
        Kept<String, Integer> quick = new Kept<>(Duration.ZERO);
        AtomicInteger worked = new AtomicInteger();
        quick.get("eu", () -> {
            busy(Duration.ofMillis(20));
            return worked.incrementAndGet();
        });
        assertThat(quick.get("eu", worked::incrementAndGet))
                .as("the first time says nothing yet")
                .isEqualTo(2);
    }

    private static void busy(Duration time) {
        long until = System.nanoTime() + time.toNanos();
        while (System.nanoTime() < until) {
            Thread.onSpinWait();
        }
    }

    @Test
    void questionsAreNotRememberedWithoutEnd() {
        AtomicInteger worked = new AtomicInteger();
        kept.get("first", worked::incrementAndGet);
        for (int i = 0; i < 500; i++) {
            kept.get("other-" + i, () -> 0);
        }
        assertThat(kept.get("first", worked::incrementAndGet)).isEqualTo(2);
    }

    @Test
    void whatFailedIsTriedAgain() {
        try {
            kept.get("eu", () -> {
                throw new IllegalStateException("away");
            });
        } catch (IllegalStateException away) {
            assertThat(away).hasMessage("away");
        }
        assertThat(kept.get("eu", () -> 7)).isEqualTo(7);
    }
}
