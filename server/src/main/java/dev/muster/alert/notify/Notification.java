package dev.muster.alert.notify;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One thing to be told over one channel.
 *
 * @param id the same at every attempt
 * @param recipient the person or the address, as people know it
 * @param due when it is tried next
 */
record Notification(
        String id,
        String receiver,
        String recipient,
        Channel channel,
        Content content,
        List<String> fingerprints,
        State state,
        int attempts,
        Instant due,
        Instant created,
        @Nullable Instant finished,
        String error) {
    static final int ATTEMPTS = 12;
    private static final Duration FIRST_WAIT = Duration.ofSeconds(5);
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(30);

    enum State {
        WAITING,
        DELIVERED,
        FAILED;

        String wire() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    /** What came of an attempt. */
    sealed interface Attempt {
        record Delivered() implements Attempt {}

        /** @param again whether it may go well later */
        record Failed(String why, boolean again) implements Attempt {}
    }

    /** Before it is sent: whoever finds it after a kill tries it again when this much time has passed. */
    Notification begun(Instant now) {
        return new Notification(
                id,
                receiver,
                recipient,
                channel,
                content,
                fingerprints,
                State.WAITING,
                attempts + 1,
                now.plus(wait(attempts + 1)),
                created,
                null,
                error);
    }

    Notification after(Attempt attempt, Instant now) {
        return switch (attempt) {
            case Attempt.Delivered _ -> finished(State.DELIVERED, now, "");
            case Attempt.Failed(String why, boolean again) ->
                again && attempts < ATTEMPTS
                        ? new Notification(
                                id,
                                receiver,
                                recipient,
                                channel,
                                content,
                                fingerprints,
                                State.WAITING,
                                attempts,
                                due,
                                created,
                                null,
                                why)
                        : finished(State.FAILED, now, why);
        };
    }

    private Notification finished(State end, Instant now, String why) {
        return new Notification(
                id, receiver, recipient, channel, content, fingerprints, end, attempts, due, created, now, why);
    }

    /** 5 s, 10 s, 20 s, … at most half an hour; with a share that differs from one to the next, so that not all come at once. */
    private Duration wait(int attempt) {
        long millis = Math.min(LONGEST_WAIT.toMillis(), FIRST_WAIT.toMillis() << Math.min(attempt - 1, 16));
        return Duration.ofMillis(millis + millis * Math.floorMod(id.hashCode(), 20) / 100);
    }
}
