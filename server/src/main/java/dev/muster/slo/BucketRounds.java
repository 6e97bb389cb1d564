package dev.muster.slo;

import dev.muster.platform.lease.Lease;
import dev.muster.platform.lease.Leases;
import dev.muster.slo.BucketStore.Late;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Writes the buckets of all indicators: each in one transaction with how far the indicator is, so that a kill at any moment leaves it
 * written or to be written. One that is written again is replaced.
 */
@Component
class BucketRounds {
    /** Buckets of one indicator in one round; more of them wait for the next. */
    static final int AT_ONCE = 24;
    /** A server that was down for longer does not go through all that it missed. */
    static final Duration MOST_MISSED = Duration.ofDays(2);
    /** A look at how things stand that comes later than this is none of the bucket. */
    static final Duration SAMPLE_WITHIN = Duration.ofMinutes(2);
    /** Until what was stored can be read for sure. */
    static final Duration READABLE = Duration.ofSeconds(10);
    /** How long it is waited for what may settle. */
    private static final Duration SETTLING = Duration.ofDays(8);

    private static final Tally MISSED = new Tally(0, 0, 0, 1);

    private final BucketStore store;
    private final PlaceStore places;
    private final SliSources sources;
    private final QueueSamples queue;
    private final Leases leases;
    private final TransactionTemplate transaction;

    /** Of the worker's thread: what was true of all assets before their places were written last. */
    private String placedAt = "";

    /** Of the worker's thread, by SLI. */
    private final Map<String, Settling> settling = new HashMap<>();

    BucketRounds(
            BucketStore store,
            PlaceStore places,
            SliSources sources,
            QueueSamples queue,
            Leases leases,
            PlatformTransactionManager transactions) {
        this.store = store;
        this.places = places;
        this.sources = sources;
        this.queue = queue;
        this.leases = leases;
        this.transaction = new TransactionTemplate(transactions);
    }

    /** @return whether there is more to do at once */
    boolean round(Lease lease, Instant now) {
        refreshPlaces(lease, now);
        addQueued(lease);
        boolean more = false;
        for (SliSource source : sources.all()) {
            leases.keep(lease); // a bucket of a large fleet takes seconds, and there is one of each
            more |= forward(lease, source, now);
            if (source.settlesLater()) {
                settle(lease, source, now);
            }
        }
        correctLate(lease, now);
        return more;
    }

    /** Both tables are gone through for it: only when an asset has changed since. */
    private void refreshPlaces(Lease lease, Instant now) {
        String state = places.stateOfAssets();
        if (!state.equals(placedAt)) {
            write(lease, () -> places.refresh(now));
            placedAt = state;
        }
    }

    private void addQueued(Lease lease) {
        Map<Instant, Map<String, long[]>> taken = queue.take();
        try {
            write(
                    lease,
                    () -> taken.forEach((at, byAsset) -> {
                        BucketWriter bucket = store.writer(QueueSamples.SLI.name(), at, true, () -> leases.keep(lease));
                        byAsset.forEach((asset, counts) -> bucket.add(asset, new Tally(counts[0], counts[1], 0, 0)));
                        bucket.finish();
                    }));
        } catch (RuntimeException failed) {
            queue.putBack(taken);
            throw failed;
        }
    }

    private boolean forward(Lease lease, SliSource source, Instant now) {
        String sli = source.sli().name();
        Instant first = store.next(sli).orElse(null);
        if (first == null) {
            Instant begin = Buckets.floor(now);
            write(lease, () -> store.advance(sli, begin));
            return false;
        }
        Instant end = source.completeUntil(now).orElse(Instant.MIN);
        Instant next = first.isBefore(now.minus(MOST_MISSED)) ? Buckets.floor(now.minus(MOST_MISSED)) : first;
        int written = 0;
        for (; !next.plus(Buckets.SIZE).isAfter(end); next = next.plus(Buckets.SIZE)) {
            if (written++ == AT_ONCE) {
                return true;
            }
            Instant at = next;
            if (source.mode() == SliSource.Mode.ADDED) {
                write(lease, () -> store.advance(sli, at.plus(Buckets.SIZE)));
                continue;
            }
            write(lease, () -> {
                count(lease, source, at, now);
                store.advance(sli, at.plus(Buckets.SIZE));
            });
        }
        return false;
    }

    /** Writes the bucket of those in service at its end; each page prolongs the lease, in the transaction that holds it. */
    private void count(Lease lease, SliSource source, Instant at, Instant now) {
        Instant end = at.plus(Buckets.SIZE);
        InService fleet = places.at(end.minusMillis(1));
        BucketWriter bucket = store.writer(source.sli().name(), at, false, () -> leases.keep(lease));
        boolean sampled = source.mode() == SliSource.Mode.SAMPLED;
        if (sampled && Duration.between(end, now).compareTo(SAMPLE_WITHIN) > 0) {
            fleet.forEachPage(page -> page.keySet().forEach(asset -> bucket.add(asset, MISSED)));
        } else {
            source.count(at, sampled ? now : end, fleet, bucket);
        }
        bucket.finish();
        leases.keep(lease);
    }

    private void settle(Lease lease, SliSource source, Instant now) {
        String sli = source.sli().name();
        List<Instant> unsettled = store.unsettled(sli, now.minus(SETTLING));
        settling.computeIfAbsent(sli, _ -> new Settling())
                .due(unsettled, now, AT_ONCE)
                .forEach(at -> recount(lease, source, at, now));
    }

    private void correctLate(Lease lease, Instant now) {
        List<Late> marks = store.late(now.minus(READABLE), AT_ONCE * 10);
        Map<Instant, Set<String>> recounted = new HashMap<>();
        for (Late late : marks) {
            leases.keep(lease);
            Instant end = late.at().plus(Buckets.SIZE);
            boolean open = false;
            for (SliSource source : sources.all()) {
                if (!source.followsLateRows(late.type())) {
                    continue;
                }
                String sli = source.sli().name();
                boolean written =
                        store.next(sli).map(next -> !next.isBefore(end)).orElse(false);
                open |= !written;
                if (written
                        && recounted
                                .computeIfAbsent(late.at(), _ -> new HashSet<>())
                                .add(sli)) {
                    recount(lease, source, late.at(), now);
                }
            }
            if (!open || late.at().isBefore(now.minus(MOST_MISSED))) {
                write(lease, () -> store.done(late));
            }
        }
    }

    private void recount(Lease lease, SliSource source, Instant at, Instant now) {
        // Its hour would be written without the buckets that are gone.
        if (at.isAfter(now.minus(BucketStore.KEPT).plus(Buckets.HOUR.multipliedBy(2)))) {
            write(lease, () -> count(lease, source, at, now));
        }
    }

    /** @return whether there is more to forget */
    boolean forget(Lease lease, Instant now) {
        AtomicBoolean more = new AtomicBoolean();
        write(lease, () -> more.set(store.forget(now)));
        return more.get();
    }

    private void write(Lease lease, Runnable work) {
        transaction.executeWithoutResult(_ -> {
            leases.requireHeld(lease);
            work.run();
        });
    }
}
