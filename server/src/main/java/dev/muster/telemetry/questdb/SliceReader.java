package dev.muster.telemetry.questdb;

import static dev.muster.telemetry.questdb.Cells.micros;

import dev.muster.telemetry.store.QueryTooLargeException;
import dev.muster.telemetry.store.TelemetryStore.AssetReading;
import dev.muster.telemetry.store.TelemetryStore.Slice;
import dev.muster.telemetry.store.TelemetryStore.SliceQuery;
import io.questdb.cairo.sql.Record;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads metrics of many assets in the order of time, some rows at once. */
final class SliceReader {
    /** Rows of one moment, and late rows of one slice. */
    static final int MAX_ROWS = 1_000_000;

    private final QuestDb db;
    private final Tables tables;

    SliceReader(QuestDb db, Tables tables) {
        this.db = db;
        this.tables = tables;
    }

    /** A reading with what tells it from others of the moment. */
    private record Keyed(AssetReading reading, long names, long tie) {
        static final Comparator<Keyed> ORDER = Comparator.comparingLong(
                        (Keyed keyed) -> keyed.reading().ts())
                .thenComparing(keyed -> keyed.reading().asset())
                .thenComparingLong(Keyed::names)
                .thenComparingLong(Keyed::tie);
    }

    Slice read(TypeTable table, SliceQuery query, @Nullable Set<String> assets, int limit) {
        List<String> metrics = query.metrics().stream()
                .filter(metric -> table.column(metric) != null)
                .toList();
        if (metrics.isEmpty()) {
            return new Slice(List.of(), query.to());
        }
        for (int wanted = limit; ; wanted *= 4) {
            List<Keyed> rows = new ArrayList<>();
            long next = some(table, query, metrics, assets, wanted, rows);
            if (next > query.from()) {
                late(table, query, metrics, assets, next, rows);
                return new Slice(
                        Union.of(rows, Keyed.ORDER, Integer.MAX_VALUE).stream()
                                .map(Keyed::reading)
                                .toList(),
                        next);
            }
            if (wanted >= MAX_ROWS) {
                throw new QueryTooLargeException("one moment holds more than " + MAX_ROWS + " rows of asset type "
                        + table.type + ", which is the most for an export");
            }
        }
    }

    /** Rows of whole moments; returns the first moment that is not among them. */
    private long some(
            TypeTable table,
            SliceQuery query,
            List<String> metrics,
            @Nullable Set<String> assets,
            int limit,
            List<Keyed> into) {
        long next = query.to();
        for (TypeTable.Generation generation : table.generations()) {
            next = someOf(generation.name(), table, query, metrics, next, assets, limit, into);
        }
        long end = next;
        into.removeIf(keyed -> keyed.reading().ts() >= end);
        return next;
    }

    private long someOf(
            String from,
            TypeTable table,
            SliceQuery query,
            List<String> metrics,
            long to,
            @Nullable Set<String> assets,
            int limit,
            List<Keyed> into) {
        long[] seen = {0, query.from()};
        select(
                table,
                from,
                query,
                metrics,
                to,
                assets,
                " ORDER BY ts LIMIT " + limit,
                row -> {
                    seen[0]++;
                    seen[1] = Cells.time(row, 0);
                },
                into);
        return seen[0] < limit ? to : seen[1];
    }

    private void late(
            TypeTable table,
            SliceQuery query,
            List<String> metrics,
            @Nullable Set<String> assets,
            long to,
            List<Keyed> into) {
        if (!tables.withLate(table).contains(Names.late(table.name))) {
            return;
        }
        int most = into.size() + MAX_ROWS;
        select(
                table,
                Names.late(table.name),
                query,
                metrics,
                to,
                assets,
                "",
                _ -> {
                    if (into.size() > most) {
                        throw new QueryTooLargeException("that time holds more than " + MAX_ROWS
                                + " late rows of asset type " + table.type + "; export a shorter time");
                    }
                },
                into);
    }

    private void select(
            TypeTable table,
            String from,
            SliceQuery query,
            List<String> metrics,
            long to,
            @Nullable Set<String> assets,
            String end,
            Queries.RowReader each,
            List<Keyed> into) {
        List<String> its = table.stored(from, metrics);
        if (its.isEmpty()) {
            return;
        }
        String only = assets != null && assets.size() == 1 ? assets.iterator().next() : null;
        db.query(
                "SELECT ts, asset, names, tie, " + table.quoted(its) + " FROM '" + from
                        + "' WHERE ts >= :from AND ts < :to" + (only != null ? " AND asset = :asset" : "") + end,
                variables -> {
                    variables.setTimestamp("from", micros(query.from()));
                    variables.setTimestamp("to", micros(to));
                    if (only != null) {
                        variables.setStr("asset", only);
                    }
                },
                row -> {
                    each.read(row);
                    String asset = row.getSymA(1).toString();
                    if (assets == null || assets.contains(asset)) {
                        Keyed keyed = keyed(table, query, its, row, asset);
                        if (keyed.reading().values().stream().anyMatch(Objects::nonNull)) {
                            into.add(keyed);
                        }
                    }
                });
    }

    private static Keyed keyed(TypeTable table, SliceQuery query, List<String> its, Record row, String asset) {
        List<@Nullable Object> values = new ArrayList<>(query.metrics().size());
        int column = 4;
        for (String metric : query.metrics()) {
            values.add(
                    its.contains(metric)
                            ? Cells.value(
                                    row,
                                    column++,
                                    Objects.requireNonNull(table.column(metric)).kind())
                            : null);
        }
        return new Keyed(new AssetReading(Cells.time(row, 0), asset, values), row.getLong(2), row.getLong(3));
    }
}
