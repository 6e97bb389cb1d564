package dev.muster.alert.rule;

import dev.muster.protocol.AssetId;
import dev.muster.registry.Asset;
import dev.muster.registry.Presence;
import dev.muster.telemetry.store.TelemetryStore;
import dev.muster.telemetry.store.TelemetryStore.AssetReading;
import dev.muster.telemetry.store.TelemetryStore.Slice;
import dev.muster.telemetry.store.TelemetryStore.SliceQuery;
import dev.muster.telemetry.store.TelemetryStore.Value;
import dev.muster.twin.presence.PresenceTransition;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The past as it is stored, read once in the order of time: of each asset only its newest values are held. Readings count at their event
 * time, also those that came late.
 */
final class StoredPast implements RuleReplay.Past {
    private static final int ROWS_AT_ONCE = 20_000;

    private final List<OfType> types = new ArrayList<>();
    private final List<PresenceTransition> transitions;
    private final Map<AssetId, PresenceTransition> presence = new HashMap<>();
    private final Map<AssetId, Presence> first = new HashMap<>();
    private final boolean asksPresence;
    private final long mostRows;
    private final long deadlineNanos;
    private int transition;
    private long rows;
    private @Nullable String stopped;

    /** @param transitions oldest first; of each asset the newest one before it begins, too */
    StoredPast(
            TelemetryStore telemetry,
            List<Asset> assets,
            Set<String> metrics,
            List<PresenceTransition> transitions,
            boolean asksPresence,
            Instant from,
            Instant to,
            long mostRows,
            long deadlineNanos) {
        this.transitions = transitions;
        this.asksPresence = asksPresence;
        this.mostRows = mostRows;
        this.deadlineNanos = deadlineNanos;
        transitions.forEach(each -> first.putIfAbsent(each.asset(), each.from()));
        Map<String, Set<String>> byType = assets.stream()
                .collect(Collectors.groupingBy(
                        Asset::type, Collectors.mapping(asset -> asset.id().value(), Collectors.toSet())));
        byType.forEach((type, ids) -> {
            Set<String> stored = telemetry.metrics(type).keySet();
            List<String> its =
                    metrics.stream().filter(stored::contains).sorted().toList();
            if (!its.isEmpty()) {
                types.add(new OfType(telemetry, type, its, ids, from.toEpochMilli(), to.toEpochMilli()));
            }
        });
    }

    /** Readings of the assets of a type. */
    private final class OfType {
        private final TelemetryStore telemetry;
        private final String type;
        private final List<String> metrics;
        private final Set<String> ids;
        private final long end;
        private final Map<AssetId, Map<String, Value>> newest = new HashMap<>();
        private List<AssetReading> buffer = List.of();
        private int at;
        private long next;

        OfType(TelemetryStore telemetry, String type, List<String> metrics, Set<String> ids, long from, long end) {
            this.telemetry = telemetry;
            this.type = type;
            this.metrics = metrics;
            this.ids = ids;
            this.next = from;
            this.end = end;
        }

        boolean to(long now) {
            while (true) {
                while (at < buffer.size() && buffer.get(at).ts() <= now) {
                    take(buffer.get(at++));
                }
                if (at < buffer.size() || next >= end || next > now) {
                    return true;
                }
                if (isOver()) {
                    return false;
                }
                Slice slice = telemetry.slice(new SliceQuery(type, metrics, next, end), ids, ROWS_AT_ONCE);
                buffer = slice.readings();
                at = 0;
                next = slice.next();
                rows += buffer.size();
            }
        }

        private void take(AssetReading reading) {
            Map<String, Value> values = newest.computeIfAbsent(new AssetId(reading.asset()), _ -> new HashMap<>());
            for (int i = 0; i < metrics.size() && i < reading.values().size(); i++) {
                Object value = reading.values().get(i);
                if (value != null) {
                    values.put(
                            metrics.get(i),
                            new Value(
                                    reading.ts(),
                                    value instanceof Number number ? (Object) number.doubleValue() : value));
                }
            }
        }
    }

    @Override
    public boolean to(Instant now) {
        if (isOver()) {
            return false;
        }
        while (transition < transitions.size()
                && !transitions.get(transition).at().isAfter(now)) {
            PresenceTransition each = transitions.get(transition++);
            presence.put(each.asset(), each);
        }
        for (OfType type : types) {
            if (!type.to(now.toEpochMilli())) {
                return false;
            }
        }
        return true;
    }

    private boolean isOver() {
        if (stopped == null && rows > mostRows) {
            stopped = "more than " + mostRows + " readings, which is the most that a test looks at";
        } else if (stopped == null && System.nanoTime() - deadlineNanos > 0) {
            stopped = "the time of a test was over";
        }
        return stopped != null;
    }

    /** Why it could be read no further; null while it can. */
    @Nullable String stopped() {
        return stopped;
    }

    long rows() {
        return rows;
    }

    @Override
    public Asset asOf(Asset today) {
        if (!asksPresence) {
            return today;
        }
        PresenceTransition newest = presence.get(today.id());
        if (newest != null) {
            return today.present(newest.to(), newest.at());
        }
        // Nothing changed before: it was as the first change found it, or is to this day.
        Presence before = first.get(today.id());
        return before == null ? today : today.present(before, today.created());
    }

    @Override
    public Map<AssetId, Map<String, Value>> latest(
            String type, Collection<AssetId> assets, Collection<String> metrics) {
        return types.stream()
                .filter(each -> each.type.equals(type))
                .findFirst()
                .map(each -> each.newest)
                .orElseGet(Map::of);
    }
}
