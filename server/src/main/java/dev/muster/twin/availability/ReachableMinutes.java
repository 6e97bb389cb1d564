package dev.muster.twin.availability;

import dev.muster.protocol.AssetId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** How many minutes assets were reachable within a span; for those who sum them up. */
@Component
public class ReachableMinutes {
    private static final int CHUNK = 1_000;

    private final AvailabilityStore store;

    public ReachableMinutes(AvailabilityStore store) {
        this.store = store;
    }

    /** Each minute is one of them; see {@link AvailabilityResource.TallyView}. */
    public record Count(long reachable, long stale, long unreachable, long unknown) {}

    /** Minutes that end at this moment or before are told. */
    public Optional<Instant> known() {
        return store.checkpoint()
                .map(checkpoint -> checkpoint.progress().known())
                .filter(known -> known > 0)
                .map(known -> Instant.ofEpochMilli(Minutes.millis(Minutes.of(known))));
    }

    /**
     * Of whole minutes.
     *
     * @param since from when on minutes of each asset count
     */
    public Map<AssetId, Count> of(Map<AssetId, Instant> since, Instant from, Instant to) {
        long begin = Minutes.of(from.toEpochMilli());
        long end = Minutes.of(to.toEpochMilli());
        int first = Math.toIntExact(Math.floorDiv(begin, Minutes.PER_DAY));
        int last = Math.toIntExact(Math.floorDiv(Math.max(begin, end - 1), Minutes.PER_DAY));
        Map<Integer, byte[]> watched = store.watched(first, last);
        List<AssetId> assets = List.copyOf(since.keySet());
        var unwritten = assets.size() <= CHUNK ? store.unwritten(assets) : store.unwritten();
        Map<AssetId, Count> counts = new HashMap<>();
        for (int i = 0; i < assets.size(); i += CHUNK) {
            List<AssetId> chunk = new ArrayList<>(assets.subList(i, Math.min(i + CHUNK, assets.size())));
            var days = store.days(chunk, first, last, unwritten);
            for (AssetId asset : chunk) {
                long born = Minutes.from(since.getOrDefault(asset, from).toEpochMilli());
                Tally total = new Timeline(first, last, days.getOrDefault(asset, Map.of()), watched, Duration.ZERO)
                        .byDay(Math.max(begin, born), end).values().stream().reduce(Tally.NONE, Tally::plus);
                if (total.minutes() > 0) {
                    counts.put(
                            asset, new Count(total.reachable(), total.stale(), total.unreachable(), total.unknown()));
                }
            }
        }
        return counts;
    }
}
