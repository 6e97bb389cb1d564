package dev.muster.telemetry.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.muster.protocol.AssetId;
import dev.muster.protocol.Metrics;
import dev.muster.protocol.Severity;
import dev.muster.telemetry.store.TelemetryStore.AssetReading;
import dev.muster.telemetry.store.TelemetryStore.Bucket;
import dev.muster.telemetry.store.TelemetryStore.Cursor;
import dev.muster.telemetry.store.TelemetryStore.EventCount;
import dev.muster.telemetry.store.TelemetryStore.Reading;
import dev.muster.telemetry.store.TelemetryStore.SeriesQuery;
import dev.muster.telemetry.store.TelemetryStore.Slice;
import dev.muster.telemetry.store.TelemetryStore.SliceQuery;
import dev.muster.telemetry.store.TelemetryStore.TailQuery;
import dev.muster.telemetry.store.TelemetryStore.Value;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every {@link TelemetryStore} promises. */
public abstract class TelemetryStoreContract {
    protected static final long NOON = 1_795_435_200_000L;
    protected static final AssetId A = new AssetId("truck-1");
    protected static final AssetId B = new AssetId("truck-2");
    private static final Duration SOON = Duration.ofSeconds(20);

    protected TelemetryStore store = null_();

    /** Over the same data each time it is called within one test. */
    protected abstract TelemetryStore open();

    @SuppressWarnings("NullAway") // set before every test
    private static TelemetryStore null_() {
        return null;
    }

    @BeforeEach
    void openStore() {
        store = open();
    }

    @AfterEach
    void closeStore() {
        store.close();
    }

    protected final void reopen() {
        store.close();
        store = open();
    }

    protected static Row.Sample sample(AssetId asset, long ts, Map<String, Object> values) {
        CRC32 names = new CRC32();
        names.update(values.keySet().stream().sorted().toList().toString().getBytes(UTF_8));
        return new Row.Sample(ts, asset, "vehicle", ts + 5, names.getValue(), 0, Metrics.of(values));
    }

    protected final List<Reading> readings(AssetId asset, String... metrics) {
        return store.range(new SeriesQuery("vehicle", asset, List.of(metrics), NOON, NOON + 86_400_000), 100_000);
    }

    protected final void append(Row... rows) throws InterruptedException {
        store.append(List.of(rows));
        store.awaitReadable(SOON);
    }

    private void declareVehicle() {
        store.declare(
                "vehicle",
                Map.of("speed", MetricKind.NUMBER, "engine.on", MetricKind.BOOLEAN, "gear", MetricKind.TEXT));
    }

    @Test
    void readsBackWhatWasAppended() throws Exception {
        declareVehicle();
        append(
                sample(A, NOON + 1, Map.of("speed", 61.25, "engine.on", true, "gear", "D")),
                sample(A, NOON + 2, Map.of("engine.on", false)),
                sample(B, NOON + 1, Map.of("speed", 7.0)));

        assertThat(readings(A, "speed", "engine.on", "gear"))
                .containsExactly(
                        new Reading(NOON + 1, Map.of("speed", 61.25, "engine.on", true, "gear", "D")),
                        new Reading(NOON + 2, Map.of("engine.on", false)));
        assertThat(readings(A, "speed")).containsExactly(new Reading(NOON + 1, Map.of("speed", 61.25)));
        assertThat(readings(B, "speed", "unheard")).containsExactly(new Reading(NOON + 1, Map.of("speed", 7.0)));
    }

    @Test
    void theRangeEndsBeforeItsEndAndAtItsLimit() throws Exception {
        declareVehicle();
        append(
                sample(A, NOON, Map.of("speed", 1.0)),
                sample(A, NOON + 10, Map.of("speed", 2.0)),
                sample(A, NOON + 20, Map.of("speed", 3.0)));

        SeriesQuery query = new SeriesQuery("vehicle", A, List.of("speed"), NOON, NOON + 20);
        assertThat(store.range(query, 10)).extracting(Reading::ts).containsExactly(NOON, NOON + 10);
        assertThat(store.range(query, 1)).extracting(Reading::ts).containsExactly(NOON);
    }

