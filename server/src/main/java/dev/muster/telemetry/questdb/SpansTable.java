package dev.muster.telemetry.questdb;

import static dev.muster.telemetry.questdb.Cells.micros;

import dev.muster.gateway.signal.Span;
import dev.muster.telemetry.intake.Lateness;
import dev.muster.telemetry.store.SpanStore;
import dev.muster.telemetry.store.StoreUnavailableException;
import io.questdb.cairo.CairoError;
import io.questdb.cairo.CairoException;
import io.questdb.cairo.TableWriter;
import io.questdb.cairo.sql.Record;
import io.questdb.cairo.wal.WalWriter;
import io.questdb.std.str.Utf8String;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Spans on QuestDB, by the time of their start. */
final class SpansTable implements SpanStore {
    private static final String SPANS = "spans";
    private static final long NANOS_PER_MICRO = 1000;

    private static final String LATE_SPANS = Names.late(SPANS);
    private static final long NANOS_PER_MILLI = 1_000_000;

    private static final Comparator<Row> NEWEST_FIRST = Comparator.<Row>comparingLong(
                    row -> row.span().startNanos() / NANOS_PER_MICRO)
            .thenComparing(row -> row.asset().value())
            .thenComparingLong(row -> row.span().traceHigh())
            .thenComparingLong(row -> row.span().traceLow())
            .thenComparingLong(row -> row.span().id())
            .reversed();

    private final QuestDb db;
    private final Lateness lateness;

    SpansTable(QuestDb db, int days, Lateness lateness) {
        this.db = db;
        this.lateness = lateness;
        create(SPANS, days);
        create(LATE_SPANS, days);
    }

    private void create(String table, int days) {
        db.execute("CREATE TABLE IF NOT EXISTS " + table
                + " (ts TIMESTAMP, asset SYMBOL CAPACITY 4096, received TIMESTAMP, trace_high LONG, trace_low LONG, span LONG,"
                + " parent LONG, name VARCHAR, kind INT, start LONG, duration LONG, status INT, message VARCHAR,"
                + " service VARCHAR, attributes VARCHAR, resource VARCHAR, events VARCHAR, links VARCHAR)"
                + " TIMESTAMP(ts) PARTITION BY DAY TTL " + days
                + " DAYS WAL DEDUP UPSERT KEYS(ts, asset, trace_high, trace_low, span)");
    }

    @Override
    public void append(List<Row> spans) {
        Map<Boolean, List<Row>> late = spans.stream()
                .collect(Collectors.partitioningBy(
                        each -> lateness.isOutOfOrder(each.span().startNanos() / NANOS_PER_MILLI, each.receivedAt())));
        append(SPANS, late.getOrDefault(false, List.of()));
        append(LATE_SPANS, late.getOrDefault(true, List.of()));
    }

    private void append(String table, List<Row> spans) {
        if (spans.isEmpty()) {
            return;
        }
        try (WalWriter writer = db.writer(table)) {
            try {
                spans.forEach(each -> write(writer, each));
                writer.commit();
            } catch (RuntimeException | Error e) {
                writer.rollback();
                throw e;
            }
        } catch (CairoException | CairoError e) {
            throw new StoreUnavailableException(
                    "cannot write " + spans.size() + " rows to questdb table " + table + ": " + e.getMessage(), e);
        }
        db.committed();
    }

    private static void write(WalWriter writer, Row each) {
        Span span = each.span();
        TableWriter.Row row = writer.newRow(span.startNanos() / NANOS_PER_MICRO);
        row.putSym(1, each.asset().value());
        row.putTimestamp(2, micros(each.receivedAt()));
        row.putLong(3, span.traceHigh());
        row.putLong(4, span.traceLow());
        row.putLong(5, span.id());
        row.putLong(6, span.parent());
        row.putVarchar(7, new Utf8String(span.name()));
        row.putInt(8, span.kind());
        row.putLong(9, span.startNanos());
        row.putLong(10, span.endNanos() - span.startNanos());
        row.putInt(11, span.status());
        row.putVarchar(12, new Utf8String(span.statusMessage()));
        row.putVarchar(13, new Utf8String(span.service()));
        row.putVarchar(14, new Utf8String(span.attributes()));
        row.putVarchar(15, new Utf8String(span.resource()));
        row.putVarchar(16, new Utf8String(span.events()));
        row.putVarchar(17, new Utf8String(span.links()));
        row.append();
    }

    @Override
    public List<Row> find(Query query) {
        List<Row> found = new ArrayList<>();
        find(SPANS, query, found);
        find(LATE_SPANS, query, found);
        return Union.of(found, NEWEST_FIRST, query.limit());
    }

    private void find(String table, Query query, List<Row> into) {
        db.query(
                "SELECT asset, received, trace_high, trace_low, span, parent, name, kind, start, duration, status, message,"
                        + " service, attributes, resource, events, links FROM " + table
                        + " WHERE ts >= :from AND ts < :to"
                        + (query.asset() == null ? "" : " AND asset = :asset")
                        + (query.traceHigh() == null ? "" : " AND trace_high = :high AND trace_low = :low")
                        + (query.name() == null ? "" : " AND name = :name")
                        + (query.minNanos() > 0 ? " AND duration >= :least" : "")
                        + (query.failedOnly() ? " AND status = 2" : "")
                        + " ORDER BY ts DESC LIMIT " + query.limit(),
                variables -> {
                    variables.setTimestamp("from", micros(query.from()));
                    variables.setTimestamp("to", micros(query.to()));
                    variables.setStr(
                            "asset", query.asset() == null ? "" : query.asset().value());
                    variables.setLong("high", query.traceHigh() == null ? 0 : query.traceHigh());
                    variables.setLong("low", query.traceLow() == null ? 0 : query.traceLow());
                    variables.setStr("name", query.name());
                    variables.setLong("least", query.minNanos());
                },
                row -> into.add(row(row)));
    }

    private static Row row(Record row) {
        long start = row.getLong(8);
        return new Row(
                Cells.asset(row, 0),
                Cells.time(row, 1),
                new Span(
                        row.getLong(2),
                        row.getLong(3),
                        row.getLong(4),
                        row.getLong(5),
                        Cells.requireText(row, 6),
                        row.getInt(7),
                        start,
                        start + row.getLong(9),
                        row.getInt(10),
                        Cells.requireText(row, 11),
                        Cells.requireText(row, 12),
                        Cells.requireText(row, 13),
                        Cells.requireText(row, 14),
                        Cells.requireText(row, 15),
                        Cells.requireText(row, 16)));
    }
}
