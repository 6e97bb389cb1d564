package dev.muster.telemetry.questdb;

import dev.muster.telemetry.store.QueryTooLargeException;
import dev.muster.telemetry.store.StoreUnavailableException;
import io.questdb.cairo.CairoEngine;
import io.questdb.cairo.CairoException;
import io.questdb.cairo.ColumnIndexerJob;
import io.questdb.cairo.ColumnPurgeJob;
import io.questdb.cairo.ColumnTaskJob;
import io.questdb.cairo.O3CopyJob;
import io.questdb.cairo.O3OpenColumnJob;
import io.questdb.cairo.O3PartitionJob;
import io.questdb.cairo.O3PartitionPurgeJob;
import io.questdb.cairo.TableToken;
import io.questdb.cairo.security.AllowAllSecurityContext;
import io.questdb.cairo.sql.AtomicBooleanCircuitBreaker;
import io.questdb.cairo.sql.BindVariableService;
import io.questdb.cairo.sql.Record;
import io.questdb.cairo.sql.RecordCursor;
import io.questdb.cairo.sql.RecordCursorFactory;
import io.questdb.cairo.sql.TableReferenceOutOfDateException;
import io.questdb.cairo.wal.ApplyWal2TableJob;
import io.questdb.cairo.wal.CheckWalTransactionsJob;
import io.questdb.cairo.wal.WalPurgeJob;
import io.questdb.cairo.wal.WalWriter;
import io.questdb.cairo.wal.seq.SeqTxnTracker;
import io.questdb.griffin.SqlException;
import io.questdb.griffin.SqlExecutionContextImpl;
import io.questdb.griffin.engine.functions.bind.BindVariableServiceImpl;
import io.questdb.mp.Job;
import io.questdb.std.Numbers;
import io.questdb.std.ObjHashSet;
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
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The embedded QuestDB engine with the background jobs that its server would run: applying the write-ahead log to the
 * tables, purging what was applied, merging rows that came out of order.
 *
 * <p>All work is done on platform threads of its own. QuestDB keeps native memory per thread; a virtual thread per request
 * would leak it.
 */
final class QuestDb implements AutoCloseable {
    /** Queries that run at once, and that wait. */
    static final int QUERY_THREADS = 3;

    static final int MAX_WAITING_QUERIES = 256;
    static final Duration QUERY_TIMEOUT = Duration.ofSeconds(30);
    static final int MAX_PLANS = 100;
    static final Duration RESUME_AFTER = Duration.ofSeconds(5);

    private static final Logger log = LoggerFactory.getLogger(QuestDb.class);
    private static final long PLAN_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final long IDLE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final long HOUSEKEEPING_IDLE_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    private final CairoEngine engine;
    private final StoreFiles files;
    private final ThreadPoolExecutor queries;
    private final Plans plans = new Plans();
    private final List<Thread> workers = new ArrayList<>();
    private final Map<String, String> suspended = new ConcurrentHashMap<>();
    private final List<Thread> appliers;
    private volatile boolean closing;

