package dev.muster.slo;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** What indicators read, for gates, rules and runbooks. */
public interface SliReadings {
    boolean knows(String sli);

    /**
     * Over whole buckets of five minutes that end with the newest one that is summed up.
     *
     * @param window rounded up to whole buckets
     * @return empty when the indicator or the scope is not known, or when nothing was summed up for a quarter of an hour: no data is
     *     not good data
     */
    Optional<Reading> of(String sli, SliScope scope, Duration window, Instant now);
}
