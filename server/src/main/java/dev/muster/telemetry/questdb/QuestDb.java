package dev.muster.telemetry.questdb;

import dev.muster.telemetry.store.StoreUnavailableException;
import io.questdb.cairo.CairoEngine;
import io.questdb.cairo.CairoException;
import io.questdb.cairo.TableToken;
import io.questdb.cairo.wal.WalWriter;
import io.questdb.griffin.SqlException;
import io.questdb.griffin.SqlExecutionContextImpl;
import io.questdb.std.Numbers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;

/**
 * The embedded QuestDB engine: its tables, what is written to them and asked of them.
 *
 * <p>All work is done on platform threads of its own. QuestDB keeps native memory per thread; a virtual thread per request
 * would leak it.
 */
final class QuestDb implements AutoCloseable {
    private final CairoEngine engine;
    private final StoreFiles files;
    private final Upkeep upkeep;
    private final Queries queries;

    private QuestDb(CairoEngine engine, StoreFiles files) {
        this.engine = engine;
        this.files = files;
        this.upkeep = new Upkeep(engine);
        this.queries = new Queries(engine, upkeep::apply);
    }

    static QuestDb open(Path folder, boolean syncOnCommit) {
        QuestDbLog.install(); // before the settings, which are a class of QuestDB
        return open(new EngineSettings(folder, syncOnCommit, new StoreFiles()));
    }

    static QuestDb open(EngineSettings settings) {
        QuestDbLog.install();
        EmptyTables.remove(Path.of(settings.getDbRoot()));
        InterruptedChanges.complete(Path.of(settings.getDbRoot()));
        CairoEngine engine = new CairoEngine(settings);
        try {
            engine.load();
            engine.buildViewGraphs();
            engine.getMetadataCache().onStartupAsyncHydrator();
            return new QuestDb(engine, settings.getFilesFacade());
        } catch (RuntimeException | Error e) {
            engine.close();
            throw e;
        }
    }

    QuestDbCheckpoint checkpoint() {
        return queries.checkpoint();
    }

    /** Names of all tables that are not QuestDB's own. */
    List<String> tables() {
        List<String> names = new ArrayList<>();
        for (TableToken token : UserTables.of(engine)) {
            names.add(token.getTableName());
        }
        return names;
    }

    /** For one thread of ours. */
    Packer packer() {
        return new Packer(engine, files);
    }

    /** Names of the tables whose partitions are days. */
    List<String> dailyTables() {
        List<String> names = new ArrayList<>();
        query(
                "SELECT table_name FROM tables() WHERE partitionBy = 'DAY' ORDER BY table_name",
                Queries.Binder.NONE,
                row -> names.add(String.valueOf(row.getStrA(0))));
        return names;
    }

    /** A CREATE or ALTER. */
    void execute(String ddl) {
        try (SqlExecutionContextImpl context = Queries.context(engine, null, null)) {
            engine.execute(ddl, context);
        } catch (SqlException | CairoException e) {
            throw new StoreUnavailableException("questdb refused \"" + ddl + "\": " + e.getMessage(), e);
        }
    }

    /** For one batch by the calling thread: rows, one commit, close. */
    WalWriter writer(String table) {
        return engine.getWalWriter(engine.verifyTableName(table));
    }

    /** To be called after a commit: applies it soon. */
    void committed() {
        upkeep.apply();
    }

    /** Runs a query on one of our threads and waits for it; bounded in number and time. */
    void query(String sql, Queries.Binder binder, Queries.RowReader reader) {
        queries.query(sql, binder, reader);
    }

    Optional<String> problem() {
        return upkeep.problem();
    }

    /** Column names and types of what readers see now, in order; empty when there is no such table. */
    Map<String, Integer> columns(String table) {
        TableToken token = engine.getTableTokenIfExists(table);
        Map<String, Integer> columns = new TreeMap<>();
        if (token == null) {
            return columns;
        }
        try (var metadata = engine.getSequencerMetadata(token)) {
            for (int i = 0; i < metadata.getColumnCount(); i++) {
                columns.put(metadata.getColumnName(i), metadata.getColumnType(i));
            }
        }
        return columns;
    }

    /** For how many days each table of daily partitions keeps its rows; QuestDB tells seven of them as a week. */
    Map<String, Integer> ttlDays() {
        Map<String, Integer> days = new TreeMap<>();
        query(
                "SELECT table_name, ttlValue, ttlUnit FROM tables() WHERE ttlValue > 0 AND partitionBy = 'DAY' AND ttlUnit IN ('DAY', 'WEEK')",
                Queries.Binder.NONE,
                row -> days.put(
                        String.valueOf(row.getStrA(0)),
                        row.getInt(1) * ("WEEK".contentEquals(row.getStrA(2)) ? 7 : 1)));
        return days;
    }

    boolean isEmpty(String table) {
        boolean[] empty = {true};
        query("SELECT ts FROM '" + table + "' LIMIT 1", Queries.Binder.NONE, _ -> empty[0] = false);
        return empty[0];
    }

    /** Drops the partitions that end before the time; QuestDB does it by itself only where rows are written. */
    void dropBefore(String table, Instant time) {
        long[] oldest = {Long.MAX_VALUE};
        query("SELECT min(ts) FROM '" + table + "'", Queries.Binder.NONE, row -> oldest[0] = row.getTimestamp(0));
        Instant day = time.truncatedTo(ChronoUnit.DAYS);
        if (oldest[0] != Numbers.LONG_NULL && oldest[0] < day.toEpochMilli() * 1000) {
            execute("ALTER TABLE '" + table + "' DROP PARTITION WHERE ts < '" + day + "'");
        }
    }

    /** Whether what is committed at this moment can be read. */
    BooleanSupplier committedUntilNow() {
        Map<TableToken, Long> committed = new HashMap<>();
        for (TableToken token : UserTables.of(engine)) {
            committed.put(token, UserTables.tracker(engine, token).getSeqTxn());
        }
        return () -> committed.entrySet().stream()
                .allMatch(entry -> UserTables.tracker(engine, entry.getKey()).getWriterTxn() >= entry.getValue());
    }

    /** Committed transactions not yet applied to the tables. */
    long unapplied() {
        long sum = 0;
        for (TableToken token : UserTables.of(engine)) {
            sum += Math.max(
                    0,
                    UserTables.tracker(engine, token).getSeqTxn()
                            - Math.max(0, UserTables.tracker(engine, token).getWriterTxn()));
        }
        return sum;
    }

    void awaitApplied(Duration atMost) throws InterruptedException {
        long deadline = System.nanoTime() + atMost.toNanos();
        while (unapplied() > 0) {
            if (System.nanoTime() > deadline) {
                throw new StoreUnavailableException(unapplied() + " transactions are not applied after " + atMost
                        + problem().map(p -> ": " + p).orElse(""));
            }
            committed();
            Thread.sleep(5);
        }
    }

    @Override
    public void close() {
        boolean interrupted = upkeep.stop();
        interrupted |= queries.stop();
        engine.close();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
