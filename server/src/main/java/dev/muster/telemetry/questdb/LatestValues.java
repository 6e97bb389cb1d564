package dev.muster.telemetry.questdb;

import dev.muster.protocol.AssetId;
import dev.muster.protocol.MetricNames;
import dev.muster.protocol.Metrics;
import dev.muster.telemetry.store.TelemetryStore.Value;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The newest value of every metric of every asset of one type, in memory: 16 bytes each, so that a question over 100,000
 * assets costs milliseconds and no scan.
 */
final class LatestValues {
    private static final long NEVER = Long.MIN_VALUE;

    private final Map<AssetId, Integer> ordinals = new HashMap<>();
    private final Map<String, Column> columns = new TreeMap<>();
    private MetricNames lastNames = MetricNames.NONE;
    private Column[] last = new Column[0];

    /** One metric, by the ordinal of the asset; texts and booleans have an object beside them. */
    private static final class Column {
        private long[] times = new long[0];
        private double[] numbers = new double[0];
        private Object[] others = new Object[0];

        private void put(int ordinal, long ts, double number, @Nullable Object other) {
            if (ordinal >= times.length) {
                int before = times.length;
                times = Arrays.copyOf(times, Math.max(64, (ordinal + 1) * 3 / 2));
                Arrays.fill(times, before, times.length, NEVER);
                numbers = Arrays.copyOf(numbers, times.length);
            }
            if (ts < times[ordinal]) {
                return;
            }
            times[ordinal] = ts;
            if (other == null) {
                numbers[ordinal] = number;
            } else {
                if (others.length < times.length) {
                    others = Arrays.copyOf(others, times.length);
                }
                others[ordinal] = other;
            }
        }
    }

    synchronized void put(AssetId asset, long ts, Metrics values) {
        int ordinal = ordinals.getOrDefault(asset, ordinals.size());
        if (ordinal == ordinals.size()) {
            ordinals.put(asset, ordinal);
        }
        if (values.names() != lastNames) {
            lastNames = values.names();
            last = columnsOf(lastNames);
        }
        for (int i = 0; i < last.length; i++) {
            last[i].put(ordinal, ts, values.number(i), values.other(i));
        }
    }

    private Column[] columnsOf(MetricNames names) {
        Column[] found = new Column[names.size()];
        for (int i = 0; i < found.length; i++) {
            found[i] = columns.computeIfAbsent(names.name(i), _ -> new Column());
        }
        return found;
    }

    synchronized Map<AssetId, Map<String, Value>> of(Collection<AssetId> assets, Collection<String> metrics) {
        Map<AssetId, Map<String, Value>> found = new LinkedHashMap<>();
        for (AssetId asset : assets) {
            Integer ordinal = ordinals.get(asset);
            if (ordinal == null) {
                continue;
            }
            Map<String, Value> values = new LinkedHashMap<>();
            for (String metric : metrics.isEmpty() ? columns.keySet() : metrics) {
                Column column = columns.get(metric);
                if (column != null && ordinal < column.times.length && column.times[ordinal] != NEVER) {
                    Object other = ordinal < column.others.length ? column.others[ordinal] : null;
                    values.put(
                            metric, new Value(column.times[ordinal], other != null ? other : column.numbers[ordinal]));
                }
            }
            if (!values.isEmpty()) {
                found.put(asset, values);
            }
        }
        return found;
    }
}
