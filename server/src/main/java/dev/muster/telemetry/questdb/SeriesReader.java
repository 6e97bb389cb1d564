package dev.muster.telemetry.questdb;

import static dev.muster.telemetry.questdb.Cells.micros;

import dev.muster.telemetry.store.MetricKind;
import dev.muster.telemetry.store.TelemetryStore.Bucket;
import dev.muster.telemetry.store.TelemetryStore.Reading;
import dev.muster.telemetry.store.TelemetryStore.SeriesQuery;
import io.questdb.cairo.sql.Record;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
        List<Reading> readings = new ArrayList<>();
        if (table == null || metrics.isEmpty()) {
            return readings;
        }
        Map<String, MetricKind> kinds = table.kinds();
        String present = String.join(
                " OR ",
                metrics.stream()
                        .map(metric -> table.quoted(metric) + " IS NOT NULL")
                        .toList());
        db.query(
                "SELECT ts, " + table.quoted(metrics) + " FROM '" + table.name
                        + "' WHERE asset = :asset AND ts >= :from AND ts < :to AND (" + present + ") ORDER BY ts LIMIT "
                        + limit,
                bind(query),
                row -> readings.add(new Reading(Cells.time(row, 0), Cells.values(row, 1, metrics, kinds))));
        return readings;
    }

    Map<String, List<Bucket>> aggregate(SeriesQuery query, Duration step) {
        TypeTable table = tables.type(query.type());
        Map<String, List<Bucket>> buckets = new LinkedHashMap<>();
        for (String metric : stored(table, query.metrics())) {
            List<Bucket> series = new ArrayList<>();
            TypeTable.Column column =
                    Objects.requireNonNull(Objects.requireNonNull(table).column(metric));
            String name = table.quoted(metric);
            boolean text = column.kind() == MetricKind.TEXT;
            db.query(
                    "SELECT timestamp_floor('" + step.toMillis() + "T', ts) step, count(" + name + "), last_not_null("
                            + name + ")"
                            + (text ? "" : ", min(" + name + "), max(" + name + "), avg(" + name + ")")
                            + " FROM '" + table.name + "' WHERE asset = :asset AND ts >= :from AND ts < :to AND " + name
                            + " IS NOT NULL GROUP BY step ORDER BY step",
                    bind(query),
                    row -> series.add(bucket(row, column.kind())));
            buckets.put(metric, series);
        }
        return buckets;
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
