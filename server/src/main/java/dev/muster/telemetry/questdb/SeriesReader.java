package dev.muster.telemetry.questdb;

import static dev.muster.telemetry.questdb.Cells.micros;

import dev.muster.telemetry.store.MetricKind;
import dev.muster.telemetry.store.TelemetryStore.Bucket;
import dev.muster.telemetry.store.TelemetryStore.Reading;
import dev.muster.telemetry.store.TelemetryStore.SeriesQuery;
import io.questdb.cairo.sql.Record;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads metrics of one asset, as they came or summed up by steps. */
final class SeriesReader {
    private final QuestDb db;
    private final Tables tables;

    SeriesReader(QuestDb db, Tables tables) {
        this.db = db;
        this.tables = tables;
    }

    List<Reading> range(SeriesQuery query, int limit) {
        TypeTable table = tables.type(query.type());
        List<String> metrics = stored(table, query.metrics());
        if (table == null || metrics.isEmpty()) {
            return List.of();
        }
        Map<String, MetricKind> kinds = table.kinds();
        String present = String.join(
                " OR ",
                metrics.stream()
                        .map(metric -> table.quoted(metric) + " IS NOT NULL")
                        .toList());
        List<Keyed> found = new ArrayList<>();
        List<String> names = tables.withLate(table.name);
        for (String name : names) {
            db.query(
                    "SELECT ts, names, tie, " + table.quoted(metrics) + " FROM '" + name
                            + "' WHERE asset = :asset AND ts >= :from AND ts < :to AND (" + present
                            + ") ORDER BY ts LIMIT " + limit,
                    bind(query),
                    row -> found.add(new Keyed(
                            Cells.time(row, 0), row.getLong(1), row.getLong(2), Cells.values(row, 3, metrics, kinds))));
        }
        return (names.size() > 1 ? Union.of(found, Keyed.ORDER, limit) : found)
                .stream().map(keyed -> new Reading(keyed.ts(), keyed.values())).toList();
    }

    /** A reading with what tells it from others of the asset. */
    private record Keyed(long ts, long names, long tie, Map<String, Object> values) {
        static final Comparator<Keyed> ORDER = Comparator.comparingLong(Keyed::ts)
                .thenComparingLong(Keyed::names)
                .thenComparingLong(Keyed::tie);
    }

    Map<String, List<Bucket>> aggregate(SeriesQuery query, Duration step) {
        TypeTable table = tables.type(query.type());
        Map<String, List<Bucket>> buckets = new LinkedHashMap<>();
        if (table == null) {
            return buckets;
        }
        for (String metric : stored(table, query.metrics())) {
            List<Bucket> series = new ArrayList<>();
            TypeTable.Column column = Objects.requireNonNull(table.column(metric));
            String name = table.quoted(metric);
            boolean text = column.kind() == MetricKind.TEXT;
            db.query(
                    "SELECT timestamp_floor('" + step.toMillis() + "T', ts) step, count(" + name + "), last_not_null("
                            + name + ")"
                            + (text ? "" : ", min(" + name + "), max(" + name + "), avg(" + name + ")")
                            + " FROM " + present(table, name) + " GROUP BY step ORDER BY step",
                    bind(query),
                    row -> series.add(bucket(row, column.kind())));
            buckets.put(metric, series);
        }
        return buckets;
    }

    /** The rows in which the metric has a value, in the order of time; one that came in time and again late is one. */
    private String present(TypeTable table, String column) {
        List<String> names = tables.withLate(table.name);
        String rows = names.stream()
                .map(name -> "SELECT ts, names, tie, " + column + " FROM '" + name
                        + "' WHERE asset = :asset AND ts >= :from AND ts < :to AND " + column + " IS NOT NULL")
                .collect(Collectors.joining(" UNION "));
        return names.size() > 1 ? "(SELECT * FROM (" + rows + ") ORDER BY ts)" : "(" + rows + ")";
    }

    private static Bucket bucket(Record row, MetricKind kind) {
        long ts = Cells.time(row, 0);
        long count = row.getLong(1);
        Object last = Cells.value(row, 2, kind);
        return switch (kind) {
            case TEXT -> new Bucket(ts, null, null, null, last, count);
            case NUMBER -> new Bucket(ts, row.getDouble(3), row.getDouble(4), row.getDouble(5), last, count);
            case BOOLEAN ->
                new Bucket(ts, (double) row.getInt(3), (double) row.getInt(4), row.getDouble(5), last, count);
        };
    }

    private static QuestDb.Binder bind(SeriesQuery query) {
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
}
