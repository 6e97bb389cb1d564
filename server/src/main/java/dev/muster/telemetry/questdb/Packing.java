package dev.muster.telemetry.questdb;

import static dev.muster.telemetry.questdb.Cells.micros;

import dev.muster.telemetry.store.StoreUnavailableException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which days are packed: those of all daily tables, oldest first, once they ended longer ago than late rows come. Not those of
 * late rows, whose days change for as long as an asset may be out of reach.
 *
 * <p>A table of metrics that has packed days gets no more columns: QuestDB 9.3.4 ends the process when it is asked for a column
 * that a packed day does not have.
 *
 * <p>A row that comes for a packed day all the same goes to the table of late rows; sums, samples and spans, whose columns never
 * change, are written into the day by QuestDB. A day that could not be packed is remembered in the table {@code packing} and
 * left alone for a week.
 */
final class Packing {
    /** Days that one round packs. */
    static final int MOST_A_ROUND = 50;

    private static final Duration SOON = Duration.ofSeconds(30);
    private static final Duration INTERVAL = Duration.ofMinutes(10);
    private static final Duration APPLIED = Duration.ofMinutes(1);
    static final Duration AGAIN = Duration.ofDays(7);
    private static final int LONGEST_REASON = 500;
    private static final Logger log = LoggerFactory.getLogger(Packing.class);

    private final QuestDb db;
    private final Tables tables;
    private final Summaries summaries;
    private final Packer packer;
    private final Duration after;
    private final PackHorizon horizon;
    private final AtomicLong days = new AtomicLong();
    private final AtomicLong failures = new AtomicLong();
    private final AtomicLong bytesBefore = new AtomicLong();
    private final AtomicLong bytesAfter = new AtomicLong();

    /** How a try went; and how much of being left alone for a week that is. */
    private enum Try {
        /** And ended with the process, unless something follows: the third time it may have been the reason. */
        BEGUN(1),
        /** For a reason that lies elsewhere. */
        NOTHING(-1),
        DIFFERENT(3);

        private final int ends;

        Try(int ends) {
            this.ends = ends;
        }
    }

    /** Since the start. */
    record Counts(long days, long failures, long bytesBefore, long bytesAfter) {}

    /** @param after how long after its end a day is packed */
    Packing(QuestDb db, Tables tables, Summaries summaries, Duration after) {
        this.db = db;
        this.packer = db.packer();
        this.after = after;
        this.tables = tables;
        this.summaries = summaries;
        this.horizon = new PackHorizon(
                packer
                        .packedUntil(db.tables().stream()
                                .filter(Tables::leavesPackedDaysAlone)
                                .toList())
                        .values()
                        .stream()
                        .max(Comparator.naturalOrder())
                        .orElse(LocalDate.EPOCH));
        db.execute(
                "CREATE TABLE IF NOT EXISTS packing (ts TIMESTAMP, name SYMBOL, day TIMESTAMP, ends INT, reason VARCHAR)"
                        + " TIMESTAMP(ts) PARTITION BY MONTH TTL 12 MONTHS WAL");
    }

    PackHorizon horizon() {
        return horizon;
    }

    Counts counts() {
        return new Counts(days.get(), failures.get(), bytesBefore.get(), bytesAfter.get());
    }

    /** Packs soon after the start and every ten minutes, and soon again when a round was not enough. */
    StoreRounds start(Clock clock) {
        return new StoreRounds("packing", SOON, INTERVAL, goOn -> round(clock.instant(), goOn) ? INTERVAL : SOON);
    }

    /**
     * Packs what is due; paced to half of a processor.
     *
     * @param goOn asked between days, and while one is compared
     * @return whether all that is due is done
     */
    synchronized boolean round(Instant now, BooleanSupplier goOn) throws InterruptedException {
        LocalDate before = LocalDate.ofInstant(now.minus(after), ZoneOffset.UTC);
        horizon.raise(before);
        Map<String, List<LocalDate>> due = due(now, before);
        due.keySet().forEach(tables::seal);
        if (!awaitApplied(goOn)) {
            return false;
        }
        int packed = 0;
        for (Map.Entry<String, List<LocalDate>> each : due.entrySet()) {
            String table = each.getKey();
            for (LocalDate day : each.getValue()) {
                if (packed++ == MOST_A_ROUND || !goOn.getAsBoolean()) {
                    return false;
                }
                long start = System.nanoTime();
                pack(table, day, now, goOn);
                TimeUnit.NANOSECONDS.sleep(System.nanoTime() - start);
            }
        }
        return true;
    }

