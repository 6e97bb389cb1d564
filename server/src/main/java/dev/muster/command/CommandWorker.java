package dev.muster.command;

import dev.muster.platform.config.Settings;
import dev.muster.platform.event.EventLog;
import dev.muster.platform.id.Ids;
import dev.muster.platform.lease.Lease;
import dev.muster.platform.lease.LeaseLostException;
import dev.muster.platform.lease.Leases;
import dev.muster.protocol.AssetId;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Keeps commands going: gives queued ones out as their run has room, notices deadlines, ends runs, forgets old ones.
 *
 * <p>One server at a time holds the lease and does it, in small transactions that each check the lease: killed between any
 * two of them, the next one goes on from what is stored.
 */
@Component
class CommandWorker implements SmartLifecycle {
    static final String DEADLINE_PASSED = "its deadline has passed";
    /** A word that was received before the deadline may still be on its way through the journal. */
    static final Duration GRACE = Duration.ofSeconds(2);

    private static final Logger LOG = LoggerFactory.getLogger(CommandWorker.class);
    private static final String LEASE = "command-worker";
    private static final Duration LEASE_LIFE = Duration.ofSeconds(15);
    private static final Duration RENEW_AFTER = Duration.ofSeconds(5);
    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final Duration FIGURES = Duration.ofSeconds(30);
    private static final Duration CLEANING = Duration.ofMinutes(10);
    /** Commands of one transaction. */
    private static final int CHUNK = 500;

    private static final int FORGOTTEN_AT_ONCE = 5_000;

    private final CommandStore store;
    private final RunStore runs;
    private final SuccessRates rates;
    private final CommandMetrics metrics;
    private final CommandTraces traces;
    private final Nudges nudges;
    private final EventLog events;
    private final Leases leases;
    private final Clock clock;
    private final TransactionTemplate transaction;
    private final Duration retention;
    private final String holder;
    private final Semaphore wakeups = new Semaphore(0);
    private volatile boolean running;
    private volatile boolean stopping;
    private @Nullable Thread thread;
    private @Nullable Lease lease;
    private long renewDue;
    private Instant figuresDue = Instant.MIN;
    private Instant cleaningDue = Instant.MIN;

    CommandWorker(
            CommandStore store,
            RunStore runs,
            SuccessRates rates,
            CommandMetrics metrics,
            CommandTraces traces,
            Nudges nudges,
            EventLog events,
            Leases leases,
            Ids ids,
            Clock clock,
            PlatformTransactionManager transactions,
            Settings settings) {
        this.store = store;
        this.runs = runs;
        this.rates = rates;
        this.metrics = metrics;
        this.traces = traces;
        this.nudges = nudges;
        this.events = events;
        this.leases = leases;
        this.clock = clock;
        this.transaction = new TransactionTemplate(transactions);
        this.retention = settings.get(CommandSettings.RETENTION);
        this.holder = "commands-" + ids.next();
    }

    /** There is something to do; a hint, what is missed is found a little later. */
    void soon() {
        if (wakeups.availablePermits() == 0) {
            wakeups.release();
        }
    }

    @Override
    public void start() {
        stopping = false;
        running = true;
        thread = Thread.ofPlatform().daemon().name("command-worker").start(this::run);
    }

