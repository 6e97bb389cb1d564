package dev.muster.telemetry.questdb;

import dev.muster.telemetry.store.StoreUnavailableException;
import io.questdb.cairo.CairoConfiguration;
import io.questdb.cairo.CairoEngine;
import io.questdb.cairo.CairoException;
import io.questdb.cairo.ColumnType;
import io.questdb.cairo.EntryUnavailableException;
import io.questdb.cairo.PartitionBy;
import io.questdb.cairo.TableReader;
import io.questdb.cairo.TableToken;
import io.questdb.cairo.TableUtils;
import io.questdb.cairo.TableWriter;
import io.questdb.cairo.TxReader;
import io.questdb.cairo.security.AllowAllSecurityContext;
import io.questdb.cairo.sql.PartitionFormat;
import io.questdb.cairo.sql.RecordCursor;
import io.questdb.cairo.sql.RecordCursorFactory;
import io.questdb.griffin.SqlException;
import io.questdb.griffin.SqlExecutionContextImpl;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Makes a day of a table into Parquet: written, synced and compared with the rows of the day, value by value, before QuestDB
 * counts on it. When it is not the same it is taken away, and the day stays as it was.
 *
 * <p>The change is one commit of QuestDB: a process that is killed at any moment leaves either the day as it was, with a file
 * that nobody knows and QuestDB removes, or the day in Parquet. The files of before go when no question reads them any more.
 *
 * <p>Meanwhile the table is not written: rows that come are committed to its write-ahead log and can be read afterwards.
 */
final class Packer {
    /** QuestDB's own, with which it waits in silence for a table that somebody else writes. */
    private static final String REASON = "WAL Data Application";

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final long TRY_AGAIN_NANOS = 200_000;
    private static final long MICROS_PER_DAY = Duration.ofDays(1).toMillis() * 1000;

    private final CairoEngine engine;
    private final StoreFiles files;

    record Packed(long rows, long bytesBefore, long bytesAfter) {}

    /** What was written is not what is stored. */
    static final class DifferentException extends Exception {
        private static final long serialVersionUID = 1L;

        DifferentException(String message, Throwable cause) {
            super(message, cause);
        }
    }

    Packer(CairoEngine engine, StoreFiles files) {
        this.engine = engine;
        this.files = files;
    }

    /** The days of a table that are not in Parquet, oldest first; the table has daily partitions. */
    List<LocalDate> unpacked(String table) {
        TreeSet<LocalDate> days = new TreeSet<>();
        try (TableReader reader = engine.getReader(engine.verifyTableName(table))) {
            for (int i = 0; i < reader.getPartitionCount(); i++) {
                if (reader.getPartitionFormatFromMetadata(i) == PartitionFormat.NATIVE) {
                    days.add(day(reader.getPartitionTimestampByIndex(i)));
                }
            }
        } catch (CairoException e) {
            throw new StoreUnavailableException(
                    "cannot look at the days of questdb table " + table + ": " + e.getMessage(), e);
        }
        return List.copyOf(days);
    }

    /** Those of the tables that have days in Parquet, and the day after the newest of those. Reads no more than it must. */
    Map<String, LocalDate> packedUntil(List<String> tables) {
        Map<String, LocalDate> found = new HashMap<>();
        CairoConfiguration settings = engine.getConfiguration();
        try (TxReader transactions = new TxReader(files);
                io.questdb.std.str.Path path = new io.questdb.std.str.Path()) {
            for (String table : tables) {
                path.of(settings.getDbRoot())
                        .concat(engine.verifyTableName(table))
                        .concat(TableUtils.TXN_FILE_NAME);
                transactions.ofRO(path.$(), ColumnType.TIMESTAMP, PartitionBy.DAY);
                TableUtils.safeReadTxn(transactions, settings.getMillisecondClock(), settings.getSpinLockTimeout());
                for (int i = 0; i < transactions.getPartitionCount(); i++) {
                    if (transactions.isPartitionParquet(i)) {
                        found.put(
                                table,
                                day(transactions.getPartitionTimestampByIndex(i))
                                        .plusDays(1));
                    }
                }
                transactions.clear();
            }
        } catch (CairoException e) {
            throw new StoreUnavailableException("cannot look at the days of questdb tables: " + e.getMessage(), e);
        }
        return found;
    }

    private static LocalDate day(long micros) {
        return LocalDate.ofEpochDay(Math.floorDiv(micros, MICROS_PER_DAY));
    }

