package dev.muster.telemetry.questdb;

import static dev.muster.telemetry.questdb.Cells.micros;

import dev.muster.protocol.AssetId;
import dev.muster.telemetry.store.MetricKind;
import dev.muster.telemetry.store.Row;
import dev.muster.telemetry.store.StoreUnavailableException;
import io.questdb.std.Numbers;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Sums metrics up by minutes and hours, and again where rows came late: the same rows give the same sums, and a sum replaces
 * the one before it.
 *
 * <p>How far it got stands in the table {@code summed}: what is summed up until when, and when the newest row that is part of
 * it was received. After a kill the rows received since are found by that.
 */
final class Summaries {
    /** The last minutes are still being filled. */
    static final Duration BEHIND = Duration.ofMinutes(2);

    /** With more assets than this late rows are corrected rarely, and for all assets at once. */
    static final int FEW_ASSETS = 50;

    /** Rows of neighbouring sockets are received in almost the order in which they are stored. */
    private static final Duration RECEIVED_SLACK = Duration.ofSeconds(30);

    /** A row of the type's own table is not later than the longest {@code late-after}. */
    private static final Duration MOST_IN_TIME = Duration.ofDays(1);

    private static final Duration INTERVAL = Duration.ofMinutes(1);
    /** Of so many rounds one. */
    private static final int RARELY = 10;

    private static final long NEVER = Instant.EPOCH.toEpochMilli();
    private static final Duration APPLIED = Duration.ofSeconds(30);
    private static final long HOUR = Resolution.HOURS.millis();

    private final QuestDb db;
    private final Tables tables;
    private final Map<String, SummaryMarks> marks = new ConcurrentHashMap<>();

    private record Stand(long until, long received, long lateReceived) {}

    Summaries(QuestDb db, Tables tables) {
        this.db = db;
        this.tables = tables;
        db.execute("CREATE TABLE IF NOT EXISTS summed (ts TIMESTAMP, type SYMBOL, until TIMESTAMP, received TIMESTAMP,"
                + " late_received TIMESTAMP) TIMESTAMP(ts) PARTITION BY MONTH TTL 12 MONTHS WAL");
    }

    /** Whether the table, if it holds sums, is complete up to the time but for late rows. */
    boolean settled(String table, Instant time) {
        for (TypeTable type : tables.types()) {
            if (table.equals(Resolution.MINUTES.table(type.type))) {
                SummaryMarks of = marks.get(type.type);
                return of != null && of.settledUntil() >= time.toEpochMilli();
            }
        }
        return true;
    }

    /** How far the sums of a type are behind at most, in milliseconds; not a number before the first are looked at. */
    double behind(long now) {
        return tables.types().stream()
                .map(type -> marks.get(type.type))
                .filter(Objects::nonNull)
                .mapToDouble(of -> now - Math.max(0, of.settledUntil()))
                .max()
                .orElse(Double.NaN);
    }

    /** To be called before rows are stored. */
    void mark(List<? extends Row> rows, boolean late) {
        for (Row row : rows) {
            if (row instanceof Row.Sample sample) {
                SummaryMarks of = marks.get(sample.assetType());
                if (of != null) { // else nothing is summed up yet, and all of it will be
                    of.add(sample, late);
                }
            }
        }
    }

    /** Sums up once a minute, and every ten minutes with late rows however many assets they are of. */
    StoreRounds start(Clock clock) {
        AtomicInteger rounds = new AtomicInteger();
        return new StoreRounds("summing", INTERVAL, INTERVAL, goOn -> {
            round(clock.millis(), rounds.incrementAndGet() % RARELY == 0, goOn);
            return INTERVAL;
        });
    }

    /** Before when the sums of an asset are those of all its rows; smaller than all times when there are none. */
    long exactUntil(String type, AssetId asset) {
        SummaryMarks of = marks.get(type);
        return of == null ? Long.MIN_VALUE : of.exactUntil(asset);
    }

    /**
     * Sums up what is new; paced to half of a processor.
     *
     * @param rarely whether late rows of many assets are corrected this time
     * @param goOn asked between pieces of work
     */
    void round(long now, boolean rarely, BooleanSupplier goOn) throws InterruptedException {
        for (TypeTable type : tables.types()) {
            if (!goOn.getAsBoolean()) {
                return;
            }
            round(type, now, rarely, goOn);
        }
    }

