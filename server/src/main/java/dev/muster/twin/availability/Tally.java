package dev.muster.twin.availability;

import org.jspecify.annotations.Nullable;

/**
 * Minutes counted: each of {@code minutes} is reachable, stale, unknown or unreachable by receive time, and apart from that
 * running or not by event time.
 */
record Tally(long minutes, long reachable, long stale, long unknown, long unreachable, long running) {
    static final Tally NONE = new Tally(0, 0, 0, 0, 0, 0);

    Tally plus(Tally other) {
        return new Tally(
                minutes + other.minutes,
                reachable + other.reachable,
                stale + other.stale,
                unknown + other.unknown,
                unreachable + other.unreachable,
                running + other.running);
    }

    /** Reachable of the minutes of which anything is known; null when there is none. */
    @Nullable Double uptime() {
        return minutes == unknown ? null : (double) reachable / (minutes - unknown);
    }
}
