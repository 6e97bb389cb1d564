package dev.muster.twin.availability;

import dev.muster.protocol.AssetId;
import dev.muster.twin.bucket.Bucket;
import dev.muster.twin.bucket.Packer;
import dev.muster.twin.bucket.Unpacker;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/** How many minutes assets were reachable within a span; for those who sum them up. */
@Component
public class ReachableMinutes {
    /** Assets whose days are read at once. */
    private static final int CHUNK = 1_000;
    /** Assets that are packed at once, some 25 bytes each. */
    private static final int MOST_PACKED = 1_000_000;

    private final AvailabilityStore store;
    private final int mostPacked;

    @Autowired
    public ReachableMinutes(AvailabilityStore store) {
        this(store, MOST_PACKED);
    }

    ReachableMinutes(AvailabilityStore store, int mostPacked) {
        this.store = store;
        this.mostPacked = mostPacked;
    }

    /** Each minute is one of them; see {@link AvailabilityResource.TallyView}. */
    public record Count(long reachable, long stale, long unreachable, long unknown) {}

    /** Pages of assets, with from when on their minutes count; the same each time it is asked. */
    @FunctionalInterface
    public interface Assets {
        void forEachPage(Consumer<Map<String, Instant>> each);
    }

    /** Minutes that end at this moment or before are told. */
    public Optional<Instant> known() {
        return store.checkpoint()
                .map(checkpoint -> checkpoint.progress().known())
                .filter(known -> known > 0)
                .map(known -> Instant.ofEpochMilli(Minutes.millis(Minutes.of(known))));
    }

    /**
     * Of whole minutes. What assets gained since their days were written is stored by bucket, so they are sorted into theirs first: packed,
     * and of a fleet that is too large for it some buckets at a time.
     *
     * @param count how many assets there are
     */
    public void of(Assets assets, int count, Instant from, Instant to, BiConsumer<AssetId, Count> each) {
        Span span = new Span(from, to);
        int parts = Math.clamp(Math.ceilDiv((long) count, mostPacked), 1, Bucket.COUNT);
        int width = Math.ceilDiv(Bucket.COUNT, parts);
        for (int first = 0; first < Bucket.COUNT; first += width) {
            List<Packer> packed = packed(assets, first, Math.min(first + width, Bucket.COUNT));
            Map<AssetId, Long> some = new LinkedHashMap<>();
            for (Packer bucket : packed) {
                Unpacker unpacker = new Unpacker(bucket.packed());
                while (unpacker.hasMore()) {
                    some.put(unpacker.asset(), unpacker.number());
                }
                if (some.size() >= CHUNK) {
                    span.tell(some, each);
                    some.clear();
                }
            }
            span.tell(some, each);
        }
    }

    /** Ids and since when in milliseconds, by bucket. */
    private static List<Packer> packed(Assets assets, int first, int end) {
        List<Packer> packed = new ArrayList<>();
        for (int bucket = first; bucket < end; bucket++) {
            packed.add(new Packer());
        }
        assets.forEachPage(page -> page.forEach((id, since) -> {
            AssetId asset = new AssetId(id);
            int bucket = Bucket.of(asset);
            if (bucket >= first && bucket < end) {
                packed.get(bucket - first).put(asset).put(since.toEpochMilli());
            }
        }));
        return packed;
    }

    /** What is asked for. */
    private final class Span {
        private final long begin;
        private final long end;
        private final int first;
        private final int last;
        private final Map<Integer, byte[]> watched;

        Span(Instant from, Instant to) {
            begin = Minutes.of(from.toEpochMilli());
            end = Minutes.of(to.toEpochMilli());
            first = Math.toIntExact(Math.floorDiv(begin, Minutes.PER_DAY));
            last = Math.toIntExact(Math.floorDiv(Math.max(begin, end - 1), Minutes.PER_DAY));
            watched = store.watched(first, last);
        }

        /** @param since of all assets of some buckets, in milliseconds */
        void tell(Map<AssetId, Long> since, BiConsumer<AssetId, Count> each) {
            List<AssetId> assets = List.copyOf(since.keySet());
            if (assets.isEmpty()) {
                return;
            }
            var unwritten = store.unwritten(assets);
            for (int i = 0; i < assets.size(); i += CHUNK) {
                List<AssetId> chunk = assets.subList(i, Math.min(i + CHUNK, assets.size()));
                var days = store.days(chunk, first, last, unwritten);
                for (AssetId asset : chunk) {
                    long born = Minutes.from(Objects.requireNonNull(since.get(asset)));
                    Tally total = new Timeline(first, last, days.getOrDefault(asset, Map.of()), watched, Duration.ZERO)
                            .byDay(Math.max(begin, born), end).values().stream().reduce(Tally.NONE, Tally::plus);
                    if (total.minutes() > 0) {
                        each.accept(
                                asset,
                                new Count(total.reachable(), total.stale(), total.unreachable(), total.unknown()));
                    }
                }
            }
        }
    }
}
