package dev.muster.telemetry.questdb;

import dev.muster.protocol.AssetId;
import dev.muster.protocol.MetricNames;
import dev.muster.protocol.Metrics;
import dev.muster.protocol.Severity;
import dev.muster.telemetry.store.MetricKind;
import dev.muster.telemetry.store.Retention;
import dev.muster.telemetry.store.Row;
import dev.muster.telemetry.store.StoreUnavailableException;
import dev.muster.telemetry.store.TelemetryStore;
import io.questdb.cairo.CairoError;
import io.questdb.cairo.CairoException;
import io.questdb.cairo.TableWriter;
import io.questdb.cairo.sql.Record;
import io.questdb.cairo.sql.TableRecordMetadata;
import io.questdb.cairo.wal.WalWriter;
import io.questdb.std.Numbers;
import io.questdb.std.str.StringSink;
import io.questdb.std.str.Utf8Sequence;
import io.questdb.std.str.Utf8String;
import io.questdb.std.str.Utf8s;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The telemetry store of one node, on embedded QuestDB.
 *
 * <p>Tables: {@code telemetry_<type>} (one wide table per asset type, a column per metric), {@code positions}, {@code
 * events}, {@code logs}. All are partitioned by day, keep their retention as TTL, and deduplicate by key. QuestDB replaces
 * the whole row of a key: the set of metric names is part of the key of telemetry, otherwise a second message of the same
 * moment with other metrics would erase those of the first.
 */
public final class QuestDbStore implements TelemetryStore {
    /** After a restart the newest values are read back this far; an asset silent for longer has none until it speaks. */
    public static final Duration LATEST_LOOKBACK = Duration.ofDays(2);

    private static final Duration LATEST_WAIT = Duration.ofSeconds(5);

    private static final String POSITIONS = "positions";
    private static final String EVENTS = "events";
    private static final String LOGS = "logs";

    private final QuestDb db;
    private final Retention retention;
    private final Map<String, TypeTable> types = new ConcurrentHashMap<>();
    private final Map<String, LatestValues> latest = new ConcurrentHashMap<>();
    private @Nullable LatestRestore restore;

    private QuestDbStore(QuestDb db, Retention retention) {
        this.db = db;
        this.retention = retention;
    }

    /** @param syncOnCommit false gives up what a commit promises; for measurements only */
    public static QuestDbStore open(Path folder, Retention retention, boolean syncOnCommit, Clock clock) {
        return open(QuestDb.open(folder, syncOnCommit), retention, LATEST_LOOKBACK, clock);
    }

    /** @param latestLookback how far back the newest values are looked for after a restart */
    static QuestDbStore open(QuestDb db, Retention retention, Duration latestLookback, Clock clock) {
        QuestDbStore store = new QuestDbStore(db, retention);
        try {
            store.createTables();
            store.loadTypes();
            store.restoreLatest(clock.millis(), latestLookback);
            return store;
        } catch (RuntimeException | Error e) {
            store.close();
            throw e;
        }
    }

    private void createTables() {
        db.execute("""
                CREATE TABLE IF NOT EXISTS positions (ts TIMESTAMP, asset SYMBOL CAPACITY 4096, received TIMESTAMP,
                lat DOUBLE, lon DOUBLE, alt DOUBLE, speed DOUBLE, heading DOUBLE, accuracy DOUBLE, fix VARCHAR)
                TIMESTAMP(ts) PARTITION BY DAY TTL %d DAYS WAL DEDUP UPSERT KEYS(ts, asset)""".formatted(retention.positionDays()));
        db.execute("""
                CREATE TABLE IF NOT EXISTS events (ts TIMESTAMP, asset SYMBOL CAPACITY 4096, received TIMESTAMP,
                hash LONG, severity INT, type VARCHAR, message VARCHAR, data VARCHAR)
                TIMESTAMP(ts) PARTITION BY DAY TTL %d DAYS WAL DEDUP UPSERT KEYS(ts, asset, hash)""".formatted(retention.eventDays()));
        db.execute("""
                CREATE TABLE IF NOT EXISTS logs (ts TIMESTAMP, asset SYMBOL CAPACITY 4096, received TIMESTAMP,
                hash LONG, severity INT, body VARCHAR, attributes VARCHAR)
                TIMESTAMP(ts) PARTITION BY DAY TTL %d DAYS WAL DEDUP UPSERT KEYS(ts, asset, hash)""".formatted(retention.logDays()));
    }

