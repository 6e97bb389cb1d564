package dev.muster.rollout.engine;

import java.time.Duration;

/**
 * How often a target is ordered once more by itself that did not come to run the new version.
 *
 * @param limit for each target; 0 for never
 * @param backoff before the first; each further one waits twice as long
 * @param longest that any waits
 */
public record Retries(int limit, Duration backoff, Duration longest) {
    public static final Retries NONE = new Retries(0, Duration.ofMinutes(5), Duration.ofHours(6));

    public Retries {
        if (limit < 0 || !backoff.isPositive() || longest.compareTo(backoff) < 0) {
            throw new IllegalArgumentException("a backoff is more than nothing and no longer than the longest, found "
                    + limit + ", " + backoff + ", " + longest);
        }
    }

    /** @param before how many there were already */
    Duration waits(int before) {
        Duration doubled = backoff.multipliedBy(1L << Math.min(before, 20));
        return doubled.compareTo(longest) < 0 ? doubled : longest;
    }
}
