package dev.muster.alert.notify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.alert.notify.Notification.Attempt;
import dev.muster.alert.notify.Notification.State;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class OutboxTest {
    private static final Instant START = Instant.parse("2026-11-26T08:00:00Z");

    private static Notification fresh(String id) {
        return new Notification(
                id,
                "team",
                "ann",
                new Channel.Email(List.of("ann@example.org")),
                new Content("team", "new", "firing", "k", new TreeMap<>(), List.of(), 0, START),
                List.of("0000000000000001"),
                State.WAITING,
                0,
                START,
                START,
                null,
                "");
    }

    /** What is durable, and a process that dies before or after any write or send. */
    private static final class Life {
        final List<String> heard = new ArrayList<>();
        Notification stored = fresh("n-1");
        int steps;
        int dieAt;

        private void step() {
            if (++steps == dieAt) {
                throw new IllegalStateException("killed at step " + steps);
            }
        }

        void attempt(Instant now, Attempt answer) {
            step();
            Notification begun = stored.begun(now);
            stored = begun; // first write
            step();
            heard.add(begun.id());
            step();
            stored = begun.after(answer, now); // second write
            step();
        }
    }

    @Test
    void killedBetweenAnyTwoWritesItIsToldAndAlwaysUnderTheSameName() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        for (int dieAt = 1; dieAt <= 40; dieAt++) {
            Life life = new Life();
            life.dieAt = dieAt;
            Instant now = START;
            int tries = 0;
            while (life.stored.state() == State.WAITING && tries++ < 40) {
                if (!life.stored.due().isAfter(now)) {
                    Attempt answer =
                            random.nextInt(3) == 0 ? new Attempt.Failed("away", true) : new Attempt.Delivered();
                    try {
                        life.attempt(now, answer);
                    } catch (IllegalStateException killed) {
                        life.dieAt = 0;
                    }
                }
                now = now.plus(Duration.ofMinutes(40));
            }
            assertThat(life.stored.state())
                    .as("seed %s, killed at %s", seed, dieAt)
                    .isEqualTo(State.DELIVERED);
            assertThat(life.heard).as("seed %s", seed).isNotEmpty().containsOnly("n-1");
        }
    }

    @Test
    void isGivenUpAfterTwelveAttemptsThatComeLaterAndLater() {
        Notification notification = fresh("n-2");
        Instant now = START;
        Duration before = Duration.ZERO;
        while (notification.state() == State.WAITING) {
            Notification begun = notification.begun(now);
            Duration wait = Duration.between(now, begun.due());
            assertThat(wait).isGreaterThanOrEqualTo(before).isLessThanOrEqualTo(Duration.ofMinutes(36));
            before = wait;
            notification = begun.after(new Attempt.Failed("answered 503", true), now);
            now = begun.due();
        }
        assertThat(notification.attempts()).isEqualTo(Notification.ATTEMPTS);
        assertThat(notification.state()).isEqualTo(State.FAILED);
        assertThat(fresh("n-3")
                        .begun(START)
                        .after(new Attempt.Failed("answered 400", false), START)
                        .state())
                .isEqualTo(State.FAILED);
    }
}