    private void loadTypes() {
        for (String table : db.tables()) {
            String type = Names.type(table);
            if (type != null) {
                TypeTable loaded = new TypeTable(type);
                loaded.load(db.columns(table));
                types.put(type, loaded);
            }
        }
    }

    /** Only what was committed before this start: later rows bring their values along. */
    private void restoreLatest(long now, Duration lookback) {
        List<TypeTable> tables = List.copyOf(types.values());
        restore = new LatestRestore(
                LatestRestore.slices(now, lookback),
                db.committedUntilNow(),
                slice -> tables.forEach(table -> loadLatest(table, slice)));
    }

    private void loadLatest(TypeTable table, LatestRestore.Slice slice) {
        Map<String, MetricKind> kinds = table.kinds();
        if (kinds.isEmpty()) {
            return;
        }
        List<String> metrics = List.copyOf(kinds.keySet());
        LatestValues values = latestOf(table.type);
        db.query(
                "SELECT ts, asset, " + columnList(table, metrics) + " FROM '" + table.name
                        + "' WHERE ts >= :from AND ts < :to LATEST ON ts PARTITION BY asset, names",
                variables -> {
                    variables.setTimestamp("from", micros(slice.from()));
                    variables.setTimestamp("to", slice.to() == Long.MAX_VALUE ? Long.MAX_VALUE : micros(slice.to()));
                },
                row -> values.put(
                        asset(row, 1), millis(row.getTimestamp(0)), Metrics.of(values(row, 2, metrics, kinds))));
    }

    @Override
    public Map<String, MetricKind> metrics(String type) {
        TypeTable table = types.get(type);
        return table == null ? Map.of() : table.kinds();
    }

    @Override
    public synchronized void declare(String type, Map<String, MetricKind> metrics) {
        TypeTable table = types.get(type);
        if (table == null) {
            table = new TypeTable(type);
            db.execute(table.create(retention.telemetryDays()));
            types.put(type, table);
        }
        for (Map.Entry<String, MetricKind> metric : metrics.entrySet()) {
            if (table.column(metric.getKey()) == null) {
                TypeTable.Column column = new TypeTable.Column(Names.column(metric.getKey()), metric.getValue());
                db.execute(table.add(column));
                table.add(metric.getKey(), column);
            }
        }
    }

    @Override
    public void append(List<? extends Row> rows) {
        Map<String, List<Row>> byTable = new LinkedHashMap<>();
        for (Row row : rows) {
            byTable.computeIfAbsent(tableOf(row), _ -> new ArrayList<>()).add(row);
        }
        byTable.forEach(this::appendTo);
        for (Row row : rows) {
            if (row instanceof Row.Sample sample) {
                latestOf(sample.type()).put(sample.asset(), sample.ts(), sample.values());
            }
        }
    }

    private String tableOf(Row row) {
        return switch (row) {
            case Row.Sample sample -> requireTable(sample.type()).name;
            case Row.Position _ -> POSITIONS;
            case Row.Happening _ -> EVENTS;
            case Row.LogLine _ -> LOGS;
        };
    }

    private TypeTable requireTable(String type) {
        TypeTable table = types.get(type);
        if (table == null) {
            throw new IllegalArgumentException("asset type " + type + " has no table: declare its metrics first");
        }
        return table;
    }