    private void round(TypeTable type, long now, boolean rarely, BooleanSupplier goOn) throws InterruptedException {
        if (type.kinds().isEmpty()) {
            return;
        }
        SummaryMarks of = marks.get(type.type);
        if (of == null) {
            of = begin(type, goOn);
        }
        long until = Resolution.MINUTES.floor(now - BEHIND.toMillis());
        boolean withLate = rarely || of.lateAssets() <= FEW_ASSETS;
        SummaryMarks.Snapshot taken = of.take(until, withLate);
        try {
            awaitApplied(goOn);
            long oldest = oldest(type);
            long from = Math.max(taken.from(), oldest);
            if (oldest != Long.MAX_VALUE) {
                if (from < until) {
                    sumUp(type, null, from, until, until, goOn);
                }
                correct(type, taken.late(), oldest, until, goOn);
                awaitApplied(goOn); // questions count on them from now on
            }
            if (!goOn.getAsBoolean()) {
                of.failed();
                return;
            }
            save(type.type, now, new Stand(until, taken.received(), taken.lateReceived()), withLate);
            of.settled();
        } catch (RuntimeException | InterruptedException e) {
            of.failed();
            throw e;
        }
    }

    private void correct(
            TypeTable type, Map<AssetId, SummaryMarks.Range> late, long oldest, long until, BooleanSupplier goOn)
            throws InterruptedException {
        if (late.size() > FEW_ASSETS) {
            SummaryMarks.Range all =
                    late.values().stream().reduce(SummaryMarks.Range::with).orElseThrow();
            sumUp(type, null, Math.max(all.from(), oldest), Math.min(all.to() + 1, until), until, goOn);
            return;
        }
        for (Map.Entry<AssetId, SummaryMarks.Range> asset : late.entrySet()) {
            SummaryMarks.Range range = asset.getValue();
            sumUp(type, asset.getKey(), Math.max(range.from(), oldest), Math.min(range.to() + 1, until), until, goOn);
        }
    }

    /**
     * The minutes of a range, and the hours that it touches.
     *
     * @param asset null for all
     * @param until hours that end later are not complete
     */
    private void sumUp(TypeTable type, @Nullable AssetId asset, long from, long end, long until, BooleanSupplier goOn)
            throws InterruptedException {
        String only = asset == null ? "" : " AND asset = '" + asset.value() + "'";
        for (long hour = Resolution.HOURS.floor(from); hour < end && goOn.getAsBoolean(); hour += HOUR) {
            long start = System.nanoTime();
            long first = Math.max(hour, Resolution.MINUTES.floor(from));
            long last = Math.min(hour + HOUR, Resolution.MINUTES.ceil(end));
            String within = between(first, last) + only;
            if (!hasRows(type, within)) {
                continue;
            }
            for (String metric : type.kinds().keySet()) {
                db.execute(minutes(type, metric, within));
            }
            if (hour + HOUR <= until) {
                awaitApplied(goOn);
                db.execute(hours(type.type, between(hour, hour + HOUR) + only));
            }
            TimeUnit.NANOSECONDS.sleep(System.nanoTime() - start);
        }
    }

    private boolean hasRows(TypeTable type, String within) {
        boolean[] found = {false};
        for (String name : tables.withLate(type)) {
            db.query("SELECT ts FROM '" + name + "'" + within + " LIMIT 1", Queries.Binder.NONE, _ -> found[0] = true);
        }
        return found[0];
    }

    private static String between(long from, long to) {
        return " WHERE ts >= '" + Instant.ofEpochMilli(from) + "' AND ts < '" + Instant.ofEpochMilli(to) + "'";
    }

    private String minutes(TypeTable type, String metric, String within) {
        String column = type.quoted(metric);
        MetricKind kind = type.kinds().get(metric);
        String numbers = kind == MetricKind.TEXT
                ? "NULL, NULL, NULL, NULL, last(" + column + ")"
                : "min(" + column + ")::DOUBLE, max(" + column + ")::DOUBLE, sum(" + column + ")::DOUBLE, last("
                        + column + ")::DOUBLE, NULL";
        return into(Resolution.MINUTES, type.type) + "SELECT timestamp_floor('1m', ts) step, asset, '"
                + Names.column(metric) + "', " + numbers + ", count() FROM "
                + tables.united(type, metric, "asset, " + column, within + " AND " + column + " IS NOT NULL")
                + " GROUP BY step, asset";
    }