    /**
     * What was stored before the horizon rose is in its table, and nothing that comes later is for a day behind it; what a table
     * had of columns when it was sealed it has.
     */
    private boolean awaitApplied(BooleanSupplier goOn) throws InterruptedException {
        BooleanSupplier applied = db.committedUntilNow();
        long end = System.nanoTime() + APPLIED.toNanos();
        while (!applied.getAsBoolean()) {
            if (!goOn.getAsBoolean()) {
                return false;
            }
            if (System.nanoTime() > end) {
                throw new StoreUnavailableException(
                        "rows are not applied after " + APPLIED + "; packing waits for them");
            }
            db.committed();
            Thread.sleep(10);
        }
        return true;
    }

    /** By table, oldest first. */
    private Map<String, List<LocalDate>> due(Instant now, LocalDate before) {
        Map<String, Set<LocalDate>> left = leftAlone(now);
        Map<String, List<LocalDate>> due = new LinkedHashMap<>();
        for (String table : db.dailyTables()) {
            if (Tables.isPacked(table)) {
                List<LocalDate> days = packer.unpacked(table).stream()
                        .filter(day -> day.isBefore(before))
                        .filter(day -> summaries.settled(table, start(day.plusDays(1))))
                        .filter(day -> !left.getOrDefault(table, Set.of()).contains(day))
                        .toList();
                if (!days.isEmpty()) {
                    due.put(table, days);
                }
            }
        }
        return due;
    }

    private static Instant start(LocalDate day) {
        return day.atStartOfDay(ZoneOffset.UTC).toInstant();
    }

    private void pack(String table, LocalDate day, Instant now, BooleanSupplier goOn) {
        try {
            long start = System.nanoTime();
            remember(Try.BEGUN, table, day, now, "");
            Optional<Packer.Packed> done = packer.pack(table, day, goOn);
            db.committed();
            if (done.isEmpty()) {
                return;
            }
            Packer.Packed packed = done.get();
            days.incrementAndGet();
            bytesBefore.addAndGet(packed.bytesBefore());
            bytesAfter.addAndGet(packed.bytesAfter());
            log.info(
                    "{} of {} packed: {} rows, {} bytes instead of {}, in {} ms",
                    day,
                    table,
                    packed.rows(),
                    packed.bytesAfter(),
                    packed.bytesBefore(),
                    (System.nanoTime() - start) / 1_000_000);
        } catch (StoreUnavailableException e) {
            remember(Try.NOTHING, table, day, now, String.valueOf(e.getMessage()));
            if (goOn.getAsBoolean()) {
                failures.incrementAndGet();
                throw e;
            }
            log.debug("{} of {} is not packed: the store closes", day, table, e);
        } catch (Packer.DifferentException e) {
            failures.incrementAndGet();
            remember(Try.DIFFERENT, table, day, now, String.valueOf(e.getMessage()));
            log.error(
                    "{}; the day stays as it was, nothing is lost, and it is left alone for {} days. When that happens to"
                            + " other days too look at the disk and its memory, and switch it off with --pack-after",
                    e.getMessage(),
                    AGAIN.toDays());
        }
    }

    private void remember(Try what, String table, LocalDate day, Instant now, String reason) {
        String shortened = reason.substring(0, Math.min(reason.length(), LONGEST_REASON));
        db.execute("INSERT INTO packing VALUES (" + micros(now.toEpochMilli()) + ", '" + table + "', '" + day + "', "
                + what.ends + ", '" + shortened.replace("'", "''") + "')");
    }

    private Map<String, Set<LocalDate>> leftAlone(Instant now) {
        Map<String, Set<LocalDate>> found = new HashMap<>();
        db.query(
                "SELECT name, day FROM (SELECT name, day, sum(ends) ends FROM packing WHERE ts > '" + now.minus(AGAIN)
                        + "' GROUP BY name, day) WHERE ends >= " + Try.DIFFERENT.ends,
                Queries.Binder.NONE,
                row -> found.computeIfAbsent(String.valueOf(row.getSymA(0)), _ -> new HashSet<>())
                        .add(LocalDate.ofInstant(Instant.ofEpochMilli(Cells.time(row, 1)), ZoneOffset.UTC)));
        return found;
    }
}
