package dev.muster.telemetry.intake;

import dev.muster.protocol.AssetId;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Instant;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * What was not stored as it came, by asset, metric and reason, since the server started; bounded, the rest is only counted.
 */
public final class RefusedReport {
    public static final int MAX_ENTRIES = 10_000;

    private static final Logger log = LoggerFactory.getLogger(RefusedReport.class);

    private final Map<Key, Entry> entries = new ConcurrentHashMap<>();
    private final Map<Reason, Counter> counters = new EnumMap<>(Reason.class);

    public RefusedReport(MeterRegistry meters) {
        for (Reason reason : Reason.values()) {
            counters.put(
                    reason,
                    Counter.builder("muster.telemetry.refused")
                            .description("Values in accepted messages that were not stored as they came")
                            .tag("reason", reason.wire())
                            .register(meters));
        }
    }

    private record Key(AssetId asset, String subject, Reason reason) {}

    /**
     * @param subject the metric, or the kind of message that it was
     * @param detail of the last case
     */
    public record Entry(
            AssetId asset, String subject, Reason reason, String detail, long count, Instant first, Instant last) {}

    /** @param detail what was found and what is allowed */
    public void count(AssetId asset, String subject, Reason reason, String detail, long at) {
        Counter counter = counters.get(reason);
        if (counter != null) {
            counter.increment();
        }
        Key key = new Key(asset, subject, reason);
        if (entries.size() >= MAX_ENTRIES && !entries.containsKey(key)) {
            return;
        }
        Instant now = Instant.ofEpochMilli(at);
        Entry entry = entries.merge(
                key,
                new Entry(asset, subject, reason, detail, 1, now, now),
                (before, _) -> new Entry(asset, subject, reason, detail, before.count() + 1, before.first(), now));
        if (entry.count() == 1) {
            try (var _ = MDC.putCloseable("asset", asset.value())) {
                log.warn(
                        "{} of asset {} {}: {}; further cases are counted, see /api/v1/telemetry/refused",
                        subject,
                        asset,
                        reason.stored() ? "is stored, but" : "is not stored",
                        detail);
            }
        }
    }

    public long count(Reason reason) {
        Counter counter = counters.get(reason);
        return counter == null ? 0 : (long) counter.count();
    }

    /** By asset, subject and reason. */
    public List<Entry> entries() {
        return entries.values().stream()
                .sorted(Comparator.comparing(Entry::asset)
                        .thenComparing(Entry::subject)
                        .thenComparing(Entry::reason))
                .toList();
    }
}
