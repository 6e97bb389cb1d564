package dev.muster.slo;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** Reads indicators: of a scope from the buckets, of one asset from what they are counted from. */
@Component
class SliReader implements SliReadings {
    /** Beyond it nothing is told: whoever sums up stands still. */
    static final Duration MOST_BEHIND = Duration.ofMinutes(15);

    private final BucketStore store;
    private final PlaceStore places;
    private final SliSources sources;

    SliReader(BucketStore store, PlaceStore places, SliSources sources) {
        this.store = store;
        this.places = places;
        this.sources = sources;
    }

    @Override
    public boolean knows(String sli) {
        return sources.find(sli).isPresent();
    }

    @Override
    public Optional<Reading> of(String sli, SliScope scope, Duration window, Instant now) {
        return sources.find(sli)
                .flatMap(source -> end(sli, now)
                        .filter(end -> Duration.between(end, now).compareTo(MOST_BEHIND) <= 0)
                        .flatMap(end -> between(source, scope, end.minus(Buckets.ceil(window)), end)));
    }

    /** The end of the newest bucket that is written, not after the moment. */
    Optional<Instant> end(String sli, Instant now) {
        Instant last = Buckets.floor(now);
        return store.next(sli).map(next -> next.isBefore(last) ? next : last);
    }

    Optional<Reading> between(SliSource source, SliScope scope, Instant from, Instant to) {
        String sli = source.sli().name();
        if (!(scope instanceof SliScope.One one)) {
            return Optional.of(Reading.of(store.sum(sli, scope, from, to), from, to));
        }
        String asset = one.asset().value();
        Instant since = places.inServiceSince(asset).orElse(null);
        if (since == null) {
            return Optional.empty();
        }
        Instant earliest = to.minus(source.longestForOne());
        Instant begin = from.isBefore(earliest) ? earliest : from;
        return switch (source.mode()) {
            case RECOUNTED -> Optional.of(Reading.of(count(source, begin, to, InService.of(asset, since)), begin, to));
            case SAMPLED -> {
                Instant kept = to.minus(BucketStore.OFFENDERS_KEPT);
                Instant counted = begin.isBefore(kept) ? kept : begin;
                Instant first = since.isAfter(counted) ? Buckets.floor(since) : counted;
                Tally wrong = store.offences(sli, asset, first, to);
                double looks = store.written(sli, first, to);
                yield Optional.of(Reading.of(
                        new Tally(
                                Math.max(0, looks - wrong.bad() - wrong.stale() - wrong.unknown()),
                                wrong.bad(),
                                wrong.stale(),
                                wrong.unknown()),
                        first,
                        to));
            }
            case ADDED -> Optional.empty();
        };
    }

    private static Tally count(SliSource source, Instant from, Instant to, InService one) {
        Tally[] sum = {Tally.NONE};
        source.count(from, to, one, (asset, tally) -> {
            if (asset.equals(one.only())) {
                sum[0] = sum[0].plus(tally);
            }
        });
        return sum[0];
    }
}
