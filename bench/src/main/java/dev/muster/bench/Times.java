package dev.muster.bench;

import java.time.Duration;

/**
 * The event times of one asset's readings, none of them twice, for they are keys.
 *
 * <p>Most readings are of now; a share of them is late by one hour to three days, spread over that time. A backlog is of a
 * week ago and goes on by a second from reading to reading.
 */
final class Times {
    private static final long HOUR = Duration.ofHours(1).toMillis();
    private static final long LATE_SPAN = Duration.ofDays(3).toMillis() - HOUR;
    private static final long LATE_STEP =
            7_368_787; // a prime, so that the steps meet every millisecond of the span once
    private static final long BACKLOG_MILLIS = Duration.ofDays(7).toMillis();
    private static final long BACKLOG_STEP = 1_000;
    private static final int PER_MILLE = 1_000;

    private final int latePerMille;
    private final long begun = System.currentTimeMillis();
    private long last;
    private int count;
    private long late;
    private long backlog;

    Times(int latePerMille, int seed) {
        this.latePerMille = latePerMille;
        this.count = seed;
        this.late = seed;
    }

    long next() {
        count = (count + 1) % PER_MILLE;
        // 337 has no divisor in common with 1000: the late ones are spread evenly among the others.
        if (count * 337 % PER_MILLE < latePerMille) {
            return begun - HOUR - ++late * LATE_STEP % LATE_SPAN;
        }
        last = Math.max(last + 1, System.currentTimeMillis());
        return last;
    }

    long nextOfBacklog() {
        return begun - BACKLOG_MILLIS + backlog++ * BACKLOG_STEP;
    }
}