    @Override
    public void stop() {
        stopping = true;
        running = false;
        Thread worker = thread;
        if (worker != null) {
            wakeups.release();
            try {
                worker.join(TimeUnit.SECONDS.toMillis(10));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    private void run() {
        boolean away = false;
        while (!stopping) {
            try {
                work();
                away = false;
            } catch (DataAccessException | TransactionException e) {
                if (!away && !stopping) {
                    LOG.warn("commands do not go on while the database is away: {}", e.getMessage());
                }
                away = true;
            } catch (LeaseLostException e) {
                LOG.warn("another server keeps commands going now: {}", e.getMessage());
                lease = null;
            } catch (RuntimeException e) {
                LOG.error("commands did not go on; tried again in {}", PAUSE, e);
            }
            pause();
        }
        release();
    }

    private void pause() {
        try {
            if (wakeups.tryAcquire(PAUSE.toMillis(), TimeUnit.MILLISECONDS)) {
                wakeups.drainPermits();
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts the command worker", e);
        }
    }

    /** One round, when this server holds the lease or can take it. @return whether it did */
    boolean work() {
        if (!isLeader()) {
            return false;
        }
        round();
        return true;
    }

    private boolean isLeader() {
        Lease held = lease;
        Optional<Lease> now = held == null ? Optional.empty() : leases.renew(held, LEASE_LIFE);
        lease = now.or(() -> leases.acquire(LEASE, holder, LEASE_LIFE)).orElse(null);
        renewDue = System.nanoTime() + RENEW_AFTER.toNanos();
        return lease != null;
    }

    /** A round may be longer than the life of the lease. When it was lost, the next transaction refuses to go on. */
    private void keepLease() {
        Lease held = lease;
        if (held != null && System.nanoTime() - renewDue >= 0) {
            lease = leases.renew(held, LEASE_LIFE).orElse(held);
            renewDue = System.nanoTime() + RENEW_AFTER.toNanos();
        }
    }

    private void release() {
        Lease held = lease;
        if (held != null) {
            try {
                leases.release(held);
            } catch (DataAccessException e) {
                LOG.debug("the lease of the command worker runs out by itself", e);
            }
        }
    }

    /** Everything that is due now; the caller holds the lease. */
    private void round() {
        while (!stopping && expire() == CHUNK) {
            // until fewer than a whole chunk were due
        }
        for (String run : runs.active()) {
            while (!stopping && advance(run)) {
                // until it has to wait
            }
        }
        Instant now = clock.instant();
        if (!now.isBefore(figuresDue)) {
            metrics.open(store.open());
            rates.refresh(metrics, now);
            figuresDue = now.plus(FIGURES);
        }
        if (!now.isBefore(cleaningDue)) {
            while (!stopping && store.forget(now.minus(retention), FORGOTTEN_AT_ONCE) == FORGOTTEN_AT_ONCE) {
                // a bounded number at a time
            }
            runs.forget(now.minus(retention), FORGOTTEN_AT_ONCE);
            cleaningDue = now.plus(CLEANING);
        }
    }

    /** @return how many passed their deadline */
    private int expire() {
        keepLease();
        List<Command> expired = new ArrayList<>();
        transaction.executeWithoutResult(status -> {
            requireHeld();
            List<CommandStore.Change> changes = new ArrayList<>();
            Instant now = clock.instant();
            for (Command command : store.lockDue(now.minus(GRACE), CHUNK)) {
                CommandEngine.passed(command.progress(), now).ifPresent(next -> {
                    Command after = command.with(next, DEADLINE_PASSED);
                    changes.add(new CommandStore.Change(after, List.of(CommandEngine.step(next)), null));
                    expired.add(after);
                });
            }
            store.write(changes);
            expired.stream()
                    .filter(command -> command.run() == null)
                    .forEach(command -> events.append(
                            "command." + command.status().wire(),
                            "asset/" + command.asset(),
                            CommandService.eventOf(command)));
        });
        expired.forEach(metrics::settled);
        expired.forEach(command -> traces.settled(command, List.of()));
        return expired.size();
    }

    /** @return whether there may be more to do at once */
    private boolean advance(String id) {
        keepLease();
        return Boolean.TRUE.equals(transaction.execute(status -> {
            requireHeld();
            Run run = runs.lock(id).orElse(null);
            if (run == null || run.state() == Run.State.ENDED) {
                return false;
            }
            Map<Status, Integer> counts = runs.counts(id);
            Instant now = now();
            return switch (run.turn(
                    counts.getOrDefault(Status.QUEUED, 0), underWay(counts), unsuccessful(counts), now)) {
                case Run.Turn.Give(int count) -> give(run, Math.min(count, CHUNK), now);
                case Run.Turn.Stop(String reason) -> {
                    runs.stop(id, reason);
                    append("command_run.stopping", id, counts);
                    yield true;
                }
                case Run.Turn.Clear() -> clear(run, now);
                case Run.Turn.Wait() -> false;
                case Run.Turn.End() -> {
                    runs.end(id, now);
                    append("command_run.ended", id, counts);
                    yield false;
                }
            };
        }));
    }

    private boolean give(Run run, int count, Instant now) {
        List<String> given = new ArrayList<>();
        List<AssetId> nudged = new ArrayList<>();
        List<String> gone = new ArrayList<>();
        for (RunStore.Next next : runs.lockQueued(run.id(), count)) {
            if (next.canBeTold()) {
                given.add(next.id());
                nudged.add(new AssetId(next.asset()));
                metrics.given(next.attempt(), 1);
            } else {
                gone.add(next.id());
            }
        }
        runs.give(given, now);
        cancel(gone, Settler.LIFECYCLE, "its asset is retired, quarantined or deleted", now);
        nudges.afterCommit(nudged);
        return !given.isEmpty() || !gone.isEmpty();
    }

    private boolean clear(Run run, Instant now) {
        List<String> queued =
                runs.lockQueued(run.id(), CHUNK).stream().map(RunStore.Next::id).toList();
        cancel(queued, Settler.RUN, "its run was stopped: " + run.stopped(), now);
        return !queued.isEmpty();
    }

    private void cancel(List<String> ids, Settler by, String reason, Instant now) {
        if (ids.isEmpty()) {
            return;
        }
        List<CommandStore.Change> changes = new ArrayList<>();
        for (Command command : store.lock(ids)) {
            CommandEngine.cancelled(command.progress(), by, now).ifPresent(next -> {
                Command after = command.with(next, reason);
                changes.add(new CommandStore.Change(after, List.of(CommandEngine.step(next)), null));
                metrics.settled(after);
            });
        }
        store.write(changes);
    }

    private void append(String type, String id, Map<Status, Integer> counts) {
        Map<String, Object> data =
                new LinkedHashMap<>(RunService.summary(runs.find(id).orElseThrow()));
        counts.forEach((status, count) -> data.put(status.wire(), count));
        events.append(type, "command-run/" + id, data);
    }

    private static int underWay(Map<Status, Integer> counts) {
        return sum(counts, Status.PENDING, Status.ACCEPTED, Status.RUNNING);
    }

    private static int unsuccessful(Map<Status, Integer> counts) {
        return sum(counts, Status.FAILED, Status.REJECTED, Status.EXPIRED, Status.INDETERMINATE);
    }

    private static int sum(Map<Status, Integer> counts, Status... statuses) {
        int sum = 0;
        for (Status status : statuses) {
            sum += counts.getOrDefault(status, 0);
        }
        return sum;
    }

    private void requireHeld() {
        Lease held = lease;
        if (held == null) {
            throw new IllegalStateException("the command worker acts without its lease");
        }
        leases.requireHeld(held);
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }
}
