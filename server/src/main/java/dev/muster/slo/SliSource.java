package dev.muster.slo;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** What one indicator is counted from; the package that knows it brings one as a bean. Asked by one thread at a time. */
public interface SliSource {
    Sli sli();

    /** How the buckets come about. */
    enum Mode {
        /** Worked out from what is stored, at any time again, with the same outcome unless more is stored by then. */
        RECOUNTED,
        /** How things stand at the end of the bucket; one that was missed is unknown. */
        SAMPLED,
        /** Counted as it happens; what is given is added to the bucket. */
        ADDED
    }

    default Mode mode() {
        return Mode.RECOUNTED;
    }

    /** Buckets that end at this moment or before can be counted; empty for none yet. */
    Optional<Instant> completeUntil(Instant now);

    /**
     * Tells what each asset contributed. Keeps no more of a fleet in memory than some pages of it.
     *
     * @param fleet those in service at the end of the span
     * @param until end of the span; of a look its moment
     * @param to takes what they contributed; belongs to the transaction of the caller, and so to its thread
     */
    void count(Instant from, Instant until, InService fleet, TallySink to);

    /** Whether a bucket with something unknown may become known by itself. */
    default boolean settlesLater() {
        return false;
    }

    /** Whether telemetry or events that come after their time change what was counted. */
    default boolean followsLateRows(String assetType) {
        return false;
    }

    /** How far back the count of a single asset may go at once. */
    default Duration longestForOne() {
        return Duration.ofDays(31);
    }
}
