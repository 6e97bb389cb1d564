package dev.muster.telemetry.questdb;

import static dev.muster.telemetry.questdb.Cells.micros;

import dev.muster.protocol.Severity;
import dev.muster.telemetry.store.Row;
import dev.muster.telemetry.store.TelemetryStore.Attribute;
import dev.muster.telemetry.store.TelemetryStore.Cursor;
import dev.muster.telemetry.store.TelemetryStore.TailQuery;
import io.questdb.cairo.sql.Record;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** Reads log lines, events and positions of one asset, newest first, page by page. */
final class TailReader {
    private static final JsonMapper JSON = JsonMapper.shared();

    private final QuestDb db;
    private final Tables tables;

    TailReader(QuestDb db, Tables tables) {
        this.db = db;
        this.tables = tables;
    }

    List<Row.LogLine> logs(TailQuery query) {
        return newestFirst(
                query,
                RecordTable.LOGS,
                "ts, asset, received, hash, severity, body, attributes",
                "body",
                row -> new Row.LogLine(
                        Cells.time(row, 0),
                        Cells.asset(row, 1),
                        query.type(),
                        Cells.time(row, 2),
                        row.getLong(3),
                        Severity.values()[row.getInt(4)],
                        Cells.requireText(row, 5),
                        Cells.requireText(row, 6)),
                Row.LogLine::hash);
    }

    List<Row.Happening> events(TailQuery query) {
        return newestFirst(
                query,
                RecordTable.EVENTS,
                "ts, asset, received, hash, severity, type, message, data",
                "concat(type, ' ', message)",
                row -> new Row.Happening(
                        Cells.time(row, 0),
                        Cells.asset(row, 1),
                        query.type(),
                        Cells.time(row, 2),
                        row.getLong(3),
                        Cells.requireText(row, 5),
                        Severity.values()[row.getInt(4)],
                        Cells.text(row, 6),
                        Cells.requireText(row, 7)),
                Row.Happening::hash);
    }

    List<Row.Position> positions(TailQuery query) {
        return newestFirst(
                query,
                RecordTable.POSITIONS,
                "ts, asset, received, lat, lon, alt, speed, heading, accuracy, fix",
                null,
                row -> new Row.Position(
                        Cells.time(row, 0),
                        Cells.asset(row, 1),
                        query.type(),
                        Cells.time(row, 2),
                        row.getDouble(3),
                        row.getDouble(4),
                        Cells.number(row, 5),
                        Cells.number(row, 6),
                        Cells.number(row, 7),
                        Cells.number(row, 8),
                        Cells.text(row, 9)),
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

    private <R extends Row> List<R> newestFirst(
            TailQuery query,
            RecordTable table,
            String columns,
            @Nullable String searched,
            RowMaker<R> maker,
            @Nullable KeyOf<R> hashOf) {
        List<R> rows = new ArrayList<>();
        List<String> names = tables.withLate(table, query.type());
        for (String name : names) {
            rows.addAll(page(query, name, columns, searched, maker, hashOf));
        }
        if (names.size() <= 1) {
            return rows;
        }
        Comparator<R> order = Comparator.comparingLong(Row::ts);
        return Union.of(
                rows, (hashOf == null ? order : order.thenComparingLong(hashOf::hash)).reversed(), query.limit());
    }

    /**
     * A page, newest first, then by hash. Only {@code ORDER BY ts DESC LIMIT} stops reading early, a second sort key would
     * read all rows of the asset: so the rows of the moments at both ends of the page are asked for by themselves.
     *
     * @param hashOf null where time and asset are the whole key
     */
    private <R extends Row> List<R> page(
            TailQuery query,
            String table,
            String columns,
            @Nullable String searched,
            RowMaker<R> maker,
            @Nullable KeyOf<R> hashOf) {
        String filter = " FROM '" + table + "' WHERE asset = :asset"
                + (query.atLeast() == null
                        ? ""
                        : " AND severity >= " + query.atLeast().ordinal())
                + (query.containing() == null || searched == null
                        ? ""
                        : " AND strpos(lower(" + searched + "), :text) > 0")
                + (query.receivedFrom() > 0 ? " AND received >= :received" : "")
                + (query.having() == null
                        ? ""
                        : " AND (strpos(attributes, :quoted) > 0 OR strpos(attributes, :inner) > 0 OR strpos(attributes, :last) > 0)");
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
                    variables.setTimestamp("received", micros(query.receivedFrom()));
                    Attribute having = query.having();
                    if (having != null) {
                        String name = JSON.writeValueAsString(having.name()) + ":";
                        variables.setStr("quoted", name + JSON.writeValueAsString(having.value()));
                        variables.setStr("inner", name + having.value() + ",");
                        variables.setStr("last", name + having.value() + "}");
                    }
                },
                row -> into.add(maker.make(row)));
    }

    private static String lower(String text) {
        return text.toLowerCase(Locale.ROOT);
    }
}
