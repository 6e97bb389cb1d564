package dev.muster.telemetry.questdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.protocol.AssetId;
import dev.muster.protocol.Metrics;
import dev.muster.protocol.Severity;
import dev.muster.telemetry.store.GroupSums;
import dev.muster.telemetry.store.MetricKind;
import dev.muster.telemetry.store.Retention;
import dev.muster.telemetry.store.Row;
import dev.muster.telemetry.store.StoreUnavailableException;
import dev.muster.telemetry.store.TelemetryStore;
import dev.muster.telemetry.store.TelemetryStore.SeriesQuery;
import dev.muster.telemetry.store.TelemetryStore.SliceQuery;
import dev.muster.telemetry.store.TelemetryStore.TailQuery;
import io.questdb.std.str.LPSZ;
import io.questdb.std.str.Utf8s;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.FileSystemUtils;

class PackingTest {
    private static final long NOON = 1_795_435_200_000L;
    private static final long HOUR = 3_600_000;
    private static final long DAY = 24 * HOUR;
    private static final Instant NOW = Instant.ofEpochMilli(NOON);
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final List<AssetId> ASSETS =
            List.of(new AssetId("pump-1"), new AssetId("pump-2"), new AssetId("pump-3"));
    private static final List<String> METRICS = List.of("level", "open", "mode", "rare", "later");

    private static final Pattern DECIMAL = Pattern.compile("\\d+\\.\\d+");

