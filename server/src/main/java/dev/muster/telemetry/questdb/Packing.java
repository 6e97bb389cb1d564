package dev.muster.telemetry.questdb;

import static dev.muster.telemetry.questdb.Cells.micros;

import dev.muster.telemetry.store.StoreUnavailableException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.HashSet;
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
 * late rows, whose days change for as long as an asset may be out of reach; and not those of metrics, whose tables gain
 * columns: QuestDB 9.3.4 ends the process when it is asked for one that a packed day does not have.
 *
 * <p>A row that comes for a packed day all the same goes to the table of late rows; sums, samples and spans, whose columns never
 * change, are written into the day by QuestDB. A day that could not be packed is remembered in the table {@code unpacked} and
 * left alone for a week.
 */
final class Packing {
    /** Days that one round packs. */
    static final int MOST_A_ROUND = 50;

    private static final Duration APPLIED = Duration.ofMinutes(1);
    static final Duration AGAIN = Duration.ofDays(7);
    private static final int LONGEST_REASON = 500;
    private static final Logger log = LoggerFactory.getLogger(Packing.class);

    private final QuestDb db;
    private final Packer packer;
    private final Duration after;
    private final PackHorizon horizon;
    private final AtomicLong days = new AtomicLong();
    private final AtomicLong failures = new AtomicLong();
    private final AtomicLong bytesBefore = new AtomicLong();
    private final AtomicLong bytesAfter = new AtomicLong();

    /** Since the start. */
    record Counts(long days, long failures, long bytesBefore, long bytesAfter) {}

    /** @param after how long after its end a day is packed */
    Packing(QuestDb db, Duration after) {
        this.db = db;
        this.packer = db.packer();
        this.after = after;
        this.horizon = new PackHorizon(packer.newestPacked(
                db.tables().stream().filter(Tables::leavesPackedDaysAlone).toList()));
        db.execute("CREATE TABLE IF NOT EXISTS unpacked (ts TIMESTAMP, name SYMBOL, day TIMESTAMP, reason VARCHAR)"
                + " TIMESTAMP(ts) PARTITION BY MONTH TTL 12 MONTHS WAL");
    }

    PackHorizon horizon() {
        return horizon;
    }

    Counts counts() {
        return new Counts(days.get(), failures.get(), bytesBefore.get(), bytesAfter.get());
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
        if (!awaitApplied(goOn)) {
            return false;
        }
        Map<String, Set<LocalDate>> left = leftAlone(now);
        int packed = 0;
        for (String table : db.dailyTables()) {
            if (!Tables.isPacked(table)) {
                continue;
            }
            for (LocalDate day : due(table, before)) {
                if (left.getOrDefault(table, Set.of()).contains(day)) {
                    continue;
                }
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

    /** What was stored before the horizon rose is in its table, and nothing that comes later is for a day behind it. */
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

    private List<LocalDate> due(String table, LocalDate before) {
        return packer.unpacked(table).stream()
                .filter(day -> day.isBefore(before))
                .toList();
    }

    private void pack(String table, LocalDate day, Instant now, BooleanSupplier goOn) {
        try {
            long start = System.nanoTime();
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
            if (goOn.getAsBoolean()) {
                failures.incrementAndGet();
                throw e;
            }
            log.debug("{} of {} is not packed: the store closes", day, table, e);
        } catch (Packer.DifferentException e) {
            failures.incrementAndGet();
            leaveAlone(table, day, now, String.valueOf(e.getMessage()));
            log.error(
                    "{}; the day stays as it was, nothing is lost, and it is left alone for {} days. When that happens to"
                            + " other days too look at the disk and its memory, and switch it off with --pack-after",
                    e.getMessage(),
                    AGAIN.toDays());
        }
    }

    private void leaveAlone(String table, LocalDate day, Instant now, String reason) {
        String shortened = reason.substring(0, Math.min(reason.length(), LONGEST_REASON));
        db.execute("INSERT INTO unpacked VALUES (" + micros(now.toEpochMilli()) + ", '" + table + "', '" + day + "', '"
                + shortened.replace("'", "''") + "')");
    }

    private Map<String, Set<LocalDate>> leftAlone(Instant now) {
        Map<String, Set<LocalDate>> found = new HashMap<>();
        db.query(
                "SELECT name, day FROM unpacked WHERE ts > '" + now.minus(AGAIN) + "'",
                QuestDb.Binder.NONE,
                row -> found.computeIfAbsent(String.valueOf(row.getSymA(0)), _ -> new HashSet<>())
                        .add(LocalDate.ofInstant(Instant.ofEpochMilli(Cells.time(row, 1)), ZoneOffset.UTC)));
        return found;
    }
}