    @Test
    void sumsUpTheMetricOfTheAssetsOfEachGroup() throws Exception {
        declareVehicle();
        AssetId outsider = new AssetId("truck-3");
        append(
                sample(A, NOON, Map.of("speed", 1.0, "engine.on", true, "gear", "D")),
                sample(A, NOON + 999, Map.of("speed", 3.0)),
                sample(A, NOON + 1000, Map.of("speed", 10.0)),
                sample(B, NOON, Map.of("speed", -7.0, "engine.on", false)),
                sample(outsider, NOON, Map.of("speed", 1e9)),
                sample(A, NOON + 2000, Map.of("speed", 1e9)));
        store.appendLate(List.of(
                sample(A, NOON, Map.of("speed", 1.0, "engine.on", true, "gear", "D")), // came in time, and again
                sample(A, NOON + 1, Map.of("speed", 2.0)),
                sample(outsider, NOON + 1, Map.of("speed", 1e9))));
        store.awaitReadable(SOON);

        assertThat(sums("speed", 0))
                .containsExactly(
                        new GroupSums.GroupStep(NOON, 3, 1, 3, 2, about(1), about(2), about(3), about(3)),
                        new GroupSums.GroupStep(NOON + 1000, 1, 10, 10, 10, 10, 10, 10, 10));
        assertThat(sums("speed", 1)).containsExactly(new GroupSums.GroupStep(NOON, 1, -7, -7, -7, -7, -7, -7, -7));
        assertThat(sums("engine.on", 0)).containsExactly(new GroupSums.GroupStep(NOON, 1, 1, 1, 1, 1, 1, 1, 1));
        assertThat(sums("gear", 0)).isEmpty();
        assertThat(sums("unheard", 0)).isEmpty();
    }

    @Test
    void slicesHoldWholeMomentsInTheOrderOfTimeAndNoRowTwice() throws Exception {
        declareVehicle();
        append(
                sample(A, NOON, Map.of("speed", 1.0)),
                sample(B, NOON, Map.of("speed", 2.0)),
                sample(new AssetId("truck-3"), NOON, Map.of("speed", 3.0)),
                sample(A, NOON + 1, Map.of("gear", "D")),
                sample(A, NOON + 2, Map.of("speed", 4.0)),
                sample(A, NOON + 3, Map.of("speed", 5.0)));
        store.appendLate(List.of(
                sample(A, NOON, Map.of("speed", 1.0)), sample(B, NOON + 2, Map.of("speed", 6.0, "engine.on", true))));
        store.awaitReadable(SOON);

        List<AssetReading> readings = new ArrayList<>();
        List<Long> ends = new ArrayList<>();
        for (long from = NOON; from < NOON + 3; from = ends.getLast()) {
            Slice slice = store.slice(
                    new SliceQuery("vehicle", List.of("engine.on", "speed"), from, NOON + 3),
                    Set.of(A.value(), B.value()),
                    4);
            readings.addAll(slice.readings());
            ends.add(slice.next());
        }
        assertThat(readings)
                .containsExactly(
                        new AssetReading(NOON, A.value(), Arrays.asList(null, 1.0)),
                        new AssetReading(NOON, B.value(), Arrays.asList(null, 2.0)),
                        new AssetReading(NOON + 2, A.value(), Arrays.asList(null, 4.0)),
                        new AssetReading(NOON + 2, B.value(), Arrays.asList(true, 6.0)));
        assertThat(ends).hasSizeGreaterThan(1).isSorted().endsWith(NOON + 3);
    }

    /** The middle of its class, or the largest value. */
    private static double about(double value) {
        GroupSums sums = new GroupSums(1, 0, 1, Duration.ofSeconds(1));
        sums.add(0, 0, 1);
        sums.add(0, 0, value);
        sums.add(0, 0, 3);
        return sums.points(0).getFirst().p50();
    }

