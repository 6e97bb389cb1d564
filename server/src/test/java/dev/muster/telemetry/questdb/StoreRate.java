package dev.muster.telemetry.questdb;

import dev.muster.protocol.AssetId;
import dev.muster.protocol.Metrics;
import dev.muster.telemetry.store.MetricKind;
import dev.muster.telemetry.store.Retention;
import dev.muster.telemetry.store.Row;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Measures the store by hand: rows per second, with and without syncing, late rows, and questions. Not a test. */
final class StoreRate {
    private static final int METRICS = 10;

    private StoreRate() {}

    private static Row row(Random random, long ts, AssetId asset) {
        Map<String, Object> values = new HashMap<>();
        for (int m = 0; m < METRICS; m++) {
            values.put("metric" + m, random.nextDouble());
        }
        return new Row.Sample(ts, asset, "vehicle", ts, 77, 0, Metrics.of(values));
    }

    /** Where late rows go: with the others, collected into rarer commits, and into which table. */
    private enum Late {
        MIXED,
        BULK,
        LANE,
        LANE_BULK
    }

    /** Batches whose late rows are one commit, where they are collected. */
    private static final int COLLECTED = 50;

    /**
     * Arguments: folder, assets, rows, rows per batch, sync (true or false), percent of late rows, where they go, hours
     * that they are late at most, rows of each of the seven days before.
     */
    public static void main(String[] args) throws Exception {
        Path folder = Files.createDirectories(Path.of(args[0]));
        int assets = Integer.parseInt(args[1]);
        int total = Integer.parseInt(args[2]);
        int batch = Integer.parseInt(args[3]);
        boolean sync = Boolean.parseBoolean(args[4]);
        int late = Integer.parseInt(args[5]);
        Late way = args.length > 6 ? Late.valueOf(args[6]) : Late.LANE_BULK;
        int hours = args.length > 7 ? Integer.parseInt(args[7]) : 24;
        int perDay = args.length > 8 ? Integer.parseInt(args[8]) : 0;
        try (QuestDbStore store = QuestDbStore.open(folder, Retention.STANDARD, sync, Clock.systemUTC())) {
            Map<String, MetricKind> metrics = new HashMap<>();
            for (int i = 0; i < METRICS; i++) {
                metrics.put("metric" + i, MetricKind.NUMBER);
            }
            store.declare("vehicle", metrics);
            Random random = new Random(1);
            List<AssetId> ids = new ArrayList<>();
            for (int i = 0; i < assets; i++) {
                ids.add(new AssetId("asset-" + i));
            }
            long base = System.currentTimeMillis() - 3_600_000;
            for (int day = 7; day > 0 && perDay > 0; day--) {
                for (int done = 0; done < perDay; done += batch) {
                    List<Row> rows = new ArrayList<>(batch);
                    for (int i = 0; i < batch; i++) {
                        long ts = base - day * 86_400_000L + (done + i) * 86_400_000L / perDay;
                        rows.add(row(random, ts, ids.get((done + i) % assets)));
                    }
                    store.append(rows);
                }
                store.awaitReadable(Duration.ofMinutes(10));
            }
            List<Row> collected = new ArrayList<>();
            long start = System.nanoTime();
            long spent = 0;
            for (int done = 0; done < total; done += batch) {
                List<Row> rows = new ArrayList<>(batch);
                for (int i = 0; i < batch; i++) {
                    int n = done + i;
                    long ts = base + n / Math.max(1, total / 3_000_000L + 1) % 3_000_000;
                    boolean isLate = random.nextInt(100) < late;
                    if (isLate) {
                        ts -= random.nextInt(hours) * 3_600_000L + random.nextInt(3_600_000);
                    }
                    (isLate && way != Late.MIXED ? collected : rows).add(row(random, ts, ids.get(n % assets)));
                }
                long before = System.nanoTime();
                store.append(rows);
                if (way == Late.LANE || (done / batch) % COLLECTED == COLLECTED - 1 || done + batch >= total) {
                    if (way == Late.BULK) {
                        store.append(collected);
                    } else {
                        store.appendLate(collected);
                    }
                    collected.clear();
                }
                spent += System.nanoTime() - before;
            }
            double appended = spent / 1e9;
            store.awaitReadable(Duration.ofMinutes(10));
            double whole = (System.nanoTime() - start) / 1e9;
            System.out.printf(
                    "append %.0f rows/s, until readable %.0f rows/s (sync %s, %d per batch, %d%% late %s)%n",
                    total / appended, total / whole, sync, batch, late, way);
            long before = System.nanoTime();
            int found = store.latest("vehicle", ids, List.of()).size();
            System.out.printf("latest of %d assets: %.1f ms%n", found, (System.nanoTime() - before) / 1e6);
            for (int i = 0; i < 3; i++) {
                before = System.nanoTime();
                int readings = store.range(
                                new dev.muster.telemetry.store.TelemetryStore.SeriesQuery(
                                        "vehicle", ids.get(7), List.of("metric1"), base - 86_400_000, base + 9_000_000),
                                10_000)
                        .size();
                System.out.printf(
                        "range of one asset: %d readings, %.1f ms%n", readings, (System.nanoTime() - before) / 1e6);
            }
            System.gc();
            System.out.printf(
                    "heap %d MiB%n",
                    (Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory()) >> 20);
            System.out.println(Files.readString(Path.of("/proc/self/status"))
                    .lines()
                    .filter(l -> l.startsWith("VmRSS") || l.startsWith("RssAnon"))
                    .toList());
        }
        long before = System.nanoTime();
        try (QuestDbStore store = QuestDbStore.open(folder, Retention.STANDARD, sync, Clock.systemUTC())) {
            System.out.printf(
                    "opened again in %.1f s, %d metrics%n",
                    (System.nanoTime() - before) / 1e9, store.metrics("vehicle").size());
        }
    }
}
