package dev.muster.rollout.engine;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * When a rollout is to be over; nobody is ordered after it.
 *
 * @param at by the clock; null when it goes by {@code after}
 * @param after since the start, in the rollout's own time; null when it goes by {@code at}
 */
public record Deadline(@Nullable Instant at, @Nullable Duration after, Then then) {
    /** What happens to a rollout that is not over by then. */
    public enum Then {
        /** A person decides; resumed, it has no deadline any more. */
        PAUSE,
        /** It ends where it stands: who has not begun is skipped, what is under way is watched to its end. */
        ABORT
    }

    boolean isOver(Moment now) {
        return (at != null && !now.wall().isBefore(at)) || (after != null && now.elapsed() >= after.toMillis());
    }

    String text() {
        return at == null
                ? "the deadline has passed, " + after + " after the start"
                : "the deadline " + at + " has passed";
    }
}