    private List<GroupSums.GroupStep> sums(String metric, int group) {
        GroupSums sums = new GroupSums(2, NOON, NOON + 2000, Duration.ofSeconds(1));
        store.sum("vehicle", metric, Map.of(A.value(), 0, B.value(), 1), NOON, NOON + 2000, sums);
        return sums.points(group);
    }

    @Test
    void theSameRowsTwiceAreOneEach() throws Exception {
        declareVehicle();
        Row[] rows = {
            sample(A, NOON, Map.of("speed", 1.0)),
            log(A, NOON, "started"),
            event(A, NOON, "door_opened"),
            position(A, NOON, 52.5)
        };
        append(rows);
        append(rows);

        assertThat(readings(A, "speed")).hasSize(1);
        assertThat(store.logs(tail(A, 10, null))).containsExactly((Row.LogLine) rows[1]);
        assertThat(store.events(tail(A, 10, null))).containsExactly((Row.Happening) rows[2]);
        assertThat(store.positions(tail(A, 10, null))).containsExactly((Row.Position) rows[3]);
        assertThat(store.places().get(A))
                .isEqualTo(new TelemetryStore.Place(
                        rows[3].ts(), ((Row.Position) rows[3]).lat(), ((Row.Position) rows[3]).lon()));
    }

    @Test
    void messagesOfOneMomentWithDifferentMetricsBothStay() throws Exception {
        declareVehicle();
        append(sample(A, NOON, Map.of("speed", 1.0)));
        append(sample(A, NOON, Map.of("gear", "R")));

        assertThat(readings(A, "speed", "gear"))
                .containsExactlyInAnyOrder(
                        new Reading(NOON, Map.of("speed", 1.0)), new Reading(NOON, Map.of("gear", "R")));
    }

    @Test
    void readingsThatOnlyShareAReceiveTimeAreToldApart() throws Exception {
        declareVehicle();
        append(
                new Row.Sample(NOON, A, "vehicle", NOON, 7, 100, Metrics.of(Map.of("speed", 1.0))),
                new Row.Sample(NOON, A, "vehicle", NOON, 7, 101, Metrics.of(Map.of("speed", 2.0))));

        assertThat(readings(A, "speed")).hasSize(2);
    }

    @Test
    void lateRowsFallIntoPlace() throws Exception {
        declareVehicle();
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        List<Row.Sample> rows = new ArrayList<>();
        for (int i = 0; i < 5_000; i++) {
            rows.add(sample(i % 2 == 0 ? A : B, NOON + i * 10L, Map.of("speed", (double) i)));
        }
        List<Row.Sample> shuffled = new ArrayList<>(rows);
        Collections.shuffle(shuffled, new Random(seed));
        for (int i = 0; i < shuffled.size(); i += 500) {
            store.append(shuffled.subList(i, i + 500));
        }
        store.awaitReadable(SOON);

        assertThat(readings(A, "speed"))
                .extracting(Reading::ts)
                .containsExactlyElementsOf(rows.stream()
                        .filter(row -> row.asset().equals(A))
                        .map(Row.Sample::ts)
                        .toList());
    }

