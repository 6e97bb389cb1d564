package dev.muster.telemetry.questdb;

import static dev.muster.telemetry.questdb.Cells.micros;

import dev.muster.protocol.AssetId;
import dev.muster.telemetry.intake.Lateness;
import dev.muster.telemetry.store.SampleStore;
import dev.muster.telemetry.store.StoreUnavailableException;
import dev.muster.telemetry.store.TelemetryStore.Bucket;
import io.questdb.cairo.CairoError;
import io.questdb.cairo.CairoException;
import io.questdb.cairo.TableWriter;
import io.questdb.cairo.wal.WalWriter;
import io.questdb.std.str.Utf8String;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Samples of labelled series on QuestDB: {@code samples}, narrow, and {@code series}, in which a series stands once for each
 * day on which it was received, so that it goes with its last sample.
 */
final class SamplesTable implements SampleStore {
    private static final String SAMPLES = "samples";
    private static final String SERIES = "series";
    private static final long MICROS_PER_MILLI = 1000;

    private static final String LATE_SAMPLES = Names.late(SAMPLES);

    private static final Comparator<Sample> BY_KEY =
            Comparator.comparingLong(Sample::ts).thenComparingLong(Sample::series);

    private final QuestDb db;
    private final Lateness lateness;

    SamplesTable(QuestDb db, int days, Lateness lateness) {
        this.db = db;
        this.lateness = lateness;
        for (String table : List.of(SAMPLES, LATE_SAMPLES)) {
            db.execute("CREATE TABLE IF NOT EXISTS " + table
                    + " (ts TIMESTAMP, asset SYMBOL CAPACITY 4096, received TIMESTAMP, series LONG, value DOUBLE)"
                    + " TIMESTAMP(ts) PARTITION BY DAY TTL " + days + " DAYS WAL DEDUP UPSERT KEYS(ts, asset, series)");
        }
        db.execute("CREATE TABLE IF NOT EXISTS " + SERIES
                + " (ts TIMESTAMP, asset SYMBOL CAPACITY 4096, series LONG, name VARCHAR, labels VARCHAR, kind VARCHAR,"
                + " unit VARCHAR) TIMESTAMP(ts) PARTITION BY DAY TTL " + (days + 1)
                + " DAYS WAL DEDUP UPSERT KEYS(ts, asset, series)");
    }

    @Override
    public void append(List<Known> known, List<Sample> samples) {
        write(SERIES, known, (writer, each) -> {
            TableWriter.Row row = writer.newRow(micros(each.day()));
            row.putSym(1, each.asset().value());
            row.putLong(2, each.series());
            row.putVarchar(3, new Utf8String(each.name()));
            row.putVarchar(4, new Utf8String(each.labels()));
            row.putVarchar(5, new Utf8String(each.kind()));
            row.putVarchar(6, new Utf8String(each.unit()));
            row.append();
        });
        Map<Boolean, List<Sample>> late = samples.stream()
                .collect(Collectors.partitioningBy(each -> lateness.isOutOfOrder(each.ts(), each.receivedAt())));
        write(SAMPLES, late.getOrDefault(false, List.of()), SamplesTable::write);
        write(LATE_SAMPLES, late.getOrDefault(true, List.of()), SamplesTable::write);
    }

    private static void write(WalWriter writer, Sample each) {
        TableWriter.Row row = writer.newRow(micros(each.ts()));
        row.putSym(1, each.asset().value());
        row.putTimestamp(2, micros(each.receivedAt()));
        row.putLong(3, each.series());
        row.putDouble(4, each.value());
        row.append();
    }

    private <T> void write(String table, List<T> rows, BiConsumer<WalWriter, T> row) {
        if (rows.isEmpty()) {
            return;
        }
        try (WalWriter writer = db.writer(table)) {
            try {
                rows.forEach(each -> row.accept(writer, each));
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

    @Override
    public Map<AssetId, Map<Long, Long>> knownSince(long day) {
        Map<AssetId, Map<Long, Long>> known = new HashMap<>();
        db.query(
                "SELECT asset, series, max(ts) FROM " + SERIES + " WHERE ts >= :from",
                variables -> variables.setTimestamp("from", micros(day)),
                row -> known.computeIfAbsent(Cells.asset(row, 0), _ -> new HashMap<>())
                        .put(row.getLong(1), Cells.time(row, 2)));
        return known;
    }

    @Override
    public List<Known> series(AssetId asset, @Nullable String name, long sinceDay, int limit) {
        List<Known> found = new ArrayList<>();
        db.query(
                "SELECT max(ts), asset, series, name, labels, kind, unit FROM " + SERIES
                        + " WHERE asset = :asset AND ts >= :from" + (name == null ? "" : " AND name = :name")
                        + " GROUP BY asset, series, name, labels, kind, unit ORDER BY name, labels LIMIT " + limit,
                variables -> {
                    variables.setStr("asset", asset.value());
                    variables.setTimestamp("from", micros(sinceDay));
                    variables.setStr("name", name);
                },
                row -> found.add(new Known(
                        Cells.time(row, 0),
                        Cells.asset(row, 1),
                        row.getLong(2),
                        Cells.requireText(row, 3),
                        Cells.requireText(row, 4),
                        Cells.requireText(row, 5),
                        Cells.requireText(row, 6))));
        return found;
    }

    @Override
    public List<Sample> range(AssetId asset, Collection<Long> series, long from, long to, int limit) {
        List<Sample> found = new ArrayList<>();
        if (series.isEmpty()) {
            return found;
        }
        for (String table : List.of(SAMPLES, LATE_SAMPLES)) {
            db.query(
                    "SELECT ts, asset, received, series, value" + from(table, series) + " ORDER BY ts LIMIT " + limit,
                    variables -> {
                        variables.setStr("asset", asset.value());
                        variables.setTimestamp("from", micros(from));
                        variables.setTimestamp("to", micros(to));
                    },
                    row -> found.add(new Sample(
                            Cells.time(row, 0),
                            Cells.asset(row, 1),
                            Cells.time(row, 2),
                            row.getLong(3),
                            row.getDouble(4))));
        }
        return Union.of(found, BY_KEY, limit);
    }

    @Override
    public Map<Long, List<Bucket>> aggregate(
            AssetId asset, Collection<Long> series, long from, long to, Duration step) {
        Map<Long, List<Bucket>> found = new LinkedHashMap<>();
        if (series.isEmpty()) {
            return found;
        }
        long micros = step.toMillis() * MICROS_PER_MILLI;
        db.query(
                "SELECT series, ts / " + micros + " bucket, min(value), max(value), avg(value), last(value), count()"
                        + " FROM (SELECT * FROM (SELECT ts, series, value" + from(SAMPLES, series)
                        + " UNION SELECT ts, series, value" + from(LATE_SAMPLES, series)
                        + ") ORDER BY ts) GROUP BY series, bucket ORDER BY series, bucket",
                variables -> {
                    variables.setStr("asset", asset.value());
                    variables.setTimestamp("from", micros(from));
                    variables.setTimestamp("to", micros(to));
                },
                row -> found.computeIfAbsent(row.getLong(0), _ -> new ArrayList<>())
                        .add(new Bucket(
                                row.getLong(1) * step.toMillis(),
                                row.getDouble(2),
                                row.getDouble(3),
                                row.getDouble(4),
                                row.getDouble(5),
                                row.getLong(6))));
        return found;
    }

    private static String from(String table, Collection<Long> series) {
        return " FROM " + table + " WHERE asset = :asset AND ts >= :from AND ts < :to AND series IN ("
                + series.stream().map(String::valueOf).collect(Collectors.joining(", ")) + ")";
    }
}
