package dev.muster.slo;

import dev.muster.telemetry.store.Row;
import java.time.Clock;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.springframework.stereotype.Component;

/**
 * Notes the buckets for which telemetry and events came after their time, before whoever stored them goes on: a kill in between brings
 * them again.
 */
@Component
public class LateRows {
    private final BucketStore store;
    private final Clock clock;

    LateRows(BucketStore store, Clock clock) {
        this.store = store;
        this.clock = clock;
    }

    /** @param rows that are stored */
    public void stored(Collection<? extends Row> rows) {
        Instant now = clock.instant();
        Map<Instant, Set<String>> late = new HashMap<>();
        for (Row row : rows) {
            Instant bucket = Buckets.floor(Instant.ofEpochMilli(row.ts()));
            boolean counts = row instanceof Row.Sample || row instanceof Row.Happening;
            if (counts
                    && bucket.plus(Buckets.SIZE).plus(ErrorSource.IN_TIME).isBefore(now.plusSeconds(30))
                    && bucket.isAfter(now.minus(BucketStore.KEPT))) {
                late.computeIfAbsent(bucket, _ -> new HashSet<>()).add(row.assetType());
            }
        }
        if (!late.isEmpty()) {
            store.markLate(late, now);
        }
    }
}
