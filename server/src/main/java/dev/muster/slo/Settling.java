package dev.muster.slo;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * When the buckets of one SLI that hold something unknown are counted again: one that is old is looked at seldom, so that a command
 * which waits for days for an asset that is away does not have its whole bucket written anew all the time. Of one thread.
 */
final class Settling {
    /** A bucket has to become older by this part. */
    private static final int PART = 20;

    private final Map<Instant, Instant> lookedAt = new HashMap<>();

    /** @return of the unsettled those whose time has come, the newest first: they change most, and are what people look at */
    List<Instant> due(Collection<Instant> unsettled, Instant now, int most) {
        lookedAt.keySet().retainAll(Set.copyOf(unsettled));
        List<Instant> due = new ArrayList<>();
        for (Instant at : unsettled) {
            Instant last = lookedAt.get(at);
            if (last == null
                    || !now.isBefore(last.plus(Duration.between(at, last).dividedBy(PART)))) {
                due.add(at);
            }
        }
        due.sort(Comparator.reverseOrder());
        List<Instant> chosen = List.copyOf(due.subList(0, Math.min(most, due.size())));
        chosen.forEach(at -> lookedAt.put(at, now));
        return chosen;
    }
}