    private QuestDb(CairoEngine engine, StoreFiles files) {
        this.engine = engine;
        this.files = files;
        this.queries = new ThreadPoolExecutor(
                QUERY_THREADS,
                QUERY_THREADS,
                60,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(MAX_WAITING_QUERIES),
                Thread.ofPlatform().daemon().name("questdb-query-", 0).factory());
        queries.allowCoreThreadTimeOut(true);
        this.appliers = List.of(
                start("questdb-apply", () -> applyLoop(true)),
                // A second one: while it merges late rows, which takes long, the first applies those that came in time.
                start("questdb-apply-too", () -> applyLoop(false)));
        start("questdb-housekeeping", this::housekeepingLoop);
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

    /** Waits for its turn among the queries. */
    QuestDbCheckpoint checkpoint() {
        Future<QuestDbCheckpoint> made = queries.submit(() -> QuestDbCheckpoint.create(engine));
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return made.get();
                } catch (InterruptedException e) {
                    interrupted = true; // one that nobody closes would stay for ever
                }
            }
        } catch (ExecutionException e) {
            throw e.getCause() instanceof StoreUnavailableException unavailable
                    ? unavailable
                    : new StoreUnavailableException("questdb makes no checkpoint: " + e.getMessage(), e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Names of all tables that are not QuestDB's own. */
    List<String> tables() {
        List<String> names = new ArrayList<>();
        for (TableToken token : userTables()) {
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
                Binder.NONE,
                row -> names.add(String.valueOf(row.getStrA(0))));
        return names;
    }

    /** A CREATE or ALTER. */
    void execute(String ddl) {
        try (SqlExecutionContextImpl context = context(null, null)) {
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
        appliers.forEach(LockSupport::unpark);
    }

    @FunctionalInterface
    interface Binder {
        Binder NONE = _ -> {};

        void bind(BindVariableService variables) throws SqlException;
    }

    @FunctionalInterface
    interface RowReader {
        void read(Record row);
    }

    /** Runs a query on one of our threads and waits for it; bounded in number and time. */
    void query(String sql, Binder binder, RowReader reader) {
        AtomicBooleanCircuitBreaker breaker = new AtomicBooleanCircuitBreaker(engine);
        Future<?> running;
        try {
            running = queries.submit(() -> run(sql, binder, reader, breaker));
        } catch (RejectedExecutionException e) {
            throw new StoreUnavailableException(
                    closing
                            ? "the telemetry store is closing"
                            : MAX_WAITING_QUERIES + " telemetry queries wait already; try again in a moment",
                    e);
        }
        try {
            running.get(QUERY_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof StoreUnavailableException unavailable) {
                throw unavailable;
            }
            if (e.getCause() instanceof QueryTooLargeException tooLarge) {
                throw tooLarge;
            }
            throw new StoreUnavailableException("telemetry query failed: " + e.getMessage(), e);
        } catch (TimeoutException e) {
            breaker.cancel();
            running.cancel(false);
            throw new QueryTooLargeException("telemetry query took longer than " + QUERY_TIMEOUT.toSeconds()
                    + " s and was stopped; ask for a shorter time or fewer metrics");
        } catch (InterruptedException e) {
            breaker.cancel();
            running.cancel(false);
            Thread.currentThread().interrupt();
            throw new StoreUnavailableException("interrupted while waiting for a telemetry query", e);
        }
    }

    /** A plan is of no use any more when a column was added meanwhile, or not applied yet: it is made again. */
    private void run(String sql, Binder binder, RowReader reader, AtomicBooleanCircuitBreaker breaker) {
        for (int attempt = 1; ; attempt++) {
            try {
                runOnce(sql, binder, reader, breaker);
                return;
            } catch (SchemaMoved e) {
                if (attempt == MAX_PLANS) {
                    throw new StoreUnavailableException("telemetry query failed: " + e.getMessage(), e);
                }
                committed();
                LockSupport.parkNanos(this, PLAN_AGAIN_NANOS);
            }
        }
    }

    /** Before the first row was read: the columns are not those for which the query was planned. */
    private static final class SchemaMoved extends Exception {
        private static final long serialVersionUID = 1L;

        SchemaMoved(Throwable cause) {
            super(cause.getMessage(), cause);
        }
    }

    private void runOnce(String sql, Binder binder, RowReader reader, AtomicBooleanCircuitBreaker breaker)
            throws SchemaMoved {
        BindVariableService variables = new BindVariableServiceImpl(engine.getConfiguration());
        try (SqlExecutionContextImpl context = context(variables, breaker)) {
            binder.bind(variables);
            RecordCursorFactory known = plans.take(sql);
            RecordCursorFactory plan = known != null ? known : engine.select(sql, context);
            boolean good = false;
            try {
                try (RecordCursor cursor = plan.getCursor(context)) {
                    Record row = cursor.getRecord();
                    while (cursor.hasNext()) {
                        reader.read(row);
                    }
                }
                good = true;
            } finally {
                if (good) {
                    plans.giveBack(sql, plan);
                } else {
                    plan.close();
                }
            }
        } catch (TableReferenceOutOfDateException e) {
            throw new SchemaMoved(e);
        } catch (SqlException e) {
            if (String.valueOf(e.getMessage()).contains("Invalid column")) {
                throw new SchemaMoved(e);
            }
            throw new StoreUnavailableException("telemetry query failed: " + e.getMessage(), e);
        } catch (CairoException e) {
            throw new StoreUnavailableException("telemetry query failed: " + e.getMessage(), e);
        }
    }

    private SqlExecutionContextImpl context(
            @Nullable BindVariableService variables, @Nullable AtomicBooleanCircuitBreaker breaker) {
        // No shared workers: a query runs on the thread that asked for it.
        return new SqlExecutionContextImpl(engine, 0)
                .with(AllowAllSecurityContext.INSTANCE, variables, null, -1, breaker);
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
                Binder.NONE,
                row -> days.put(
                        String.valueOf(row.getStrA(0)),
                        row.getInt(1) * ("WEEK".contentEquals(row.getStrA(2)) ? 7 : 1)));
        return days;
    }

    boolean isEmpty(String table) {
        boolean[] empty = {true};
        query("SELECT ts FROM '" + table + "' LIMIT 1", Binder.NONE, _ -> empty[0] = false);
        return empty[0];
    }

    /** Drops the partitions that end before the time; QuestDB does it by itself only where rows are written. */
    void dropBefore(String table, Instant time) {
        long[] oldest = {Long.MAX_VALUE};
        query("SELECT min(ts) FROM '" + table + "'", Binder.NONE, row -> oldest[0] = row.getTimestamp(0));
        Instant day = time.truncatedTo(ChronoUnit.DAYS);
        if (oldest[0] != Numbers.LONG_NULL && oldest[0] < day.toEpochMilli() * 1000) {
            execute("ALTER TABLE '" + table + "' DROP PARTITION WHERE ts < '" + day + "'");
        }
    }

    /** Whether what is committed at this moment can be read. */
    BooleanSupplier committedUntilNow() {
        Map<TableToken, Long> committed = new HashMap<>();
        for (TableToken token : userTables()) {
            committed.put(token, tracker(token).getSeqTxn());
        }
        return () -> committed.entrySet().stream()
                .allMatch(entry -> tracker(entry.getKey()).getWriterTxn() >= entry.getValue());
    }

    private SeqTxnTracker tracker(TableToken token) {
        return engine.getTableSequencerAPI().getTxnTracker(token);
    }

    /** Committed transactions not yet applied to the tables. */
    long unapplied() {
        long sum = 0;
        for (TableToken token : userTables()) {
            sum += Math.max(
                    0, tracker(token).getSeqTxn() - Math.max(0, tracker(token).getWriterTxn()));
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

    Optional<String> problem() {
        return suspended.isEmpty()
                ? Optional.empty()
                : Optional.of("questdb could not apply writes to " + suspended + " and tries again every "
                        + RESUME_AFTER.toSeconds()
                        + " s; rows are safe in its write-ahead log, look at disk space and at the log");
    }

    private List<TableToken> userTables() {
        ObjHashSet<TableToken> tokens = new ObjHashSet<>();
        engine.getTableTokens(tokens, false);
        List<TableToken> found = new ArrayList<>();
        for (int i = 0; i < tokens.size(); i++) {
            if (!tokens.get(i).isSystem()) {
                found.add(tokens.get(i));
            }
        }
        return found;
    }

    private void applyLoop(boolean checks) {
        CheckWalTransactionsJob check = new CheckWalTransactionsJob(engine);
        if (checks) {
            // After a kill, what was committed and not applied is found here.
            check.checkMissingWalTransactions();
        }
        try (ApplyWal2TableJob apply = new ApplyWal2TableJob(engine, 0)) {
            while (!closing) {
                boolean busy = checks && check.run(0);
                busy |= apply.run(0);
                if (!busy) {
                    LockSupport.parkNanos(this, IDLE_NANOS);
                }
            }
        }
    }

    private void housekeepingLoop() {
        var bus = engine.getMessageBus();
        List<Job> merging = List.of(
                new O3PartitionJob(bus),
                new O3OpenColumnJob(bus),
                new O3CopyJob(bus),
                new ColumnTaskJob(bus),
                new ColumnIndexerJob(bus));
        try (WalPurgeJob walPurge = new WalPurgeJob(engine);
                O3PartitionPurgeJob partitionPurge = new O3PartitionPurgeJob(engine, 1);
                ColumnPurgeJob columnPurge = new ColumnPurgeJob(engine)) {
            long nextSlow = System.nanoTime();
            while (!closing) {
                boolean busy = false;
                for (Job job : merging) {
                    busy |= job.run(0);
                }
                busy |= partitionPurge.run(0);
                if (System.nanoTime() - nextSlow >= 0) {
                    walPurge.run(0);
                    columnPurge.run(0);
                    engine.releaseInactive();
                    resumeSuspended();
                    nextSlow = System.nanoTime() + RESUME_AFTER.toNanos();
                }
                if (!busy) {
                    LockSupport.parkNanos(this, HOUSEKEEPING_IDLE_NANOS);
                }
            }
        } catch (SqlException e) {
            throw new StoreUnavailableException("questdb's column purge cannot start", e);
        }
    }

    /** A table whose writes fail (disk full, say) is suspended by QuestDB until somebody resumes it. */
    private void resumeSuspended() {
        for (TableToken token : userTables()) {
            var api = engine.getTableSequencerAPI();
            if (!api.isSuspended(token)) {
                if (suspended.remove(token.getTableName()) != null) {
                    log.info("questdb table {} is written again", token.getTableName());
                }
                continue;
            }
            String reason = String.valueOf(tracker(token).getErrorMessage());
            if (suspended.put(token.getTableName(), reason) == null) {
                log.error(
                        "questdb table {} was suspended: {}; trying again every {} s",
                        token.getTableName(),
                        reason,
                        RESUME_AFTER.toSeconds());
            }
            api.resumeTable(token, 0);
        }
    }

    private Thread start(String name, Runnable loop) {
        Thread thread = Thread.ofPlatform()
                .daemon()
                .name(name)
                .uncaughtExceptionHandler((t, e) -> {
                    suspended.put(t.getName(), "thread died: " + e);
                    log.error("{} died; telemetry is no longer applied until a restart", t.getName(), e);
                })
                .start(loop);
        workers.add(thread);
        return thread;
    }

    @Override
    public void close() {
        closing = true;
        queries.shutdown();
        boolean interrupted = false;
        for (Thread worker : workers) {
            LockSupport.unpark(worker);
            try {
                worker.join(TimeUnit.SECONDS.toMillis(20));
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        try {
            queries.awaitTermination(5, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            interrupted = true;
        }
        plans.close();
        engine.close();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