    @Test
    void whatIsStoredLateIsFoundWithTheRest() throws Exception {
        declareVehicle();
        append(
                sample(A, NOON + 10_000, Map.of("speed", 10.0)),
                log(A, NOON + 20, "in time"),
                event(A, NOON + 10, "door_opened"));
        store.appendLate(List.of(
                sample(A, NOON, Map.of("speed", 30.0, "gear", "N")),
                sample(A, NOON + 20_000, Map.of("speed", 50.0, "engine.on", true)),
                sample(B, NOON + 5, Map.of("speed", 7.0)),
                log(A, NOON + 10, "late"),
                log(A, NOON + 30, "late too"),
                event(A, NOON + 10, "door_opened"),
                position(A, NOON + 10, 52.5)));
        store.declare("vehicle", Map.of("odometer", MetricKind.NUMBER));
        store.appendLate(List.of(sample(A, NOON + 30_000, Map.of("odometer", 5.0))));
        store.awaitReadable(SOON);

        for (int round = 0; round < 2; round++, reopen()) {
            assertThat(readings(A, "speed", "engine.on", "odometer"))
                    .containsExactly(
                            new Reading(NOON, Map.of("speed", 30.0)),
                            new Reading(NOON + 10_000, Map.of("speed", 10.0)),
                            new Reading(NOON + 20_000, Map.of("speed", 50.0, "engine.on", true)),
                            new Reading(NOON + 30_000, Map.of("odometer", 5.0)));
            assertThat(store.range(new SeriesQuery("vehicle", A, List.of("speed"), NOON, NOON + 86_400_000), 2))
                    .extracting(Reading::ts)
                    .containsExactly(NOON, NOON + 10_000);
            assertThat(store.aggregate(
                            new SeriesQuery("vehicle", A, List.of("speed", "gear"), NOON, NOON + 600_000),
                            Duration.ofMinutes(1)))
                    .isEqualTo(Map.of(
                            "speed", List.of(new Bucket(NOON, 10.0, 50.0, 30.0, 50.0, 3)),
                            "gear", List.of(new Bucket(NOON, null, null, null, "N", 1))));
            assertThat(store.latest("vehicle", List.of(A, B), List.of("speed")))
                    .isEqualTo(Map.of(
                            A, Map.of("speed", new Value(NOON + 20_000, 50.0)),
                            B, Map.of("speed", new Value(NOON + 5, 7.0))));
            assertThat(store.logs(tail(A, 10, null)))
                    .extracting(Row.LogLine::body)
                    .containsExactly("late too", "in time", "late");
            assertThat(store.logs(tail(A, 2, null)))
                    .extracting(Row.LogLine::body)
                    .containsExactly("late too", "in time");
            assertThat(store.events(tail(A, 10, null))).hasSize(1);
            assertThat(store.countEvents("vehicle", NOON - 86_400_000, NOON + 86_400_000))
                    .extracting(EventCount::asset, EventCount::severity, EventCount::count)
                    .containsExactly(tuple(A.value(), Severity.WARN, 1L));
            assertThat(store.positions(tail(A, 10, null))).hasSize(1);
        }
    }

    @Test
    void whatWasStoredInTimeAndComesAgainLateIsOne() throws Exception {
        declareVehicle();
        Row[] rows = {
            sample(A, NOON, Map.of("speed", 1.0)),
            sample(A, NOON, Map.of("gear", "R")),
            sample(A, NOON + 1, Map.of("speed", 3.0)),
            log(A, NOON, "started"),
            event(A, NOON, "door_opened"),
            position(A, NOON, 52.5)
        };
        append(rows);
        store.appendLate(List.of(rows));
        store.appendLate(List.of(rows));
        store.awaitReadable(SOON);

        assertThat(readings(A, "speed", "gear")).hasSize(3);
        assertThat(store.aggregate(
                        new SeriesQuery("vehicle", A, List.of("speed"), NOON, NOON + 60_000), Duration.ofMinutes(1)))
                .isEqualTo(Map.of("speed", List.of(new Bucket(NOON, 1.0, 3.0, 2.0, 3.0, 2))));
        assertThat(store.logs(tail(A, 10, null))).containsExactly((Row.LogLine) rows[3]);
        assertThat(store.events(tail(A, 10, null))).containsExactly((Row.Happening) rows[4]);
        assertThat(store.positions(tail(A, 10, null))).containsExactly((Row.Position) rows[5]);
    }

