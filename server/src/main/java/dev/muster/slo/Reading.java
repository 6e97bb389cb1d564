package dev.muster.slo;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An indicator over a span of time.
 *
 * @param value good of good and bad, 0 to 1; null when there is neither, which is not success
 * @param total good and bad
 * @param stale what is known is too old, see {@link Sli#staleIsBad}
 * @param unknown never in the value
 * @param to excluded; the end of the last bucket that is summed up, some minutes behind now
 */
public record Reading(
        @Nullable Double value,
        double good,
        double bad,
        double total,
        double stale,
        double unknown,
        Instant from,
        Instant to) {
    static Reading of(Tally tally, Instant from, Instant to) {
        return new Reading(
                tally.total() > 0 ? tally.good() / tally.total() : null,
                tally.good(),
                tally.bad(),
                tally.total(),
                tally.stale(),
                tally.unknown(),
                from,
                to);
    }

    /** Bad of all; 0 when there is nothing. */
    public double errorRatio() {
        return total > 0 ? bad / total : 0;
    }
}
