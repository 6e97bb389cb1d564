package dev.muster.slo;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * M9: messages that were processed within five seconds of their receipt, of those that were measured: of each consumer of the journal one
 * in each millisecond. Counted in memory and added to their buckets, at the latest a minute later; a kill loses what was not added.
 */
@Component
public class QueueSamples implements SliSource {
    static final long IN_TIME_MILLIS = 5_000;
    static final Sli SLI = new Sli(
            "queue",
            "Messages that were durable in a consumer's store within five seconds of their receipt",
            "messages",
            0.999,
            false,
            true);

    private Map<Instant, Map<String, long[]>> counted = new HashMap<>();

    /** @param millis from its receipt until it was durable */
    public synchronized void processed(String asset, long receivedAt, long millis) {
        counted.computeIfAbsent(Buckets.floor(Instant.ofEpochMilli(receivedAt)), _ -> new HashMap<>())
                .computeIfAbsent(asset, _ -> new long[2])[millis <= IN_TIME_MILLIS ? 0 : 1]++;
    }

    /** What was counted since; to be {@linkplain #putBack put back} when it cannot be stored. */
    synchronized Map<Instant, Map<String, long[]>> take() {
        Map<Instant, Map<String, long[]>> taken = counted;
        counted = new HashMap<>();
        return taken;
    }

    synchronized void putBack(Map<Instant, Map<String, long[]>> taken) {
        taken.forEach((at, byAsset) -> byAsset.forEach((asset, counts) -> {
            long[] now = counted.computeIfAbsent(at, _ -> new HashMap<>()).computeIfAbsent(asset, _ -> new long[2]);
            now[0] += counts[0];
            now[1] += counts[1];
        }));
    }

    static Map<String, Tally> tallies(Map<String, long[]> byAsset) {
        Map<String, Tally> tallies = new HashMap<>();
        byAsset.forEach((asset, counts) -> tallies.put(asset, new Tally(counts[0], counts[1], 0, 0)));
        return tallies;
    }

    @Override
    public Sli sli() {
        return SLI;
    }

    @Override
    public Mode mode() {
        return Mode.ADDED;
    }

    @Override
    public Optional<Instant> completeUntil(Instant now) {
        return Optional.of(now);
    }

    @Override
    public Map<String, Tally> count(Instant from, Instant to, Map<String, Instant> assets, @Nullable String asset) {
        return Map.of();
    }
}