    /**
     * Empty when the day is in Parquet already, or has no rows.
     *
     * @param goOn asked while rows are compared; when it says no the day stays as it is
     * @throws StoreUnavailableException when it could not be done this time
     * @throws DifferentException when the Parquet does not hold what the day holds
     */
    Optional<Packed> pack(String table, LocalDate day, BooleanSupplier goOn) throws DifferentException {
        TableToken token = engine.verifyTableName(table);
        Work work = new Work(table, day, goOn);
        try (TableWriter writer = writer(token)) {
            if (!unpacked(table).contains(day)) {
                return Optional.empty();
            }
            try {
                files.inspected(
                        work::inspect,
                        () -> writer.convertPartitionNativeToParquet(
                                day.toEpochDay() * MICROS_PER_DAY, null, Double.NaN));
            } catch (RuntimeException | Error e) {
                writer.markDistressed(); // made anew from what is on disk
                throw e;
            }
            return Optional.of(work.packed());
        } catch (CairoException e) {
            String what = day + " of questdb table " + table;
            if (work.difference != null) {
                throw new DifferentException(what + " in Parquet is not what is stored: " + work.difference, e);
            }
            throw new StoreUnavailableException("cannot pack " + what + ": " + e.getMessage(), e);
        } finally {
            engine.notifyWalTxnCommitted(token); // what came meanwhile
        }
    }

    /** The one and only: nobody else writes the table until it is closed. */
    private TableWriter writer(TableToken token) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try {
                return engine.getWriter(token, REASON);
            } catch (EntryUnavailableException e) {
                if (System.nanoTime() > end || Thread.currentThread().isInterrupted()) {
                    throw new StoreUnavailableException(
                            "questdb table " + token.getTableName() + " is being written all the time", e);
                }
                LockSupport.parkNanos(this, TRY_AGAIN_NANOS);
            }
        }
    }

    /** One day of one table. */
    private final class Work {
        private final String table;
        private final LocalDate day;
        private final BooleanSupplier goOn;
        private long rows;
        private long bytesBefore;
        private long bytesAfter;
        private @Nullable String difference;
        private boolean stopped;

        Work(String table, LocalDate day, BooleanSupplier goOn) {
            this.table = table;
            this.day = day;
            this.goOn = goOn;
        }

        Packed packed() {
            return new Packed(rows, bytesBefore, bytesAfter);
        }

        void inspect(Path file) {
            try {
                Path packed = Objects.requireNonNull(file.getParent());
                bytesAfter = size(packed);
                bytesBefore = sizeOfDay(packed);
                compare(file);
            } catch (SqlException | CairoException e) {
                difference = "it cannot be read: " + e.getMessage();
            } catch (IOException e) {
                throw CairoException.critical(0)
                        .put("cannot look at ")
                        .put(file.toString())
                        .put(": ")
                        .put(e.toString());
            }
            if (stopped || difference != null) {
                throw CairoException.nonCritical().put("the day stays as it is");
            }
        }

        private void compare(Path file) throws SqlException {
            try (SqlExecutionContextImpl context = context();
                    RecordCursorFactory stored = engine.select(
                            "SELECT * FROM '" + table + "' WHERE ts >= '" + start(day) + "' AND ts < '"
                                    + start(day.plusDays(1)) + "'",
                            context);
                    RecordCursorFactory written = engine.select("SELECT * FROM read_parquet('" + file + "')", context);
                    RecordCursor expected = stored.getCursor(context);
                    RecordCursor found = written.getCursor(context)) {
                SameRows.Comparison comparison =
                        SameRows.compare(stored.getMetadata(), expected, written.getMetadata(), found, goOn);
                rows = comparison.rows();
                stopped = comparison.stopped();
                if (!stopped && !comparison.difference().isEmpty()) {
                    difference = comparison.difference();
                }
            }
        }

        private SqlExecutionContextImpl context() {
            SqlExecutionContextImpl context = new SqlExecutionContextImpl(engine, 0);
            // As tables read theirs; QuestDB's other way reads from address 0 where a column has no values.
            context.setParallelReadParquetEnabled(true);
            return context.with(AllowAllSecurityContext.INSTANCE, null, null, -1, null);
        }

        private static Instant start(LocalDate day) {
            return day.atStartOfDay(ZoneOffset.UTC).toInstant();
        }

        /** Of the folders of the day's partitions, without the one in Parquet. */
        private long sizeOfDay(Path packed) throws IOException {
            long sum = 0;
            try (Stream<Path> folders = Files.list(Objects.requireNonNull(packed.getParent()))) {
                for (Path folder : folders.toList()) {
                    if (folder.getFileName().toString().startsWith(day.toString()) && !folder.equals(packed)) {
                        sum += size(folder);
                    }
                }
            }
            return sum;
        }

        private static long size(Path folder) throws IOException {
            long sum = 0;
            try (Stream<Path> entries = Files.list(folder)) {
                for (Path entry : entries.toList()) {
                    sum += Files.size(entry);
                }
            }
            return sum;
        }
    }
}
