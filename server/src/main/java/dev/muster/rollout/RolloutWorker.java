package dev.muster.rollout;

import dev.muster.actuator.EvidenceListener;
import dev.muster.platform.id.Ids;
import dev.muster.platform.lease.Lease;
import dev.muster.platform.lease.LeaseLostException;
import dev.muster.platform.lease.Leases;
import dev.muster.protocol.AssetId;
import dev.muster.rollout.RolloutRounds.Outcome;
import dev.muster.rollout.engine.Joining;
import dev.muster.rollout.engine.Measures;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.dao.PessimisticLockingFailureException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Takes live rollouts forward, each under a lease of its own, so that of all servers one does. It works when something was heard of a
 * target, when something is due, and otherwise looks every half minute, by which the rollout's own time goes on.
 */
@Component
public class RolloutWorker implements SmartLifecycle, EvidenceListener {
    private static final Logger LOG = LoggerFactory.getLogger(RolloutWorker.class);
    private static final Duration LEASE = Duration.ofSeconds(30);
    /** How late is seen what other servers have heard. */
    private static final Duration POLL = Duration.ofSeconds(1);

    private static final Duration LOOK_EVERY = Duration.ofSeconds(30);
    private static final Duration MEASURE_EVERY = Duration.ofSeconds(15);
    /** The time between two looks through a selection, in looks: those of all rollouts take a small share of the time together. */
    private static final int REST_AFTER_JOINING = 20;

    private static final Duration RETRY = Duration.ofSeconds(2);
    private static final Duration CLOSE = Duration.ofSeconds(20);

    private final RolloutStore rollouts;
    private final TargetStore targets;
    private final RolloutRounds rounds;
    private final Leases leases;
    private final String holder;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition wake = lock.newCondition();
    private boolean woken;
    private volatile boolean closed = true;
    private @Nullable Thread thread;

    /** Of the worker's thread alone. */
    private final Map<Integer, Held> held = new HashMap<>();

    /** When the selection of each is looked through for assets that have joined it. */
    private final Map<Integer, Long> joinAt = new HashMap<>();

    private @Nullable Search search;

    /** When something was measured of each for its written gates. */
    private final Map<Integer, Long> measuredAt = new HashMap<>();

    private final Set<Integer> failing = new HashSet<>();

    /** A lease, and what the last round left behind. */
    private record Held(Lease lease, long renewAt, @Nullable Outcome last, long lookAt) {}

    /** Who has joined the selection of a rollout. @param began in the nanoseconds of the system's timer */
    private record Search(int rollout, long began, Beside<List<Joining>> found) {}

    RolloutWorker(RolloutStore rollouts, TargetStore targets, RolloutRounds rounds, Leases leases, Ids ids) {
        this.rollouts = rollouts;
        this.targets = targets;
        this.rounds = rounds;
        this.leases = leases;
        this.holder = ids.next();
    }

    /** In the transaction that stores what was heard: the nudge is there together with it. */
    @Override
    public void heardOf(Collection<AssetId> assets) {
        if (targets.nudge(assets)) {
            wakeAfterCommit();
        }
    }

    /** A person has acted; the worker sees it with the commit of the caller's transaction. */
    void actedOn(int rollout) {
        targets.nudge(rollout);
        wakeAfterCommit();
    }

