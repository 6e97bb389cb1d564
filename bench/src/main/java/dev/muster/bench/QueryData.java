package dev.muster.bench;

import dev.muster.protocol.AssetId;
import dev.muster.protocol.Metrics;
import dev.muster.telemetry.questdb.QuestDbStore;
import dev.muster.telemetry.store.MetricKind;
import dev.muster.telemetry.store.Retention;
import dev.muster.telemetry.store.Row;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * What the queries are asked of, laid into a telemetry store that no server has open: some vehicles with a day's readings, and
 * all of them with the last hour's. Values walk, as temperatures and speeds do; each vehicle has a phase of its own.
 */
final class QueryData implements AutoCloseable {
    static final String TYPE = "vehicle";
    private static final String[] METRICS = {
        "speed",
        "odometer",
        "fuel_level",
        "engine_rpm",
        "engine_temperature",
        "battery_voltage",
        "cabin_temperature",
        "load"
    };
    private static final int BATCH = 20_000;
    private static final Duration READABLE = Duration.ofMinutes(10);

    private final QuestDbStore store;
    private final Random random = new Random(42);
    private final List<Row> batch = new ArrayList<>(BATCH);
    private long rows;

    QueryData(Path questdb) {
        store = QuestDbStore.open(questdb, Retention.STANDARD, false, Clock.systemUTC());
        Map<String, MetricKind> kinds = new LinkedHashMap<>();
        for (String metric : METRICS) {
            kinds.put(metric, MetricKind.NUMBER);
        }
        store.declare(TYPE, kinds);
    }

    static String id(int asset) {
        return "vehicle-%06d".formatted(asset);
    }

    /** Readings of the first so many assets, in the order of time. */
    void fill(int assets, long from, long to, Duration pace) {
        double[] speeds = new double[assets];
        long step = pace.toMillis();
        for (long at = from; at < to; at += step) {
            for (int asset = 0; asset < assets; asset++) {
                speeds[asset] = Math.clamp(speeds[asset] + random.nextGaussian() * 2, 0, 50);
                add(asset, at + asset * 7919L % step, speeds[asset]);
            }
        }
        flush();
    }

    private void add(int asset, long ts, double speed) {
        Map<String, Object> values = new LinkedHashMap<>();
        for (int i = 0; i < METRICS.length; i++) {
            values.put(METRICS[i], i == 0 ? speed : Math.rint((speed * (i + 1) + random.nextDouble()) * 100) / 100);
        }
        batch.add(new Row.Sample(ts, new AssetId(id(asset)), TYPE, ts + 50, 7, 0, Metrics.of(values)));
        rows++;
        if (batch.size() == BATCH) {
            flush();
        }
    }

    private void flush() {
        store.append(batch);
        batch.clear();
    }

    long rows() {
        return rows;
    }

    @Override
    public void close() throws InterruptedException {
        store.awaitReadable(READABLE);
        store.close();
    }
}
