package dev.muster.telemetry.questdb;

import dev.muster.telemetry.store.StoreUnavailableException;
import io.questdb.cairo.CairoEngine;
import io.questdb.cairo.ColumnIndexerJob;
import io.questdb.cairo.ColumnPurgeJob;
import io.questdb.cairo.ColumnTaskJob;
import io.questdb.cairo.O3CopyJob;
import io.questdb.cairo.O3OpenColumnJob;
import io.questdb.cairo.O3PartitionJob;
import io.questdb.cairo.O3PartitionPurgeJob;
import io.questdb.cairo.TableToken;
import io.questdb.cairo.wal.ApplyWal2TableJob;
import io.questdb.cairo.wal.CheckWalTransactionsJob;
import io.questdb.cairo.wal.WalPurgeJob;
import io.questdb.griffin.SqlException;
import io.questdb.mp.Job;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The background jobs that QuestDB's own server would run: applying the write-ahead log to the tables, merging rows that came
 * out of order, purging what was applied, resuming tables that could not be written.
 */
final class Upkeep {
    static final Duration RESUME_AFTER = Duration.ofSeconds(5);

    private static final Logger log = LoggerFactory.getLogger(Upkeep.class);
    private static final long IDLE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final long HOUSEKEEPING_IDLE_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    private final CairoEngine engine;
    private final List<Thread> workers = new ArrayList<>();
    private final Map<String, String> suspended = new ConcurrentHashMap<>();
    private final List<Thread> appliers;
    private volatile boolean closing;

    Upkeep(CairoEngine engine) {
        this.engine = engine;
        this.appliers = List.of(
                start("questdb-apply", () -> applyLoop(true)),
                // A second one: while it merges late rows, which takes long, the first applies those that came in time.
                start("questdb-apply-too", () -> applyLoop(false)));
        start("questdb-housekeeping", this::housekeepingLoop);
    }

    /** Applies soon what is committed. */
    void apply() {
        appliers.forEach(LockSupport::unpark);
    }

    Optional<String> problem() {
        return suspended.isEmpty()
                ? Optional.empty()
                : Optional.of("questdb could not apply writes to " + suspended + " and tries again every "
                        + RESUME_AFTER.toSeconds()
                        + " s; rows are safe in its write-ahead log, look at disk space and at the log");
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
        for (TableToken token : UserTables.of(engine)) {
            var api = engine.getTableSequencerAPI();
            if (!api.isSuspended(token)) {
                if (suspended.remove(token.getTableName()) != null) {
                    log.info("questdb table {} is written again", token.getTableName());
                }
                continue;
            }
            String reason = String.valueOf(UserTables.tracker(engine, token).getErrorMessage());
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

    /** Returns whether the calling thread was interrupted while it waited. */
    boolean stop() {
        closing = true;
        boolean interrupted = false;
        for (Thread worker : workers) {
            LockSupport.unpark(worker);
            try {
                worker.join(TimeUnit.SECONDS.toMillis(20));
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        return interrupted;
    }
}
