package dev.muster.slo;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
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

    /** Assets of all buckets together that are counted at once; beyond it one that is not among them is not measured. */
    static final int MOST = 200_000;

    private final int most;
    private Map<Instant, Map<String, long[]>> counted = new HashMap<>();
    private int assets;

    QueueSamples() {
        this(MOST);
    }

    QueueSamples(int most) {
        this.most = most;
    }

    /** @param millis from its receipt until it was durable */
    public synchronized void processed(String asset, long receivedAt, long millis) {
        add(
                Buckets.floor(Instant.ofEpochMilli(receivedAt)),
                asset,
                millis <= IN_TIME_MILLIS ? 1 : 0,
                millis <= IN_TIME_MILLIS ? 0 : 1);
    }

    private void add(Instant at, String asset, long inTime, long late) {
        Map<String, long[]> bucket = counted.computeIfAbsent(at, _ -> new HashMap<>());
        long[] counts = bucket.get(asset);
        if (counts == null) {
            if (assets == most) {
                return;
            }
            assets++;
            counts = new long[2];
            bucket.put(asset, counts);
        }
        counts[0] += inTime;
        counts[1] += late;
    }

    /** What was counted since; to be {@linkplain #putBack put back} when it cannot be stored. */
    synchronized Map<Instant, Map<String, long[]>> take() {
        Map<Instant, Map<String, long[]>> taken = counted;
        counted = new HashMap<>();
        assets = 0;
        return taken;
    }

    synchronized void putBack(Map<Instant, Map<String, long[]>> taken) {
        taken.forEach((at, byAsset) -> byAsset.forEach((asset, counts) -> add(at, asset, counts[0], counts[1])));
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
    public void count(Instant from, Instant until, InService fleet, TallySink to) {
        // it is counted as it happens
    }
}
