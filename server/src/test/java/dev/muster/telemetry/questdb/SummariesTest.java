package dev.muster.telemetry.questdb;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.protocol.AssetId;
import dev.muster.protocol.Metrics;
import dev.muster.telemetry.store.MetricKind;
import dev.muster.telemetry.store.Retention;
import dev.muster.telemetry.store.Row;
import dev.muster.telemetry.store.TelemetryStore.Bucket;
import dev.muster.telemetry.store.TelemetryStore.SeriesQuery;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SummariesTest {
    private static final long NOON = 1_795_435_200_000L;
    private static final long HOUR = 3_600_000;
    private static final long MINUTE = 60_000;
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final List<AssetId> ASSETS = List.of(new AssetId("pump-1"), new AssetId("pump-2"));

    @TempDir
    Path folder = Path.of(".");

    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);
    private final List<Row.Sample> rows = new ArrayList<>();

    private QuestDbStore open() {
        return QuestDbStore.open(
                folder, Retention.STANDARD, false, Clock.fixed(Instant.ofEpochMilli(NOON), ZoneOffset.UTC));
    }

    private Row.Sample row(long ts, long receivedAt, AssetId asset) {
        Map<String, Object> values = Map.of("level", (double) random.nextInt(1000), "open", random.nextBoolean());
        Row.Sample row = new Row.Sample(ts, asset, "pump", receivedAt, 1, 0, Metrics.of(values));
        rows.add(row);
        return row;
    }

    private List<Row.Sample> inTime(long from, long to) {
        List<Row.Sample> made = new ArrayList<>();
        for (long ts = from; ts < to; ts += 7_000 + random.nextInt(4_000)) {
            made.add(row(ts, ts + 5, ASSETS.get(random.nextInt(2))));
        }
        return made;
    }

    private List<Row.Sample> late(long from, long to, long receivedAt, AssetId asset) {
        List<Row.Sample> made = new ArrayList<>();
        for (long ts = from + 1; ts < to; ts += 600_000) {
            made.add(row(ts, receivedAt, asset));
        }
        return made;
    }

    /** As the readings themselves say, worked out without the store. */
    private List<Bucket> expected(AssetId asset, String metric, long from, long to, Duration step) {
        Map<Long, List<Row.Sample>> steps = rows.stream()
                .filter(row -> row.asset().equals(asset) && row.ts() >= from && row.ts() < to)
                .sorted(Comparator.comparingLong(Row.Sample::ts))
                .collect(Collectors.groupingBy(
                        row -> Math.floorDiv(row.ts(), step.toMillis()) * step.toMillis(),
                        TreeMap::new,
                        Collectors.toList()));
        List<Bucket> buckets = new ArrayList<>();
        steps.forEach((ts, of) -> {
            double[] values =
                    of.stream().mapToDouble(row -> number(row, metric)).toArray();
            Object last = Objects.requireNonNull(of.getLast().values().get(metric));
            double sum = 0;
            double min = values[0];
            double max = values[0];
            for (double value : values) {
                sum += value;
                min = Math.min(min, value);
                max = Math.max(max, value);
            }
            buckets.add(new Bucket(ts, min, max, sum / values.length, last, values.length));
        });
        return buckets;
    }

    private static double number(Row.Sample row, String metric) {
        Object value = Objects.requireNonNull(row.values().get(metric));
        return value instanceof Boolean truth ? (truth ? 1 : 0) : ((Number) value).doubleValue();
    }

    private void check(QuestDbStore store, String when) {
        long from = NOON - 3 * HOUR - random.nextInt(100_000);
        long to = NOON + random.nextInt(100_000);
        for (Duration step : List.of(
                Duration.ofSeconds(45),
                Duration.ofMinutes(1),
                Duration.ofMinutes(7),
                Duration.ofHours(1),
                Duration.ofHours(2))) {
            for (AssetId asset : ASSETS) {
                for (String metric : List.of("level", "open")) {
                    List<Bucket> found = store.aggregate(
                                    new SeriesQuery("pump", asset, List.of(metric), from, to), step)
                            .get(metric);
                    assertThat(rounded(Objects.requireNonNull(found)))
                            .as("%s of %s by %s %s, seed %d", metric, asset, step, when, seed)
                            .isEqualTo(rounded(expected(asset, metric, from, to, step)));
                }
            }
        }
    }

    /** Sums in another order differ in their last digits. */
    private static List<Bucket> rounded(List<Bucket> buckets) {
        return buckets.stream()
                .map(bucket -> new Bucket(
                        bucket.ts(),
                        bucket.min(),
                        bucket.max(),
                        Math.rint(Objects.requireNonNull(bucket.avg()) * 1e6) / 1e6,
                        bucket.last(),
                        bucket.count()))
                .toList();
    }

    private static void append(QuestDbStore store, List<Row.Sample> inTime, List<Row.Sample> late) throws Exception {
        store.append(inTime);
        store.appendLate(late);
        store.awaitReadable(SOON);
    }

    @Test
    void sumsAreThoseOfTheReadingsAlsoAfterLateOnesAndARestart() throws Exception {
        try (QuestDbStore store = open()) {
            store.declare("pump", Map.of("level", MetricKind.NUMBER, "open", MetricKind.BOOLEAN));
            append(store, inTime(NOON - 4 * HOUR, NOON - 30 * MINUTE), List.of());
            check(store, "before anything is summed up");
            store.sumUp(NOON - 30 * MINUTE);
            check(store, "summed up");
            append(
                    store,
                    inTime(NOON - 30 * MINUTE, NOON),
                    late(NOON - 3 * HOUR, NOON - 2 * HOUR, NOON - MINUTE, ASSETS.getFirst()));
            check(store, "with later and late ones that are not summed up");
            store.sumUp(NOON);
            check(store, "with those summed up");
            append(store, inTime(NOON, NOON + MINUTE), late(NOON - 2 * HOUR, NOON, NOON + MINUTE, ASSETS.getLast()));
            // Received long ago by a journal that was not read.
            append(store, List.of(row(NOON - 90 * MINUTE, NOON, ASSETS.getFirst())), List.of());
        }
        try (QuestDbStore store = open()) {
            store.awaitReadable(SOON);
            check(store, "after a restart");
            store.sumUp(NOON + 3 * MINUTE);
            check(store, "summed up after a restart");
        }
    }

    @Test
    void sumsStayWhenTheReadingsAreGoneAndKnowMetricsThatCameLater() throws Exception {
        long before = NOON - 10 * 24 * HOUR;
        try (QuestDbStore store = open()) {
            store.declare("pump", Map.of("level", MetricKind.NUMBER, "open", MetricKind.BOOLEAN));
            append(store, inTime(before, before + 2 * HOUR), List.of());
            store.sumUp(before + 3 * HOUR);
            store.declare("pump", Map.of("mode", MetricKind.TEXT));
            store.append(List.of(new Row.Sample(
                    before + 4 * HOUR, ASSETS.getFirst(), "pump", before, 2, 0, Metrics.of(Map.of("mode", "auto")))));
            append(store, inTime(NOON, NOON + MINUTE), List.of());
            store.sumUp(NOON + 5 * MINUTE);

            store.retain("pump", new Retention(3, 30, 30, 30, 30, 30));
            store.expire(Instant.ofEpochMilli(NOON));
            store.awaitReadable(SOON);

            SeriesQuery query = new SeriesQuery("pump", ASSETS.getFirst(), List.of("level"), before, before + 2 * HOUR);
            assertThat(store.range(query, 10)).isEmpty();
            for (Duration step : List.of(Duration.ofMinutes(1), Duration.ofHours(1))) {
                assertThat(rounded(Objects.requireNonNull(
                                store.aggregate(query, step).get("level"))))
                        .as("seed %d", seed)
                        .isEqualTo(rounded(expected(ASSETS.getFirst(), "level", before, before + 2 * HOUR, step)));
            }
            assertThat(store.aggregate(
                            new SeriesQuery("pump", ASSETS.getFirst(), List.of("mode"), before, before + 5 * HOUR),
                            Duration.ofHours(1)))
                    .isEqualTo(Map.of("mode", List.of(new Bucket(before + 4 * HOUR, null, null, null, "auto", 1))));
        }
    }
}