    @Test
    void sumsUpBySteps() throws Exception {
        declareVehicle();
        append(
                sample(A, NOON, Map.of("speed", 10.0, "engine.on", true, "gear", "D")),
                sample(A, NOON + 1_000, Map.of("speed", 30.0, "engine.on", false, "gear", "N")),
                sample(A, NOON + 60_000, Map.of("speed", 5.0)),
                sample(A, NOON + 180_000, Map.of("gear", "P")));

        Map<String, List<Bucket>> steps = store.aggregate(
                new SeriesQuery("vehicle", A, List.of("speed", "engine.on", "gear"), NOON, NOON + 600_000),
                Duration.ofMinutes(1));

        assertThat(steps.get("speed"))
                .containsExactly(
                        new Bucket(NOON, 10.0, 30.0, 20.0, 30.0, 2), new Bucket(NOON + 60_000, 5.0, 5.0, 5.0, 5.0, 1));
        assertThat(steps.get("engine.on")).containsExactly(new Bucket(NOON, 0.0, 1.0, 0.5, false, 2));
        assertThat(steps.get("gear"))
                .containsExactly(
                        new Bucket(NOON, null, null, null, "N", 2),
                        new Bucket(NOON + 180_000, null, null, null, "P", 1));
    }

    @Test
    void knowsTheNewestValueOfEachMetricByEventTime() throws Exception {
        declareVehicle();
        append(
                sample(A, NOON + 10, Map.of("speed", 10.0, "engine.on", true)),
                sample(A, NOON + 20, Map.of("gear", "D")),
                sample(A, NOON, Map.of("speed", 99.0)));

        Map<String, Value> values = Map.of(
                "speed", new Value(NOON + 10, 10.0),
                "engine.on", new Value(NOON + 10, true),
                "gear", new Value(NOON + 20, "D"));
        assertThat(store.latest("vehicle", List.of(A, B), List.of())).isEqualTo(Map.of(A, values));
        assertThat(store.latest("vehicle", List.of(A), List.of("gear")))
                .isEqualTo(Map.of(A, Map.of("gear", new Value(NOON + 20, "D"))));

        reopen();
        assertThat(store.latest("vehicle", List.of(A, B), List.of())).isEqualTo(Map.of(A, values));
    }

    @Test
    void keepsTheKindInWhichAMetricWasFirstDeclared() {
        declareVehicle();
        store.declare("vehicle", Map.of("speed", MetricKind.TEXT, "odometer", MetricKind.NUMBER));

        Map<String, MetricKind> expected = Map.of(
                "speed", MetricKind.NUMBER,
                "engine.on", MetricKind.BOOLEAN,
                "gear", MetricKind.TEXT,
                "odometer", MetricKind.NUMBER);
        assertThat(store.metrics("vehicle")).isEqualTo(expected);
        reopen();
        assertThat(store.metrics("vehicle")).isEqualTo(expected);
        assertThat(store.metrics("spaceship")).isEmpty();
    }