    private void appendTo(String table, List<Row> rows) {
        try (WalWriter writer = db.writer(table)) {
            try {
                Columns columns = new Columns(writer.getMetadata(), types.get(String.valueOf(Names.type(table))));
                for (Row row : rows) {
                    write(writer, columns, row);
                }
                // In sync mode this returns when the columns, the events and the sequencer's log are on disk.
                writer.commit();
            } catch (RuntimeException | Error e) {
                writer.rollback();
                throw e;
            }
        } catch (CairoException | CairoError e) {
            throw new StoreUnavailableException(
                    "cannot write " + rows.size() + " rows to questdb table " + table + ": " + e.getMessage(), e);
        }
        db.committed();
    }

    /** Where a table's columns are, looked up once per batch. */
    private static final class Columns {
        private final TableRecordMetadata metadata;
        private final @Nullable TypeTable table;
        private final Map<String, Integer> known = new HashMap<>();
        private final Map<MetricNames, MetricColumn[]> metrics = new HashMap<>();
        private MetricNames lastNames = MetricNames.NONE;
        private MetricColumn[] last = new MetricColumn[0];

        private Columns(TableRecordMetadata metadata, @Nullable TypeTable table) {
            this.metadata = metadata;
            this.table = table;
        }

        private int of(String column) {
            Integer index = known.get(column);
            if (index == null) {
                index = metadata.getColumnIndex(column);
                known.put(column, index);
            }
            return index;
        }

        /** In the order of the names. */
        private MetricColumn[] of(MetricNames names) {
            if (names != lastNames) {
                last = metrics.computeIfAbsent(names, this::find);
                lastNames = names;
            }
            return last;
        }

        private MetricColumn[] find(MetricNames names) {
            MetricColumn[] found = new MetricColumn[names.size()];
            for (int i = 0; i < found.length; i++) {
                TypeTable.Column column = Objects.requireNonNull(table).column(names.name(i));
                if (column == null) {
                    throw new IllegalArgumentException(
                            "metric " + names.name(i) + " of asset type " + table.type + " is not declared");
                }
                found[i] = new MetricColumn(metadata.getColumnIndex(column.name()), column.kind());
            }
            return found;
        }
    }

    private record MetricColumn(int index, MetricKind kind) {}

    private void write(WalWriter writer, Columns columns, Row row) {
        TableWriter.Row written = writer.newRow(micros(row.ts()));
        written.putSym(columns.of("asset"), row.asset().value());
        written.putTimestamp(columns.of("received"), micros(row.receivedAt()));
        switch (row) {
            case Row.Sample sample -> writeSample(written, columns, sample);
            case Row.Position position -> writePosition(written, columns, position);
            case Row.Happening happening -> {
                written.putLong(columns.of("hash"), happening.hash());
                written.putInt(columns.of("severity"), happening.severity().ordinal());
                putText(written, columns.of("type"), happening.type());
                putText(written, columns.of("message"), happening.message());
                putText(written, columns.of("data"), happening.data());
            }
            case Row.LogLine line -> {
                written.putLong(columns.of("hash"), line.hash());
                written.putInt(columns.of("severity"), line.severity().ordinal());
                putText(written, columns.of("body"), line.body());
                putText(written, columns.of("attributes"), line.attributes());
            }
        }
        written.append();
    }

    private static void writeSample(TableWriter.Row written, Columns columns, Row.Sample sample) {
        written.putLong(columns.of("names"), sample.names());
        written.putLong(columns.of("tie"), sample.tie());
        Metrics values = sample.values();
        MetricColumn[] metrics = columns.of(values.names());
        for (int i = 0; i < metrics.length; i++) {
            MetricColumn column = metrics[i];
            Object other = values.other(i);
            MetricKind kind = other == null ? MetricKind.NUMBER : MetricKind.of(other);
            if (kind != column.kind()) {
                throw new IllegalArgumentException("metric " + values.names().name(i) + " of asset type "
                        + sample.type() + " is stored as " + column.kind().wire() + ", not as " + kind.wire());
            }
            switch (other) {
                case null -> written.putDouble(column.index(), values.number(i));
                case Number number -> written.putDouble(column.index(), number.doubleValue());
                case Boolean truth -> written.putInt(column.index(), truth ? 1 : 0);
                default -> putText(written, column.index(), other.toString());
            }
        }
    }

