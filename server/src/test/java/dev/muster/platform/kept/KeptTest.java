package dev.muster.platform.kept;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class KeptTest {
    private final MeterRegistry meters = new SimpleMeterRegistry();
    private final Kept<String, Integer> kept = new Kept<>("counts", Duration.ofMinutes(10), meters);

    @Test
    void aQuestionIsWorkedOutOnceWhileItsAnswerIsFresh() {
        AtomicInteger worked = new AtomicInteger();
        assertThat(kept.get("eu", worked::incrementAndGet)).isEqualTo(1);
        assertThat(kept.get("eu", worked::incrementAndGet)).isEqualTo(1);
        assertThat(kept.get("us", worked::incrementAndGet)).isEqualTo(2);
        assertThat(meters.get("muster.dashboard.answers")
                        .tag("answer", "counts")
                        .timer()
                        .count())
                .isEqualTo(2);
    }

    @Test
    void whatTakesLongIsKept500TimesAsLongAndNotForEver() {
        Kept<String, Integer> short_ = new Kept<>("counts", Duration.ofSeconds(2), meters);
        assertThat(short_.keptFor(Duration.ofMillis(3).toNanos()))
                .isEqualTo(Duration.ofSeconds(2).toNanos());
        assertThat(short_.keptFor(Duration.ofMillis(60).toNanos()))
                .isEqualTo(Duration.ofSeconds(30).toNanos());
        assertThat(short_.keptFor(Duration.ofSeconds(9).toNanos()))
                .isEqualTo(Duration.ofMinutes(5).toNanos());
    }

    @Test
    void oneThatWaitedForSomethingElseIsNotKeptForLong() {
        Kept<String, Integer> quick = new Kept<>("counts", Duration.ZERO, meters);
        AtomicInteger worked = new AtomicInteger();
        quick.get("eu", () -> {
            busy(Duration.ofMillis(20));
            return worked.incrementAndGet();
        });
        assertThat(quick.get("eu", worked::incrementAndGet))
                .as("the first time says nothing yet")
                .isEqualTo(2);
    }

    @Test
    void oneAboutLittleIsNotKeptForLongHoweverLongItTook() {
        AtomicLong now = new AtomicLong();
        Kept<String, Integer> counts =
                new Kept<>(Duration.ofSeconds(2), assets -> assets < 1_000, meters.timer("worked"), now::get);
        assertThat(fiveSecondsAfter(counts, now, 5)).as("a small one").isEqualTo(-1);
        assertThat(fiveSecondsAfter(counts, now, 5_000)).as("a large one").isEqualTo(5_000);
    }

    /** What is given five seconds after an answer that took a tenth of a second, as the one before. */
    private static int fiveSecondsAfter(Kept<String, Integer> counts, AtomicLong now, int answer) {
        for (int times = 0; times < 2; times++) {
            now.addAndGet(Duration.ofHours(1).toNanos());
            counts.get("eu", () -> {
                now.addAndGet(Duration.ofMillis(100).toNanos());
                return answer;
            });
        }
        now.addAndGet(Duration.ofSeconds(5).toNanos());
        return counts.get("eu", () -> -1);
    }

    @Test
    void oneThatIsNotFreshAnyMoreIsGivenWhileTheNextOneIsWorkedOut() throws InterruptedException {
        AtomicLong now = new AtomicLong();
        Kept<String, Integer> brief = new Kept<>(Duration.ofSeconds(10), _ -> false, meters.timer("worked"), now::get);
        AtomicInteger worked = new AtomicInteger();
        CountDownLatch goOn = new CountDownLatch(1);
        Supplier<Integer> waits = () -> {
            await(goOn);
            return worked.incrementAndGet();
        };
        brief.get("eu", worked::incrementAndGet);
        now.set(Duration.ofSeconds(15).toNanos());
        assertThat(brief.get("eu", waits)).isEqualTo(1);
        assertThat(brief.get("eu", waits)).as("one works it out, not each").isEqualTo(1);
        goOn.countDown();
        assertThat(eventually(2, () -> brief.get("eu", worked::incrementAndGet)))
                .isEqualTo(2);
        assertThat(worked).hasValue(2);
    }

    @Test
    void oneThatIsOldIsNotGivenAnyMore() {
        AtomicLong now = new AtomicLong();
        Kept<String, Integer> brief = new Kept<>(Duration.ofSeconds(10), _ -> false, meters.timer("worked"), now::get);
        brief.get("eu", () -> 1);
        now.set(Duration.ofSeconds(21).toNanos());
        assertThat(brief.get("eu", () -> 2)).isEqualTo(2);
    }

    @Test
    void whatFailedWithNobodyWaitingIsTriedAgainByWhoAsksNext() throws InterruptedException {
        AtomicLong now = new AtomicLong();
        Kept<String, Integer> brief = new Kept<>(Duration.ofSeconds(10), _ -> false, meters.timer("worked"), now::get);
        brief.get("eu", () -> 1);
        now.set(Duration.ofSeconds(15).toNanos());
        brief.get("eu", () -> {
            throw new IllegalStateException("away");
        });
        assertThat(eventually(2, () -> brief.get("eu", () -> 2))).isEqualTo(2);
    }

    /** What it comes to, asked for until it is that. */
    private static int eventually(int wanted, Supplier<Integer> asked) throws InterruptedException {
        int found = asked.get();
        for (int times = 0; found != wanted && times < 10_000; times++) {
            Thread.sleep(1);
            found = asked.get();
        }
        return found;
    }

    private static void await(CountDownLatch latch) {
        try {
            if (!latch.await(10, TimeUnit.SECONDS)) {
                throw new IllegalStateException("nobody went on");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
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
