package dev.muster.slo;

import dev.muster.slo.engine.BurnAlert;
import dev.muster.slo.engine.TimeWindow;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An objective.
 *
 * @param sli by name; that of an indicator within the document is {@code slo:NAME}
 * @param definition of the indicator within the document; null when it refers to one
 * @param slices null for occurrences
 * @param minEvents below so many in a window a number of bad decides and not a share
 */
record Slo(
        String name,
        String displayName,
        String service,
        String sli,
        @Nullable SliDefinition definition,
        SliScope scope,
        double target,
        TimeWindow window,
        @Nullable Slices slices,
        List<BurnAlert> alerts,
        double minEvents,
        double minBad) {

    /** A slice of time is good when its share of good reaches the target. */
    record Slices(Duration size, double target) {}
}
