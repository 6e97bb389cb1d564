package dev.muster.telemetry.questdb;

import dev.muster.telemetry.store.Row;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;

/**
 * Before which day days are packed, or may be at any moment: rows of such days go to the tables of late rows, however they
 * came.
 *
 * <p>QuestDB writes into a packed day only as long as the table has the columns that it had when the day was packed, rewrites
 * much for it, and a table whose writes fail stands still.
 */
final class PackHorizon {
    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
    private long before;

    /** @param before as found at the start */
    PackHorizon(LocalDate before) {
        this.before = millis(before);
    }

    private static long millis(LocalDate day) {
        return day.atStartOfDay(ZoneOffset.UTC).toInstant().toEpochMilli();
    }

    /** On return all that was stored with an earlier horizon is committed. */
    void raise(LocalDate day) {
        lock.writeLock().lock();
        try {
            before = Math.max(before, millis(day));
        } finally {
            lock.writeLock().unlock();
        }
    }

    /** The horizon does not move while rows are stored. */
    void store(List<? extends Row> rows, Consumer<List<? extends Row>> fresh, Consumer<List<? extends Row>> old) {
        lock.readLock().lock();
        try {
            List<? extends Row> ofPackedDays =
                    rows.stream().filter(row -> row.ts() < before).toList();
            if (ofPackedDays.isEmpty()) {
                fresh.accept(rows);
                return;
            }
            List<Row> others = new ArrayList<>(rows);
            others.removeIf(row -> row.ts() < before);
            if (!others.isEmpty()) {
                fresh.accept(others);
            }
            old.accept(ofPackedDays);
        } finally {
            lock.readLock().unlock();
        }
    }
}
