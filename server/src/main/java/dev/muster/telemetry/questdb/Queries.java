package dev.muster.telemetry.questdb;

import dev.muster.telemetry.store.QueryTooLargeException;
import dev.muster.telemetry.store.StoreUnavailableException;
import io.questdb.cairo.CairoEngine;
import io.questdb.cairo.CairoException;
import io.questdb.cairo.security.AllowAllSecurityContext;
import io.questdb.cairo.sql.AtomicBooleanCircuitBreaker;
import io.questdb.cairo.sql.BindVariableService;
import io.questdb.cairo.sql.Record;
import io.questdb.cairo.sql.RecordCursor;
import io.questdb.cairo.sql.RecordCursorFactory;
import io.questdb.cairo.sql.TableReferenceOutOfDateException;
import io.questdb.griffin.SqlException;
import io.questdb.griffin.SqlExecutionContextImpl;
import io.questdb.griffin.engine.functions.bind.BindVariableServiceImpl;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Questions to QuestDB: on platform threads of their own, bounded in number and time. */
final class Queries {
    /** Queries that run at once, and that wait. */
    private static final int THREADS = 3;

    private static final int MAX_WAITING = 256;
    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final int MAX_PLANS = 100;
    private static final long PLAN_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final CairoEngine engine;
    private final Runnable apply;
    private final ThreadPoolExecutor threads;
    private final Plans plans = new Plans();

    /** @param apply applies soon what is committed */
    Queries(CairoEngine engine, Runnable apply) {
        this.engine = engine;
        this.apply = apply;
        this.threads = new ThreadPoolExecutor(
                THREADS,
                THREADS,
                60,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(MAX_WAITING),
                Thread.ofPlatform().daemon().name("questdb-query-", 0).factory());
        threads.allowCoreThreadTimeOut(true);
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

    /** Waits for its turn among the queries. */
    QuestDbCheckpoint checkpoint() {
        Future<QuestDbCheckpoint> made = threads.submit(() -> QuestDbCheckpoint.create(engine));
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

    /** Runs a query on one of our threads and waits for it; bounded in number and time. */
    void query(String sql, Binder binder, RowReader reader) {
        AtomicBooleanCircuitBreaker breaker = new AtomicBooleanCircuitBreaker(engine);
        Future<?> running;
        try {
            running = threads.submit(() -> run(sql, binder, reader, breaker));
        } catch (RejectedExecutionException e) {
            throw new StoreUnavailableException(
                    threads.isShutdown()
                            ? "the telemetry store is closing"
                            : MAX_WAITING + " telemetry queries wait already; try again in a moment",
                    e);
        }
        try {
            running.get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
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
            throw new QueryTooLargeException("telemetry query took longer than " + TIMEOUT.toSeconds()
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
                apply.run();
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
        try (SqlExecutionContextImpl context = context(engine, variables, breaker)) {
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

    static SqlExecutionContextImpl context(
            CairoEngine engine,
            @Nullable BindVariableService variables,
            @Nullable AtomicBooleanCircuitBreaker breaker) {
        // No shared workers: a query runs on the thread that asked for it.
        return new SqlExecutionContextImpl(engine, 0)
                .with(AllowAllSecurityContext.INSTANCE, variables, null, -1, breaker);
    }

    /** Takes no more and waits for those under way; returns whether the calling thread was interrupted meanwhile. */
    boolean stop() {
        threads.shutdown();
        boolean interrupted = false;
        try {
            threads.awaitTermination(5, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            interrupted = true;
        }
        plans.close();
        return interrupted;
    }
}
