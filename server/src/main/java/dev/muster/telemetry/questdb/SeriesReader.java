package dev.muster.telemetry.questdb;

import static dev.muster.telemetry.questdb.Cells.micros;

import dev.muster.telemetry.store.MetricKind;
import dev.muster.telemetry.store.TelemetryStore.Reading;
import dev.muster.telemetry.store.TelemetryStore.SeriesQuery;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads metrics of one asset, as they came. */
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
        List<Keyed> found = new ArrayList<>();
        List<String> names = tables.withLate(table);
        for (String name : names) {
            List<String> its = table.stored(name, metrics);
            if (its.isEmpty()) {
                continue;
            }
            String present = its.stream()
                    .map(metric -> table.quoted(metric) + " IS NOT NULL")
                    .collect(Collectors.joining(" OR "));
            db.query(
                    "SELECT ts, names, tie, " + table.quoted(its) + " FROM '" + name
                            + "' WHERE asset = :asset AND ts >= :from AND ts < :to AND (" + present
                            + ") ORDER BY ts LIMIT " + limit,
                    bind(query),
                    row -> found.add(new Keyed(
                            Cells.time(row, 0), row.getLong(1), row.getLong(2), Cells.values(row, 3, its, kinds))));
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

    static Queries.Binder bind(SeriesQuery query) {
        return variables -> {
            variables.setStr("asset", query.asset().value());
            variables.setTimestamp("from", micros(query.from()));
            variables.setTimestamp("to", micros(query.to()));
        };
    }

    static List<String> stored(@Nullable TypeTable table, List<String> metrics) {
        return table == null
                ? List.of()
                : metrics.stream()
                        .distinct()
                        .filter(metric -> table.column(metric) != null)
                        .toList();
    }
}
