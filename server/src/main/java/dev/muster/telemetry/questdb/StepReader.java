package dev.muster.telemetry.questdb;

import dev.muster.telemetry.store.MetricKind;
import dev.muster.telemetry.store.TelemetryStore.Bucket;
import dev.muster.telemetry.store.TelemetryStore.SeriesQuery;
import io.questdb.cairo.sql.Record;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Reads metrics of one asset summed up by steps: from the sums of minutes or hours where those are exact and the step is a
 * multiple of them, from the readings where not.
 */
final class StepReader {
    private final QuestDb db;
    private final Tables tables;
    private final Summaries summaries;

    StepReader(QuestDb db, Tables tables, Summaries summaries) {
        this.db = db;
        this.tables = tables;
        this.summaries = summaries;
    }

    Map<String, List<Bucket>> aggregate(SeriesQuery query, Duration step) {
        TypeTable table = tables.type(query.type());
        Map<String, List<Bucket>> buckets = new LinkedHashMap<>();
        if (table == null) {
            return buckets;
        }
        Optional<Resolution> resolution = Resolution.of(step);
        long from = query.from();
        long to = query.from();
        if (resolution.isPresent()) {
            long exact = Math.min(query.to(), summaries.exactUntil(query.type(), query.asset()));
            from = resolution.get().ceil(query.from());
            to = Math.max(from, resolution.get().floor(Math.max(exact, from)));
        }
        for (String metric : SeriesReader.stored(table, query.metrics())) {
            TreeMap<Long, Bucket> steps = new TreeMap<>();
            if (resolution.isEmpty() || from >= to) {
                readings(table, query, metric, step, steps);
            } else {
                readings(table, within(query, query.from(), from), metric, step, steps);
                sums(table, resolution.get(), within(query, from, to), metric, step, steps);
                readings(table, within(query, to, query.to()), metric, step, steps);
            }
            buckets.put(metric, List.copyOf(steps.values()));
        }
        return buckets;
    }

    private static SeriesQuery within(SeriesQuery query, long from, long to) {
        return new SeriesQuery(query.type(), query.asset(), query.metrics(), from, to);
    }

    private void readings(
            TypeTable table, SeriesQuery query, String metric, Duration step, TreeMap<Long, Bucket> into) {
        if (query.from() >= query.to()) {
            return;
        }
        TypeTable.Column column = Objects.requireNonNull(table.column(metric));
        String name = table.quoted(metric);
        db.query(
                "SELECT timestamp_floor('" + step.toMillis() + "T', ts) step, count(" + name + "), last_not_null("
                        + name
                        + ")"
                        + (column.kind() == MetricKind.TEXT
                                ? ""
                                : ", min(" + name + "), max(" + name + "), avg(" + name + ")")
                        + " FROM "
                        + tables.united(
                                table,
                                metric,
                                name,
                                " WHERE asset = :asset AND ts >= :from AND ts < :to AND " + name + " IS NOT NULL")
                        + " GROUP BY step ORDER BY step",
                SeriesReader.bind(query),
                row -> add(into, bucket(row, column.kind())));
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

    private void sums(
            TypeTable table,
            Resolution resolution,
            SeriesQuery query,
            String metric,
            Duration step,
            TreeMap<Long, Bucket> into) {
        TypeTable.Column column = Objects.requireNonNull(table.column(metric));
        String last = column.kind() == MetricKind.TEXT ? "newest_text" : "newest";
        db.query(
                "SELECT timestamp_floor('" + step.toMillis() + "T', ts) step, sum(readings), last_not_null(" + last
                        + "), min(lowest), max(highest), sum(total) FROM '" + resolution.table(table.type)
                        + "' WHERE asset = :asset AND metric = '" + column.name()
                        + "' AND ts >= :from AND ts < :to GROUP BY step ORDER BY step",
                SeriesReader.bind(query),
                row -> add(into, sum(row, column.kind())));
    }

    private static Bucket sum(Record row, MetricKind kind) {
        long ts = Cells.time(row, 0);
        long count = row.getLong(1);
        if (kind == MetricKind.TEXT) {
            return new Bucket(ts, null, null, null, Cells.text(row, 2), count);
        }
        double last = row.getDouble(2);
        return new Bucket(
                ts,
                row.getDouble(3),
                row.getDouble(4),
                row.getDouble(5) / count,
                kind == MetricKind.BOOLEAN ? (Object) (last == 1) : (Object) last,
                count);
    }

    /** A step that begins before and ends after a seam is put together, the later part second. */
    private static void add(TreeMap<Long, Bucket> steps, Bucket bucket) {
        steps.merge(bucket.ts(), bucket, StepReader::joined);
    }

    private static Bucket joined(Bucket a, Bucket b) {
        long count = a.count() + b.count();
        if (a.min() == null
                || b.min() == null
                || a.max() == null
                || b.max() == null
                || a.avg() == null
                || b.avg() == null) {
            return new Bucket(a.ts(), null, null, null, b.last(), count);
        }
        return new Bucket(
                a.ts(),
                Math.min(a.min(), b.min()),
                Math.max(a.max(), b.max()),
                (a.avg() * a.count() + b.avg() * b.count()) / count,
                b.last(),
                count);
    }
}