    private static String hours(String type, String within) {
        return into(Resolution.HOURS, type)
                + "SELECT timestamp_floor('1h', ts) step, asset, metric, min(lowest), max(highest), sum(total),"
                + " last_not_null(newest), last_not_null(newest_text), sum(readings) FROM '"
                + Resolution.MINUTES.table(type) + "'" + within + " GROUP BY step, asset, metric";
    }

    private static String into(Resolution resolution, String type) {
        return "INSERT INTO '" + resolution.table(type)
                + "' (ts, asset, metric, lowest, highest, total, newest, newest_text, readings) ";
    }

    /** Finds what was stored since the last saved stand; everything when there is none. */
    private SummaryMarks begin(TypeTable type, BooleanSupplier goOn) throws InterruptedException {
        tables.makeSummaries(type.type);
        awaitApplied(goOn);
        Stand stand = stand(type.type);
        SummaryMarks of = stand == null
                ? new SummaryMarks(NEVER, 0, 0)
                : new SummaryMarks(stand.until(), stand.received(), stand.lateReceived());
        marks.put(type.type, of);
        if (stand != null) {
            awaitApplied(goOn); // what was stored before there were marks
            search(type, stand, of);
        }
        of.searched();
        return of;
    }

    private void search(TypeTable type, Stand stand, SummaryMarks of) {
        long received = stand.received() - RECEIVED_SLACK.toMillis();
        for (TypeTable.Generation generation : type.generations()) {
            db.query(
                    "SELECT min(ts) FROM '" + generation.name() + "'"
                            + between(received - MOST_IN_TIME.toMillis(), stand.until()) + " AND received >= '"
                            + Instant.ofEpochMilli(received) + "'",
                    Queries.Binder.NONE,
                    row -> {
                        if (row.getTimestamp(0) != Numbers.LONG_NULL) {
                            of.addFrom(Cells.time(row, 0));
                        }
                    });
        }
        String late = Names.late(type.name);
        if (tables.withLate(type).contains(late)) {
            db.query(
                    "SELECT asset, min(ts), max(ts) FROM '" + late + "' WHERE received >= '"
                            + Instant.ofEpochMilli(stand.lateReceived() - RECEIVED_SLACK.toMillis()) + "' AND ts < '"
                            + Instant.ofEpochMilli(stand.until()) + "'",
                    Queries.Binder.NONE,
                    row -> of.addLate(
                            Cells.asset(row, 0), new SummaryMarks.Range(Cells.time(row, 1), Cells.time(row, 2))));
        }
    }

    private @Nullable Stand stand(String type) {
        Map<String, Stand> found = new HashMap<>();
        db.query(
                "SELECT until, received, late_received FROM summed WHERE type = :type LATEST ON ts PARTITION BY type",
                variables -> variables.setStr("type", type),
                row -> found.put(type, new Stand(Cells.time(row, 0), Cells.time(row, 1), Cells.time(row, 2))));
        return found.get(type);
    }

    /** @param withLate whether all late rows are part of it; else the stand of those is the one before */
    private void save(String type, long now, Stand stand, boolean withLate) {
        Stand before = stand(type);
        long lateReceived = withLate || before == null ? stand.lateReceived() : before.lateReceived();
        db.execute("INSERT INTO summed VALUES (" + micros(now) + ", '" + type.replace("'", "''") + "', "
                + micros(stand.until()) + ", " + micros(stand.received()) + ", " + micros(lateReceived) + ")");
    }

    /** Of the rows that are kept. */
    private long oldest(TypeTable type) {
        long[] oldest = {Long.MAX_VALUE};
        for (String name : tables.withLate(type)) {
            db.query("SELECT min(ts) FROM '" + name + "'", Queries.Binder.NONE, row -> {
                if (row.getTimestamp(0) != Numbers.LONG_NULL) {
                    oldest[0] = Math.min(oldest[0], Cells.time(row, 0));
                }
            });
        }
        return oldest[0];
    }

    private void awaitApplied(BooleanSupplier goOn) throws InterruptedException {
        BooleanSupplier applied = db.committedUntilNow();
        long deadline = System.nanoTime() + APPLIED.toNanos();
        while (!applied.getAsBoolean() && goOn.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new StoreUnavailableException("rows are not applied after " + APPLIED + "; sums wait for them");
            }
            db.committed();
            Thread.sleep(10);
        }
    }
}