    @Test
    void refusesAMetricThatWasNotDeclaredOrIsOfAnotherKind() {
        declareVehicle();
        assertThatThrownBy(() -> store.append(List.of(sample(A, NOON, Map.of("altitude", 3.0)))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("altitude")
                .hasMessageContaining("not declared");
        assertThatThrownBy(() -> store.append(List.of(sample(A, NOON, Map.of("speed", "fast")))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("stored as number, not as text");
    }

    @Test
    void keepsApartNamesThatLookAlike() throws Exception {
        List<String> odd = List.of(
                "Speed",
                "speed",
                "speed.x",
                "speed_x",
                "speed-x",
                "Ünïcode 温度",
                "'; DROP TABLE logs; --",
                "a/../b",
                "ts",
                "asset");
        Map<String, Object> values = new java.util.HashMap<>();
        for (int i = 0; i < odd.size(); i++) {
            values.put(odd.get(i), (double) i);
        }
        store.declare(
                "Odd type/1", odd.stream().collect(java.util.stream.Collectors.toMap(n -> n, _ -> MetricKind.NUMBER)));
        store.declare("odd type/1", Map.of("speed", MetricKind.TEXT));
        append(new Row.Sample(NOON, A, "Odd type/1", NOON, 1, 0, Metrics.of(values)));

        assertThat(store.range(new SeriesQuery("Odd type/1", A, odd, NOON, NOON + 1), 10))
                .containsExactly(new Reading(NOON, values));
        assertThat(store.metrics("odd type/1")).isEqualTo(Map.of("speed", MetricKind.TEXT));
    }

    @Test
    void refusesANameTooLongToKeep() {
        assertThatThrownBy(() -> store.declare("vehicle", Map.of("x".repeat(500), MetricKind.NUMBER)))
                .isInstanceOf(MetricNameException.class);
    }

    @Test
    void pagesThroughLogsNewestFirstWithoutSkippingOrRepeating() throws Exception {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        List<Row.LogLine> all = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            all.add(log(A, NOON + random.nextInt(40), "line " + i));
        }
        int late = random.nextInt(all.size() + 1);
        store.append(all.subList(late, all.size()));
        store.appendLate(all.subList(0, late));
        store.append(List.of(log(B, NOON, "another's")));
        store.awaitReadable(SOON);

        List<Row.LogLine> read = new ArrayList<>();
        Cursor before = null;
        int limit = 1 + random.nextInt(30);
        while (true) {
            List<Row.LogLine> page = store.logs(tail(A, limit, before));
            if (page.isEmpty()) {
                break;
            }
            read.addAll(page);
            before = new Cursor(page.getLast().ts(), page.getLast().hash());
        }
        assertThat(read).hasSameSizeAs(all).containsExactlyInAnyOrderElementsOf(all);
        assertThat(read).extracting(Row.LogLine::ts).isSortedAccordingTo(Collections.reverseOrder());
    }

    @Test
    void findsLogsBySeverityAndText() throws Exception {
        append(
                log(A, NOON, Severity.INFO, "Disk is fine"),
                log(A, NOON + 1, Severity.ERROR, "disk FULL 100%"),
                log(A, NOON + 2, Severity.FATAL, "it's over"));

        assertThat(store.logs(new TailQuery("vehicle", A, NOON, NOON + 9, null, Severity.ERROR, null, 9)))
                .extracting(Row.LogLine::body)
                .containsExactly("it's over", "disk FULL 100%");
        assertThat(store.logs(new TailQuery("vehicle", A, NOON, NOON + 9, null, null, "full 100%", 9)))
                .extracting(Row.LogLine::body)
                .containsExactly("disk FULL 100%");
        assertThat(store.logs(new TailQuery("vehicle", A, NOON, NOON + 9, null, null, "it's", 9)))
                .hasSize(1);
        assertThat(store.logs(new TailQuery("vehicle", A, NOON, NOON + 1, null, null, null, 9)))
                .hasSize(1);
    }

    @Test
    void findsLogsByAttributeAndByWhenTheyCame() throws Exception {
        append(
                line(NOON, NOON + 5, "{\"logger\":\"a.B\",\"n\":1}"),
                line(NOON + 1, NOON + 6, "{\"logger\":\"a.Bc\",\"n\":12}"),
                line(NOON - 3, NOON + 7, "{\"n\":1}"));

        assertThat(found(0, "logger", "a.B")).containsExactly(NOON);
        assertThat(found(0, "n", "1")).containsExactly(NOON, NOON - 3);
        assertThat(found(0, "n", "2")).isEmpty();
        assertThat(found(NOON + 6, null, "")).containsExactly(NOON + 1, NOON - 3);
    }

    private List<Long> found(long receivedFrom, @Nullable String name, String value) {
        TelemetryStore.Attribute having = name == null ? null : new TelemetryStore.Attribute(name, value);
        return store.logs(new TailQuery("vehicle", A, 0, NOON + 9, null, null, null, receivedFrom, having, 9)).stream()
                .map(Row.LogLine::ts)
                .toList();
    }

    private static Row.LogLine line(long ts, long received, String attributes) {
        Row.LogLine line = log(A, ts, Severity.INFO, attributes);
        return new Row.LogLine(
                ts, line.asset(), line.assetType(), received, line.hash(), line.severity(), line.body(), attributes);
    }

    @Test
    void eachKindIsKeptForItsOwnTimeAndThatMayChange() throws Exception {
        declareVehicle();
        store.declare("van", Map.of("speed", MetricKind.NUMBER));
        long before = NOON - Duration.ofDays(20).toMillis();
        for (long ts : List.of(before, NOON)) {
            store.append(List.of(sample(A, ts, Map.of("speed", 1.0)), log(A, ts, "up"), event(A, ts, "door")));
            store.appendLate(List.of(sample(B, ts, Map.of("speed", 1.0)), position(A, ts, 52.5)));
            store.append(List.of(
                    new Row.Sample(ts, A, "van", ts, 1, 0, Metrics.of(Map.of("speed", 1.0))),
                    new Row.LogLine(ts, A, "van", ts, 1, Severity.INFO, "up", "{}")));
        }
        store.awaitReadable(SOON);
        assertThat(kept(before)).isEqualTo("A 2, B 2, logs 1, events 2, positions 2, van 2, its logs 1");

        store.retain("vehicle", new Retention(25, 10, 90, 30, 90, 730));
        store.expire(Instant.ofEpochMilli(NOON));
        store.append(List.of(log(A, before, "up again")));
        store.awaitReadable(SOON);
        assertThat(kept(before)).isEqualTo("A 2, B 2, logs 2, events 2, positions 1, van 2, its logs 1");

        reopen();
        store.retain("vehicle", new Retention(7, 90, 15, 90, 90, 730));
        store.expire(Instant.ofEpochMilli(NOON));
        store.appendLate(List.of(position(A, before, 7.0)));
        store.awaitReadable(SOON);
        assertThat(kept(before)).isEqualTo("A 1, B 1, logs 2, events 1, positions 2, van 2, its logs 1");
    }

    private String kept(long from) {
        long to = NOON + 1;
        TailQuery vehicle = new TailQuery("vehicle", A, from, to, null, null, null, 10);
        TailQuery van = new TailQuery("van", A, from, to, null, null, null, 10);
        return "A %d, B %d, logs %d, events %d, positions %d, van %d, its logs %d"
                .formatted(
                        store.range(new SeriesQuery("vehicle", A, List.of("speed"), from, to), 10)
                                .size(),
                        store.range(new SeriesQuery("vehicle", B, List.of("speed"), from, to), 10)
                                .size(),
                        store.logs(vehicle).size(),
                        store.events(vehicle).size(),
                        store.positions(vehicle).size(),
                        store.range(new SeriesQuery("van", A, List.of("speed"), from, to), 10)
                                .size(),
                        store.logs(van).size());
    }

    @Test
    void anEmptyStoreAnswersEmpty() {
        assertThat(store.logs(tail(A, 10, null))).isEmpty();
        assertThat(store.events(tail(A, 10, null))).isEmpty();
        assertThat(store.positions(tail(A, 10, null))).isEmpty();
        assertThat(readings(A, "speed")).isEmpty();
        assertThat(store.latest("vehicle", List.of(A), List.of())).isEmpty();
        assertThat(store.problem()).isEmpty();
    }

    private static TailQuery tail(AssetId asset, int limit, @Nullable Cursor before) {
        return new TailQuery("vehicle", asset, NOON, NOON + 86_400_000, before, null, null, limit);
    }

    private static Row.LogLine log(AssetId asset, long ts, String body) {
        return log(asset, ts, Severity.INFO, body);
    }

    private static Row.LogLine log(AssetId asset, long ts, Severity severity, String body) {
        return new Row.LogLine(ts, asset, "vehicle", ts, body.hashCode(), severity, body, "{}");
    }

    private static Row.Happening event(AssetId asset, long ts, String type) {
        return new Row.Happening(ts, asset, "vehicle", ts, type.hashCode(), type, Severity.WARN, null, "{\"n\":1}");
    }

    private static Row.Position position(AssetId asset, long ts, double lat) {
        return new Row.Position(ts, asset, "vehicle", ts, lat, 13.4, null, 3.0, null, 2.5, "3d");
    }
}