    private static void writePosition(TableWriter.Row written, Columns columns, Row.Position position) {
        written.putDouble(columns.of("lat"), position.lat());
        written.putDouble(columns.of("lon"), position.lon());
        putNumber(written, columns.of("alt"), position.alt());
        putNumber(written, columns.of("speed"), position.speed());
        putNumber(written, columns.of("heading"), position.heading());
        putNumber(written, columns.of("accuracy"), position.accuracy());
        putText(written, columns.of("fix"), position.fix());
    }

    private static void putNumber(TableWriter.Row written, int column, @Nullable Double value) {
        if (value != null) {
            written.putDouble(column, value);
        }
    }

    private static void putText(TableWriter.Row written, int column, @Nullable String text) {
        if (text != null) {
            written.putVarchar(column, new Utf8String(text));
        }
    }

    @Override
    public List<Reading> range(SeriesQuery query, int limit) {
        TypeTable table = types.get(query.type());
        List<String> metrics = stored(table, query.metrics());
        List<Reading> readings = new ArrayList<>();
        if (table == null || metrics.isEmpty()) {
            return readings;
        }
        Map<String, MetricKind> kinds = table.kinds();
        String present = String.join(
                " OR ",
                metrics.stream()
                        .map(metric -> quoted(table, metric) + " IS NOT NULL")
                        .toList());
        db.query(
                "SELECT ts, " + columnList(table, metrics) + " FROM '" + table.name
                        + "' WHERE asset = :asset AND ts >= :from AND ts < :to AND (" + present + ") ORDER BY ts LIMIT "
                        + limit,
                range(query),
                row -> readings.add(new Reading(millis(row.getTimestamp(0)), values(row, 1, metrics, kinds))));
        return readings;
    }

    @Override
    public Map<String, List<Bucket>> aggregate(SeriesQuery query, Duration step) {
        TypeTable table = types.get(query.type());
        Map<String, List<Bucket>> buckets = new LinkedHashMap<>();
        for (String metric : stored(table, query.metrics())) {
            List<Bucket> series = new ArrayList<>();
            TypeTable.Column column =
                    Objects.requireNonNull(Objects.requireNonNull(table).column(metric));
            String name = quoted(table, metric);
            boolean text = column.kind() == MetricKind.TEXT;
            db.query(
                    "SELECT timestamp_floor('" + step.toMillis() + "T', ts) step, count(" + name + "), last_not_null("
                            + name + ")"
                            + (text ? "" : ", min(" + name + "), max(" + name + "), avg(" + name + ")")
                            + " FROM '" + table.name + "' WHERE asset = :asset AND ts >= :from AND ts < :to AND " + name
                            + " IS NOT NULL GROUP BY step ORDER BY step",
                    range(query),
                    row -> series.add(bucket(row, column.kind())));
            buckets.put(metric, series);
        }
        return buckets;
    }

    private static Bucket bucket(Record row, MetricKind kind) {
        long ts = millis(row.getTimestamp(0));
        long count = row.getLong(1);
        Object last = value(row, 2, kind);
        return switch (kind) {
            case TEXT -> new Bucket(ts, null, null, null, last, count);
            case NUMBER -> new Bucket(ts, row.getDouble(3), row.getDouble(4), row.getDouble(5), last, count);
            case BOOLEAN ->
                new Bucket(ts, (double) row.getInt(3), (double) row.getInt(4), row.getDouble(5), last, count);
        };
    }

    @Override
    public Map<AssetId, Map<String, Value>> latest(
            String type, Collection<AssetId> assets, Collection<String> metrics) {
        awaitNewest();
        LatestValues values = latest.get(type);
        return values == null ? Map.of() : values.of(assets, metrics);
    }