    private void wakeAfterCommit() {
        TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
            @Override
            public void afterCommit() {
                wake();
            }
        });
    }

    private void wake() {
        lock.lock();
        try {
            woken = true;
            wake.signal();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void start() {
        closed = false;
        thread = Thread.ofPlatform().daemon().name("rollouts").start(this::run);
    }

    @Override
    public void stop() {
        closed = true;
        wake();
        Thread running = thread;
        thread = null;
        try {
            if (running != null && !running.join(CLOSE)) {
                running.interrupt();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public boolean isRunning() {
        return !closed;
    }

    private void run() {
        while (!closed) {
            boolean more = false;
            try {
                List<Integer> live = rollouts.live();
                letGo(live);
                joinAt.keySet().retainAll(live);
                measuredAt.keySet().retainAll(live);
                forgetSearch();
                for (int id : live) {
                    more |= !closed && one(id);
                }
            } catch (DataAccessException | TransactionException away) {
                LOG.warn("rollouts cannot be read, next try in {}: {}", RETRY, String.valueOf(away.getMessage()));
                sleep(RETRY);
            }
            if (!more) {
                sleep(POLL);
            }
        }
        release();
    }

    /** @return whether there is more to do at once */
    private boolean one(int id) {
        try {
            Optional<Held> mine = hold(id);
            if (mine.isPresent()) {
                join(id, mine.get().lease());
            }
            if (mine.isEmpty() || !hasWork(id, mine.get())) {
                return false;
            }
            Outcome last = mine.get().last();
            Measures measures =
                    last == null || !isToMeasure(id, last) ? Measures.NONE : rounds.measure(id, last.toMeasure());
            Outcome outcome = rounds.round(id, mine.get().lease(), last != null, measures);
            held.put(
                    id,
                    new Held(
                            mine.get().lease(),
                            mine.get().renewAt(),
                            outcome,
                            System.nanoTime() + LOOK_EVERY.toNanos()));
            failing.remove(id);
            return outcome.more();
        } catch (LeaseLostException lost) {
            held.remove(id);
            LOG.info("{}", lost.getMessage());
        } catch (DuplicateKeyException | PessimisticLockingFailureException taken) {
            // Another rollout was given the same asset in the same moment, or two of them each one that the other
            // wanted; the next
            // round sees that and waits for it.
            LOG.debug("rollout {} repeats its round", id, taken);
        } catch (DataAccessException | TransactionException away) {
            report(id, away);
        } catch (RuntimeException fault) {
            report(id, fault);
        }
        return false;
    }

    /** At once when a wave waits for nothing else, and otherwise now and then. */
    private boolean isToMeasure(int id, Outcome last) {
        long now = System.nanoTime();
        boolean due = last.asks()
                || now - measuredAt.getOrDefault(id, now - MEASURE_EVERY.toNanos()) >= MEASURE_EVERY.toNanos();
        if (last.toMeasure().isEmpty() || !due) {
            return false;
        }
        measuredAt.put(id, now);
        return true;
    }

    /** One selection at a time is looked through, beside the rounds of all rollouts. */
    private void join(int id, Lease lease) {
        long now = System.nanoTime();
        Long at = joinAt.putIfAbsent(id, now + LOOK_EVERY.toNanos());
        Search mine = search;
        if (mine == null && at != null && now - at >= 0) {
            search = new Search(id, now, Beside.read("rollout-joining", () -> rounds.joining(id)));
        } else if (mine != null && mine.rollout() == id && mine.found().isDone()) {
            search = null;
            rest(id, now, now - mine.began());
            rounds.join(id, lease, mine.found().get());
        }
    }

    private void rest(int id, long now, long took) {
        joinAt.put(id, now + Math.max(LOOK_EVERY.toNanos(), took * REST_AFTER_JOINING * held.size()));
    }

    /** One whose rollout has ended meanwhile, or is somebody else's now, is for nobody. */
    private void forgetSearch() {
        Search mine = search;
        if (mine != null && !held.containsKey(mine.rollout()) && mine.found().isDone()) {
            search = null;
        }
    }

    private void report(int id, RuntimeException failure) {
        if (failing.add(id)) {
            LOG.error("a round of rollout {} failed and is tried again", id, failure);
        }
    }

    private boolean hasWork(int id, Held mine) {
        Outcome last = mine.last();
        if (last == null || last.more() || System.nanoTime() - mine.lookAt() >= 0) {
            return true;
        }
        long since = Duration.between(last.at(), rounds.now()).toMillis();
        long elapsed = last.elapsed() + Math.max(0, since);
        return elapsed >= last.orderAt() || targets.hasWork(id, elapsed);
    }

    private Optional<Held> hold(int id) {
        Held known = held.get(id);
        if (known != null && System.nanoTime() - known.renewAt() < 0) {
            return Optional.of(known);
        }
        Optional<Lease> renewed = known == null ? Optional.empty() : leases.renew(known.lease(), LEASE);
        Held before = renewed.isPresent() ? known : null; // taken anew: nobody has watched meanwhile
        Optional<Held> now = renewed.or(() -> leases.acquire("rollout/" + id, holder, LEASE))
                .map(got -> new Held(
                        got,
                        System.nanoTime() + LEASE.toNanos() / 3,
                        before == null ? null : before.last(),
                        before == null ? 0 : before.lookAt()));
        now.ifPresentOrElse(got -> held.put(id, got), () -> held.remove(id));
        return now;
    }

    /** Of those that have ended: one that goes on later need not wait until its lease has expired. */
    private void letGo(Collection<Integer> live) {
        List<Integer> ended =
                held.keySet().stream().filter(id -> !live.contains(id)).toList();
        for (int id : ended) {
            Held mine = Objects.requireNonNull(held.remove(id));
            try {
                leases.release(mine.lease());
            } catch (DataAccessException away) {
                LOG.debug("a lease could not be given back; it expires", away);
            }
        }
    }

    private void release() {
        letGo(List.of());
    }

    private void sleep(Duration wait) {
        lock.lock();
        try {
            long nanos = wait.toNanos();
            while (!closed && !woken && nanos > 0) {
                nanos = wake.awaitNanos(nanos);
            }
            woken = false;
        } catch (InterruptedException e) {
            closed = true;
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }
}
