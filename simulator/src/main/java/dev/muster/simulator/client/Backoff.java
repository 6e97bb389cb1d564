package dev.muster.simulator.client;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Exponential back-off with full jitter: the wait before attempt n is uniform between zero and
 * {@code min(cap, base · 2^n)}, so that a fleet that lost its server together does not come back together.
 */
public final class Backoff {
    static final Duration LONGEST_ASKED = Duration.ofMinutes(10);

    private final long baseMillis;
    private final long capMillis;
    private final RandomGenerator random;
    private int failures;

    public Backoff(Duration base, Duration cap, RandomGenerator random) {
        if (base.toMillis() < 1 || cap.compareTo(base) < 0) {
            throw new IllegalArgumentException("back-off of base " + base + " and cap " + cap
                    + ": the base must be 1 ms or more, the cap no less");
        }
        this.baseMillis = base.toMillis();
        this.capMillis = cap.toMillis();
        this.random = random;
    }

    /** The wait before the next attempt; each call counts one more failure. */
    public Duration next() {
        long ceiling = ceilingMillis();
        failures++;
        return Duration.ofMillis(random.nextLong(ceiling + 1));
    }

    /**
     * What the server asks for wins, up to {@link #LONGEST_ASKED}; seconds are coarse, so there is a part of one more.
     *
     * @param asked zero when it asks for nothing
     */
    Duration next(Duration asked) {
        if (!asked.isPositive()) {
            return next();
        }
        Duration wait = asked.compareTo(LONGEST_ASKED) < 0 ? asked : LONGEST_ASKED;
        return wait.plusMillis(random.nextLong(1_000));
    }

    /** A session held: the next failure starts from the base again. */
    public void reset() {
        failures = 0;
    }

    public int failures() {
        return failures;
    }

    private long ceilingMillis() {
        if (failures >= Long.numberOfLeadingZeros(baseMillis) - 1) {
            return capMillis;
        }
        return Math.min(capMillis, baseMillis << failures);
    }
}