    /** After a restart an answer without the assets that speak all the time would be worse than a moment's wait. */
    private void awaitNewest() {
        try {
            if (restore != null && !restore.awaitNewest(LATEST_WAIT)) {
                throw new StoreUnavailableException(
                        "the newest values are being read back after a restart; ask again in a moment");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreUnavailableException("interrupted while newest values are read back after a restart", e);
        }
    }

    @Override
    public List<Row.LogLine> logs(TailQuery query) {
        return newestFirst(
                query,
                LOGS,
                "ts, asset, received, hash, severity, body, attributes",
                "body",
                row -> new Row.LogLine(
                        millis(row.getTimestamp(0)),
                        asset(row, 1),
                        millis(row.getTimestamp(2)),
                        row.getLong(3),
                        Severity.values()[row.getInt(4)],
                        requireText(row, 5),
                        requireText(row, 6)),
                Row.LogLine::hash);
    }

    @Override
    public List<Row.Happening> events(TailQuery query) {
        return newestFirst(
                query,
                EVENTS,
                "ts, asset, received, hash, severity, type, message, data",
                "concat(type, ' ', message)",
                row -> new Row.Happening(
                        millis(row.getTimestamp(0)),
                        asset(row, 1),
                        millis(row.getTimestamp(2)),
                        row.getLong(3),
                        requireText(row, 5),
                        Severity.values()[row.getInt(4)],
                        text(row, 6),
                        requireText(row, 7)),
                Row.Happening::hash);
    }

    @Override
    public List<Row.Position> positions(TailQuery query) {
        return newestFirst(
                query,
                POSITIONS,
                "ts, asset, received, lat, lon, alt, speed, heading, accuracy, fix",
                null,
                row -> new Row.Position(
                        millis(row.getTimestamp(0)),
                        asset(row, 1),
                        millis(row.getTimestamp(2)),
                        row.getDouble(3),
                        row.getDouble(4),
                        number(row, 5),
                        number(row, 6),
                        number(row, 7),
                        number(row, 8),
                        text(row, 9)),
                null);
    }

    @FunctionalInterface
    private interface RowMaker<R extends Row> {
        R make(Record row);
    }

    @FunctionalInterface
    private interface KeyOf<R extends Row> {
        long hash(R row);
    }

    /**
     * A page, newest first, then by hash. Only {@code ORDER BY ts DESC LIMIT} stops reading early, a second sort key would
     * read all rows of the asset: so the rows of the moments at both ends of the page are asked for by themselves.
     *
     * @param hashOf null where time and asset are the whole key
     */
    private <R extends Row> List<R> newestFirst(
            TailQuery query,
            String table,
            String columns,
            @Nullable String searched,
            RowMaker<R> maker,
            @Nullable KeyOf<R> hashOf) {
        String filter = " FROM " + table + " WHERE asset = :asset"
                + (query.atLeast() == null
                        ? ""
                        : " AND severity >= " + query.atLeast().ordinal())
                + (query.containing() == null || searched == null
                        ? ""
                        : " AND strpos(lower(" + searched + "), :text) > 0");
        Cursor before = query.before();
        List<R> found = new ArrayList<>();
        long to = query.to();
        if (before != null && before.ts() < to) {
            to = before.ts();
            if (hashOf != null) {
                select(
                        query,
                        "SELECT " + columns + filter + " AND ts = :from AND hash < :hash ORDER BY hash DESC LIMIT "
                                + query.limit(),
                        before.ts(),
                        before.ts(),
                        before.hash(),
                        maker,
                        found);
            }
        }
        int room = query.limit() - found.size();
        if (room > 0 && query.from() < to) {
            List<R> older = new ArrayList<>();
            select(
                    query,
                    "SELECT " + columns + filter + " AND ts >= :from AND ts < :to ORDER BY ts DESC LIMIT " + room,
                    query.from(),
                    to,
                    0,
                    maker,
                    older);
            if (hashOf != null && older.size() == room) {
                long oldest = older.getLast().ts();
                older.removeIf(row -> row.ts() == oldest);
                select(
                        query,
                        "SELECT " + columns + filter + " AND ts = :from ORDER BY hash DESC LIMIT "
                                + (room - older.size()),
                        oldest,
                        oldest,
                        0,
                        maker,
                        older);
            }
            if (hashOf != null) {
                older.sort(Comparator.comparingLong((R row) -> row.ts())
                        .thenComparingLong(hashOf::hash)
                        .reversed());
            }
            found.addAll(older);
        }
        return found;
    }

    private <R extends Row> void select(
            TailQuery query, String sql, long from, long to, long hash, RowMaker<R> maker, List<R> into) {
        db.query(
                sql,
                variables -> {
                    variables.setStr("asset", query.asset().value());
                    variables.setTimestamp("from", micros(from));
                    variables.setTimestamp("to", micros(to));
                    variables.setLong("hash", hash);
                    variables.setStr("text", query.containing() == null ? "" : lower(query.containing()));
                },
                row -> into.add(maker.make(row)));
    }

    private static String lower(String text) {
        return text.toLowerCase(java.util.Locale.ROOT);
    }

    private static QuestDb.Binder range(SeriesQuery query) {
        return variables -> {
            variables.setStr("asset", query.asset().value());
            variables.setTimestamp("from", micros(query.from()));
            variables.setTimestamp("to", micros(query.to()));
        };
    }

    private static List<String> stored(@Nullable TypeTable table, List<String> metrics) {
        return table == null
                ? List.of()
                : metrics.stream()
                        .distinct()
                        .filter(metric -> table.column(metric) != null)
                        .toList();
    }

    private static String columnList(TypeTable table, List<String> metrics) {
        return String.join(
                ", ", metrics.stream().map(metric -> quoted(table, metric)).toList());
    }

    private static String quoted(TypeTable table, String metric) {
        return '"' + Objects.requireNonNull(table.column(metric)).name() + '"';
    }

    private static Map<String, Object> values(
            Record row, int first, List<String> metrics, Map<String, MetricKind> kinds) {
        Map<String, Object> values = new LinkedHashMap<>();
        for (int i = 0; i < metrics.size(); i++) {
            String metric = metrics.get(i);
            Object value = value(row, first + i, Objects.requireNonNull(kinds.get(metric)));
            if (value != null) {
                values.put(metric, value);
            }
        }
        return values;
    }

    private static @Nullable Object value(Record row, int column, MetricKind kind) {
        return switch (kind) {
            case NUMBER -> number(row, column);
            case TEXT -> text(row, column);
            case BOOLEAN -> {
                int truth = row.getInt(column);
                yield truth == Numbers.INT_NULL ? null : truth == 1;
            }
        };
    }

    private static @Nullable Double number(Record row, int column) {
        double number = row.getDouble(column);
        return Double.isNaN(number) ? null : (Double) number;
    }

    private static @Nullable String text(Record row, int column) {
        Utf8Sequence text = row.getVarcharA(column);
        if (text == null) {
            return null;
        }
        StringSink sink = new StringSink();
        Utf8s.utf8ToUtf16(text, sink);
        return sink.toString();
    }

    private static String requireText(Record row, int column) {
        return Objects.requireNonNullElse(text(row, column), "");
    }

    private static AssetId asset(Record row, int column) {
        return new AssetId(row.getSymA(column).toString());
    }

    private static long micros(long millis) {
        return Math.multiplyExact(millis, 1000L);
    }

    private static long millis(long micros) {
        return Math.floorDiv(micros, 1000L);
    }

    private LatestValues latestOf(String type) {
        return latest.computeIfAbsent(type, _ -> new LatestValues());
    }

    /** Commits that cannot be read yet. */
    public double unapplied() {
        return db.unapplied();
    }

    @Override
    public Optional<String> problem() {
        return db.problem();
    }

    @Override
    public void awaitReadable(Duration atMost) throws InterruptedException {
        db.awaitApplied(atMost);
    }

    /** Whether the newest values of before the restart are still being read back. */
    public boolean isRestoringLatest() {
        return restore != null && !restore.done();
    }

    void awaitLatestRestored(Duration atMost) throws InterruptedException {
        if (restore != null && !restore.awaitAll(atMost)) {
            throw new StoreUnavailableException("the newest values are not read back after " + atMost);
        }
    }

    @Override
    public void close() {
        if (restore != null) {
            restore.close();
        }
        db.close();
    }
}
