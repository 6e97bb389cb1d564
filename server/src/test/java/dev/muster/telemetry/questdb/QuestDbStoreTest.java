package dev.muster.telemetry.questdb;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.protocol.AssetId;
import dev.muster.protocol.Metrics;
import dev.muster.protocol.Severity;
import dev.muster.telemetry.store.MetricKind;
import dev.muster.telemetry.store.Retention;
import dev.muster.telemetry.store.Row;
import dev.muster.telemetry.store.TelemetryStore;
import dev.muster.telemetry.store.TelemetryStore.Value;
import dev.muster.telemetry.store.TelemetryStoreContract;
import io.questdb.std.str.LPSZ;
import io.questdb.std.str.Utf8s;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QuestDbStoreTest extends TelemetryStoreContract {
    private static final Clock CLOCK = Clock.fixed(Instant.ofEpochMilli(NOON), ZoneOffset.UTC);
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final AssetId PUMP = new AssetId("pump-1");
    private static final String DAY =
            LocalDate.ofInstant(Instant.ofEpochMilli(NOON), ZoneOffset.UTC).toString();
    private static final long HOUR = 3_600_000;

    @TempDir
    Path folder = Path.of(".");

    @Override
    protected TelemetryStore open() {
        return QuestDbStore.open(folder, Retention.STANDARD, true, CLOCK);
    }

    @Test
    void newestValuesAreReadBackAsFarAsTheLookbackReaches(@TempDir Path other) throws Exception {
        Map<AssetId, Map<String, Value>> expected = Map.of(
                new AssetId("minutes"), Map.of("level", new Value(NOON - 60_000, 1.0)),
                new AssetId("hours"), Map.of("level", new Value(NOON - 20 * HOUR, 2.0)),
                new AssetId("days"), Map.of("level", new Value(NOON - 71 * HOUR, 3.0)));
        List<AssetId> assets =
                List.of(new AssetId("minutes"), new AssetId("hours"), new AssetId("days"), new AssetId("too-long"));
        try (QuestDbStore store = lookingBack(other, Duration.ofHours(72))) {
            store.declare("sensor", Map.of("level", MetricKind.NUMBER));
            store.append(List.of(
                    level("minutes", NOON - 60_000, 1),
                    level("minutes", NOON - 25 * HOUR, 9),
                    level("hours", NOON - 20 * HOUR, 2),
                    level("days", NOON - 71 * HOUR, 3),
                    level("too-long", NOON - 73 * HOUR, 4)));
        }
        try (QuestDbStore store = lookingBack(other, Duration.ofHours(72))) {
            store.append(List.of(level("minutes", NOON - 30 * HOUR, 9))); // late, and older than what is read back
            store.awaitLatestRestored(PATIENCE);
            assertThat(store.latest("sensor", assets, List.of())).isEqualTo(expected);
            assertThat(store.isRestoringLatest()).isFalse();
        }
    }

    @Test
    void slicesReachBackInGrowingStepsToTheLookback() {
        assertThat(LatestRestore.slices(100 * HOUR, Duration.ofHours(60)))
                .containsExactly(
                        new LatestRestore.Slice(99 * HOUR, Long.MAX_VALUE),
                        new LatestRestore.Slice(97 * HOUR, 99 * HOUR),
                        new LatestRestore.Slice(93 * HOUR, 97 * HOUR),
                        new LatestRestore.Slice(85 * HOUR, 93 * HOUR),
                        new LatestRestore.Slice(69 * HOUR, 85 * HOUR),
                        new LatestRestore.Slice(45 * HOUR, 69 * HOUR),
                        new LatestRestore.Slice(40 * HOUR, 45 * HOUR));
    }

    /** The disk refuses the files of one table's partitions; what was committed meanwhile is not lost. */
    @Test
    void aTableThatCouldNotBeWrittenIsResumedWhenTheDiskAllows(@TempDir Path other) throws Exception {
        AtomicBoolean broken = new AtomicBoolean(true);
        EngineSettings settings = new EngineSettings(other, true, new StoreFiles() {
            @Override
            public long openRW(LPSZ name, int opts) {
                String path = Utf8s.stringFromUtf8Bytes(name);
                boolean partition = path.contains("events_pump~") && path.contains(DAY) && !path.contains("wal");
                return broken.get() && partition ? -1 : super.openRW(name, opts);
            }
        });
        try (QuestDbStore store = QuestDbStore.open(
                QuestDb.open(settings), Retention.STANDARD, Duration.ofDays(2), Duration.ofDays(3), CLOCK)) {
            store.append(List.of(door(NOON, "open")));
            await(() -> store.problem().isPresent());
            assertThat(store.problem().orElseThrow()).contains("events", "tries again every 5 s");
            store.append(List.of(door(NOON + 1, "shut")));

            broken.set(false);

            store.awaitReadable(PATIENCE);
            assertThat(store.events(new TelemetryStore.TailQuery("pump", PUMP, 0, NOON + 10, null, null, null, 10)))
                    .extracting(Row.Happening::message)
                    .containsExactly("shut", "open");
            await(() -> store.problem().isEmpty());
        }
    }

    @Test
    void whatAnEarlierVersionKeptInOneTableForAllTypesIsStillFound(@TempDir Path other) throws Exception {
        try (QuestDb db = QuestDb.open(other, true)) {
            db.execute("CREATE TABLE events (ts TIMESTAMP, asset SYMBOL, received TIMESTAMP, hash LONG, severity INT,"
                    + " type VARCHAR, message VARCHAR, data VARCHAR) TIMESTAMP(ts) PARTITION BY DAY TTL 90 DAYS WAL"
                    + " DEDUP UPSERT KEYS(ts, asset, hash)");
            db.execute("INSERT INTO events VALUES (" + NOON * 1000 + ", 'pump-1', " + NOON * 1000
                    + ", 7, 2, 'door', 'open', '{}')");
            db.awaitApplied(PATIENCE);
        }
        try (QuestDbStore store = QuestDbStore.open(other, Retention.STANDARD, true, CLOCK)) {
            store.append(List.of(door(NOON + 1, "shut")));
            store.awaitReadable(PATIENCE);
            assertThat(store.events(new TelemetryStore.TailQuery("pump", PUMP, 0, NOON + 10, null, null, null, 10)))
                    .extracting(Row.Happening::message)
                    .containsExactly("shut", "open");
        }
    }

    private static Row.Sample level(String asset, long ts, double level) {
        return new Row.Sample(ts, new AssetId(asset), "sensor", NOON, 1, 0, Metrics.of(Map.of("level", level)));
    }

    private static Row.Happening door(long ts, String message) {
        return new Row.Happening(ts, PUMP, "pump", NOON, 1, "door", Severity.WARN, message, "{}");
    }

    private static QuestDbStore lookingBack(Path folder, Duration lookback) {
        return QuestDbStore.open(
                QuestDb.open(folder, true), Retention.STANDARD, lookback, QuestDbStore.PACK_AFTER, CLOCK);
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("patience").isLessThan(end);
            Thread.sleep(20);
        }
    }
}