    @TempDir
    Path folder = Path.of(".");

    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);
    private boolean later;
    private List<Row> newest = List.of();

    private static QuestDbStore open(Path folder, StoreFiles files) {
        return QuestDbStore.open(
                QuestDb.open(new EngineSettings(folder, false, files)),
                Retention.STANDARD,
                Duration.ofDays(20),
                Duration.ofDays(1),
                Clock.fixed(NOW, ZoneOffset.UTC));
    }

    private Row.Sample sample(long ts) {
        Map<String, Object> values = new HashMap<>();
        values.put("level", random.nextInt(1000) / 10.0);
        if (later && random.nextBoolean()) {
            values.put("later", random.nextDouble());
        }
        if (random.nextBoolean()) {
            values.put("open", random.nextBoolean());
        }
        if (random.nextInt(3) > 0) {
            values.put("mode", random.nextInt(10) == 0 ? "" : "mode \u00e4 " + random.nextInt(5));
        }
        return new Row.Sample(
                ts,
                ASSETS.get(random.nextInt(3)),
                "pump",
                ts + 5,
                values.keySet().hashCode(),
                0,
                Metrics.of(values));
    }

    private List<Row> day(long start) {
        List<Row> rows = new ArrayList<>();
        for (long ts = start; ts < start + 6 * HOUR; ts += 200_000 + random.nextInt(200_000)) {
            rows.add(sample(ts));
        }
        AssetId asset = ASSETS.getFirst();
        for (long ts = start; ts < start + DAY; ts += HOUR) {
            rows.add(new Row.Position(ts, asset, "pump", ts, random.nextDouble(), 2, null, 4.5, null, null, "3d"));
            rows.add(new Row.Happening(ts, asset, "pump", ts, ts, "door", Severity.WARN, "open", "{}"));
            rows.add(new Row.LogLine(ts, asset, "pump", ts, ts, Severity.INFO, "line " + ts, "{\"a\":1}"));
        }
        return rows;
    }

    private void fill(QuestDbStore store, int days) throws InterruptedException {
        store.declare("pump", Map.of("level", MetricKind.NUMBER, "open", MetricKind.BOOLEAN, "mode", MetricKind.TEXT));
        long today = NOON - 12 * HOUR;
        for (int day = days; day >= 0; day--) {
            newest = day(today - day * DAY);
            store.append(newest);
            if (day == days) {
                store.declare("pump", Map.of("rare", MetricKind.NUMBER)); // a column that the first day does not have
            }
        }
        store.appendLate(List.of(sample(today - 2 * DAY + 7), sample(today - DAY + 7)));
        store.awaitReadable(SOON);
    }

    /** All questions, over all days. */
    private static Map<String, Object> answers(TelemetryStore store) {
        long from = NOON - 10 * DAY;
        long to = NOON + DAY;
        Map<String, Object> answers = new LinkedHashMap<>();
        for (AssetId asset : ASSETS) {
            SeriesQuery query = new SeriesQuery("pump", asset, METRICS, from, to);
            answers.put("readings of " + asset, store.range(query, 100_000));
            answers.put("half hours of " + asset, steps(store, query, Duration.ofSeconds(1790)));
            answers.put("hours of " + asset, steps(store, query, Duration.ofHours(1)));
        }
        answers.put(
                "slice", store.slice(new SliceQuery("pump", METRICS, from, to), Set.of("pump-1", "pump-3"), 1_000_000));
        GroupSums sums = new GroupSums(1, from, to, Duration.ofDays(1));
        store.sum("pump", "level", Map.of("pump-1", 0, "pump-2", 0), from, to, sums);
        answers.put("sums", sums.points(0));
        TailQuery tail = new TailQuery("pump", ASSETS.getFirst(), from, to, null, null, null, 10_000);
        answers.put("positions", store.positions(tail));
        answers.put("events", store.events(tail));
        answers.put("logs", store.logs(tail));
        answers.put("latest", store.latest("pump", ASSETS, List.of()));
        return answers;
    }

    private static Map<String, List<TelemetryStore.Bucket>> steps(
            TelemetryStore store, SeriesQuery query, Duration step) {
        Map<String, List<TelemetryStore.Bucket>> steps = new HashMap<>(store.aggregate(query, step));
        steps.values().removeIf(List::isEmpty);
        return steps;
    }

    @Test
    void packedDaysAnswerAsBeforeAndTakeLaterRowsAsOthersDo() throws Exception {
        Map<String, Object> before;
        try (QuestDbStore store = open(folder, new StoreFiles())) {
            fill(store, 2);
            store.sumUp(NOON);
            store.awaitReadable(SOON);
            before = answers(store);

            assertThat(store.pack(NOW)).isTrue();

            // One day is past the horizon: its metrics, positions, events, logs and minutes.
            assertThat(store.packed().days()).isEqualTo(5);
            assertThat(store.packed().failures()).isZero();
            assertThat(store.packed().bytesAfter()).isLessThan(store.packed().bytesBefore());
            assertThat(answers(store)).as("seed %d", seed).isEqualTo(before);
            assertThat(parquetFiles(folder)).hasSize(5);
            assertThat(store.pack(NOW)).isTrue();
            assertThat(store.packed().days()).as("packed once").isEqualTo(5);
        }
        try (QuestDbStore store = open(folder, new StoreFiles())) {
            store.awaitLatestRestored(SOON);
            assertThat(answers(store)).as("after a restart, seed %d", seed).isEqualTo(before);

            store.declare("pump", Map.of("later", MetricKind.NUMBER)); // which no packed day has
            assertThat(answers(store)).as("a metric came, seed %d", seed).isEqualTo(before);
            store.append(newest); // of a journal that is read again
            store.awaitReadable(SOON);
            assertThat(rounded(answers(store))).as("came again, seed %d", seed).isEqualTo(rounded(before));
            later = true;
            List<Row> today = day(NOON - 10 * HOUR);
            store.append(today);
            store.awaitReadable(SOON);
            before = answers(store);
            assertThat(before.toString()).contains("later=");
            // A backlog of a week, of which some came before; and rows of a journal that was not read for days.
            long old = NOON - 2 * DAY + 3;
            List<Row> late = new ArrayList<>(day(old));
            List<Row> unread = new ArrayList<>(day(old + 1));
            store.append(unread);
            store.append(unread);
            store.appendLate(late);
            store.appendLate(late.subList(0, 10));
            store.appendLate(unread.subList(0, 10));
            store.awaitReadable(SOON);
            assertThat(count(answers(store), "readings of"))
                    .isEqualTo(count(before, "readings of") + samples(late) + samples(unread));
            assertThat(count(answers(store), "logs")).isEqualTo(count(before, "logs") + 48);
            Map<String, Object> with = answers(store);
            store.sumUp(NOON);
            store.awaitReadable(SOON);
            assertThat(rounded(answers(store))).as("seed %d", seed).isEqualTo(rounded(with));
        }
        try (QuestDbStore store = open(folder, new StoreFiles())) {
            store.retain("pump", new Retention(1, 1, 1, 1, 1, 1));
            store.expire(NOW);
            store.awaitReadable(SOON);
            assertThat(store.range(
                            new SeriesQuery("pump", ASSETS.getFirst(), METRICS, NOON - 10 * DAY, NOON - 2 * DAY), 10))
                    .isEmpty();
            assertThat(store.pack(NOW)).isTrue();
            Map<String, Object> left = answers(store);
            store.expire(NOW.plus(Duration.ofDays(3)));
            store.awaitReadable(SOON);
            store.expire(NOW.plus(Duration.ofDays(3)));
            store.expire(NOW.plus(Duration.ofDays(3)));
            assertThat(store.db().tables())
                    .as("empty generations go")
                    .doesNotContain("telemetry_pump")
                    .contains("telemetry2_pump");
            assertThat(left.toString()).contains("later=");
        }
        try (QuestDbStore store = open(folder, new StoreFiles())) {
            store.append(List.of(sample(NOON + 5)));
            store.awaitReadable(SOON);
            assertThat(count(answers(store), "readings of")).isPositive();
        }
    }

    private static long samples(List<Row> rows) {
        return rows.stream().filter(Row.Sample.class::isInstance).count();
    }

    private static long count(Map<String, Object> answers, String beginning) {
        return answers.entrySet().stream()
                .filter(entry -> entry.getKey().startsWith(beginning))
                .mapToLong(entry -> ((List<?>) entry.getValue()).size())
                .sum();
    }

    /** Sums in another order differ in their last digits. */
    private static List<String> rounded(Map<String, Object> answers) {
        return answers.entrySet().stream()
                .map(answer -> answer.getKey() + " "
                        + DECIMAL.matcher(String.valueOf(answer.getValue()))
                                .replaceAll(number -> "%.6f".formatted(Double.parseDouble(number.group()))))
                .toList();
    }

    @Test
    void aDayWhoseParquetIsDamagedStaysAsItWasAndIsLeftAloneForAWeek() throws Exception {
        Damaging files = new Damaging();
        try (QuestDbStore store = open(folder, files)) {
            fill(store, 2);
            Map<String, Object> before = answers(store);
            files.places = random.doubles(40).toArray();

            assertThat(store.pack(NOW)).isTrue();

            assertThat(files.damaged).isPositive();
            assertThat(store.packed()).as("seed %d", seed).isEqualTo(new Packing.Counts(0, files.damaged, 0, 0));
            assertThat(parquetFiles(folder)).isEmpty();
            assertThat(answers(store)).as("seed %d", seed).isEqualTo(before);

            files.places = new double[0];
            store.awaitReadable(SOON);
            assertThat(store.pack(NOW.plus(Duration.ofHours(1)))).isTrue();
            assertThat(store.packed().days()).isZero();
            store.append(List.of(sample(NOON + 1)));
            store.awaitReadable(SOON);
            assertThat(store.problem()).isEmpty();
            assertThat(store.pack(NOW.plus(Packing.AGAIN))).isTrue();
            assertThat(store.packed().days()).isPositive();
        }
    }

    /** Readable, and of another day. */
    @Test
    void aDayIsNotPackedIntoAFileThatHoldsOtherValues() throws Exception {
        Map<Path, byte[]> first = new HashMap<>();
        StoreFiles swapping = new StoreFiles() {
            @Override
            public long length(LPSZ name) {
                Path file = Path.of(Utf8s.stringFromUtf8Bytes(name));
                if (file.endsWith("data.parquet")) {
                    Path table = Objects.requireNonNull(file.getParent()).getParent();
                    try {
                        byte[] earlier = first.putIfAbsent(Objects.requireNonNull(table), Files.readAllBytes(file));
                        if (earlier != null) {
                            Files.write(file, earlier);
                        }
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                }
                return super.length(name);
            }
        };
        try (QuestDbStore store = open(folder, swapping)) {
            fill(store, 2);
            Map<String, Object> before = answers(store);

            assertThat(store.pack(NOW.plus(Duration.ofDays(1)))).isTrue();

            store.awaitReadable(SOON);
            assertThat(store.packed().days()).isEqualTo(4);
            assertThat(store.packed().failures()).isEqualTo(4);
            List<String> reasons = new ArrayList<>();
            store.db()
                    .query(
                            "SELECT reason FROM packing WHERE ends = 3",
                            Queries.Binder.NONE,
                            row -> reasons.add(Cells.requireText(row, 0)));
            assertThat(reasons)
                    .hasSize(4)
                    .allSatisfy(reason -> assertThat(reason).contains("another value in row 0, column ts"));
            assertThat(answers(store)).as("seed %d", seed).isEqualTo(before);
        }
    }

    /** Where in a file a byte is turned over when it is whole, from 0 to 1. */
    private static final class Damaging extends StoreFiles {
        private double[] places = new double[0];
        private long damaged;

        @Override
        public long length(LPSZ name) {
            String file = Utf8s.stringFromUtf8Bytes(name);
            if (file.endsWith("data.parquet") && places.length > 0) {
                damaged++;
                try (RandomAccessFile bytes = new RandomAccessFile(file, "rw")) {
                    for (double place : places) {
                        long at = (long) (place * (bytes.length() - 20)) + 4;
                        bytes.seek(at);
                        int value = bytes.read();
                        bytes.seek(at);
                        bytes.write(value ^ 0x55);
                    }
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
            return super.length(name);
        }
    }

    @Test
    void aDayThatEndsTheProcessThreeTimesIsLeftAlone() throws Exception {
        AtomicInteger tries = new AtomicInteger();
        StoreFiles ending = new StoreFiles() {
            @Override
            public long length(LPSZ name) {
                if (Utf8s.stringFromUtf8Bytes(name).endsWith("data.parquet")) {
                    tries.incrementAndGet();
                    throw new IllegalStateException("as if it ended here");
                }
                return super.length(name);
            }
        };
        try (QuestDbStore store = open(folder, ending)) {
            long old = NOON - 5 * DAY;
            store.append(
                    List.of(new Row.Position(old, ASSETS.getFirst(), "pump", old, 1, 2, null, null, null, null, "3d")));
            for (int round = 1; round <= 3; round++) {
                store.awaitReadable(SOON);
                assertThatThrownBy(() -> store.pack(NOW)).hasMessage("as if it ended here");
            }
            store.awaitReadable(SOON);
            assertThat(store.pack(NOW)).isTrue();
            assertThat(tries).hasValue(3);
            assertThat(store.positions(new TailQuery("pump", ASSETS.getFirst(), 0, NOON, null, null, null, 10)))
                    .hasSize(1);
        }
    }

    /** The first moment is before the day is packed, which happens while the files are copied; the second is after it. */
    @Test
    void aBackupHoldsWhatItsMomentHeldWhetherADayWasPackedOrNot() throws Exception {
        Path live = folder.resolve("live/questdb");
        Path first = folder.resolve("first/questdb");
        Path second = folder.resolve("second/questdb");
        Map<String, Object> before;
        try (QuestDbStore store = open(Files.createDirectories(live), new StoreFiles())) {
            fill(store, 2);
            before = answers(store);
            try (QuestDbCheckpoint _ = store.checkpoint()) {
                store.pack(NOW);
                store.append(List.of(sample(NOON + 1)));
                store.awaitReadable(SOON);
                FileSystemUtils.copyRecursively(
                        Objects.requireNonNull(live.getParent()), Objects.requireNonNull(first.getParent()));
            }
            assertThat(parquetFiles(live)).isNotEmpty();
        }
        assertThat(recovered(first)).as("seed %d", seed).isEqualTo(before);
        try (QuestDbStore store = open(live, new StoreFiles())) {
            store.awaitLatestRestored(SOON);
            before = answers(store);
            try (QuestDbCheckpoint _ = store.checkpoint()) {
                FileSystemUtils.copyRecursively(
                        Objects.requireNonNull(live.getParent()), Objects.requireNonNull(second.getParent()));
            }
        }
        assertThat(recovered(second)).as("seed %d", seed).isEqualTo(before);
        assertThat(parquetFiles(second)).isNotEmpty();
    }

    private static Map<String, Object> recovered(Path questdb) throws Exception {
        QuestDbCheckpoint.recover(questdb);
        try (QuestDbStore store = open(questdb, new StoreFiles())) {
            store.awaitReadable(SOON);
            store.awaitLatestRestored(SOON);
            Map<String, Object> answers = answers(store);
            store.pack(NOW);
            store.awaitReadable(SOON);
            assertThat(answers(store)).as("packed after the restoration").isEqualTo(answers);
            return answers;
        }
    }

    /** Before each change of a file that QuestDB makes for it. */
    @Test
    void killedWhileItPacksADayIsThereAndIsPackedAfterwards() throws Exception {
        int change = 0;
        while (killed(change)) {
            change++;
        }
        System.out.println(change + " changes of files pack two days");
        assertThat(change).isGreaterThan(3);
    }

    private boolean killed(int change) throws Exception {
        Path dying = Files.createDirectory(folder.resolve("dies-" + change));
        Path left = folder.resolve("left-" + change);
        DyingFiles files = new DyingFiles();
        boolean died;
        Optional<Packer.Packed> whole = Optional.empty();
        LocalDate day = LocalDate.ofInstant(NOW, ZoneOffset.UTC).minusDays(5);
        try (QuestDb db = QuestDb.open(new EngineSettings(dying, false, files))) {
            db.execute(
                    "CREATE TABLE doors (ts TIMESTAMP, asset SYMBOL INDEX, open INT) TIMESTAMP(ts) PARTITION BY DAY WAL"
                            + " DEDUP UPSERT KEYS(ts, asset)");
            for (int i = 0; i < 3; i++) {
                db.execute("INSERT INTO doors SELECT timestamp_sequence('" + day.plusDays(i)
                        + "T00:00:00Z', 600000000), 'door-' || (x % 3), x::INT FROM long_sequence(100)");
            }
            db.awaitApplied(SOON);
            files.dieAfter(change);
            try {
                whole = db.packer().pack("doors", day, () -> true);
            } catch (StoreUnavailableException e) {
                assertThat(files.dead()).as("died of %s", e).isTrue();
            }
            died = files.dead();
            FileSystemUtils.copyRecursively(dying, left);
            files.live();
        }
        try (QuestDb db = QuestDb.open(new EngineSettings(left, false, new StoreFiles()))) {
            assertThat(sum(db)).as("killed before change %d", change).isEqualTo(3 * 5050);
            Optional<Packer.Packed> packed = db.packer().pack("doors", day, () -> true);
            assertThat(whole.isPresent() && packed.isPresent())
                    .as("packed twice, killed before change %d", change)
                    .isFalse();
            assertThat(db.packer().unpacked("doors")).containsExactly(day.plusDays(1), day.plusDays(2));
            db.execute("INSERT INTO doors VALUES ('" + day + "T00:00:01Z', 'door-9', 1)");
            db.awaitApplied(SOON);
            assertThat(sum(db)).isEqualTo(3 * 5050 + 1);
        }
        return died;
    }

    private static long sum(QuestDb db) {
        List<Long> sums = new ArrayList<>();
        db.query("SELECT sum(open) FROM doors", Queries.Binder.NONE, row -> sums.add(row.getLong(0)));
        return sums.getFirst();
    }

    private static List<Path> parquetFiles(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.endsWith("data.parquet")).toList();
        }
    }
}
