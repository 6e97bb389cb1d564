package dev.muster.twin.reported;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The newest report of an asset, and what came of it.
 *
 * @param pastBoots of earlier reports, newest first
 * @param sessionAt when the newest session opened, {@code null} when that was before the first report
 * @param drift the fields that differ, JSON array; empty unless {@code compared} is the current generation
 * @param underWay components that change right now
 * @param compared the generation that was compared, {@code null} when the report was of another
 * @param since when the outcome of the comparison last changed
 * @param ignored reports that were not newer than this one
 */
record Observation(
        String asset,
        Report report,
        List<String> pastBoots,
        @Nullable Instant sessionAt,
        String drift,
        int driftCount,
        int underWay,
        @Nullable Long compared,
        Instant since,
        long ignored,
        @Nullable String ignoredReason) {

    Observation sessionOpened(Instant at) {
        boolean later = sessionAt == null || at.isAfter(sessionAt);
        return later
                ? new Observation(
                        asset,
                        report,
                        pastBoots,
                        at,
                        drift,
                        driftCount,
                        underWay,
                        compared,
                        since,
                        ignored,
                        ignoredReason)
                : this;
    }

    Observation ignoring(String reason) {
        return new Observation(
                asset, report, pastBoots, sessionAt, drift, driftCount, underWay, compared, since, ignored + 1, reason);
    }
}
