package dev.muster.platform.lease;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;

/**
 * A thread that works in rounds while it holds a lease, so that of all servers one does. What fails is tried again; a lost
 * lease is taken again when it is free.
 */
public final class LeasedWorker implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LeasedWorker.class);
    static final Duration LIFE = Duration.ofSeconds(30);
    private static final Duration RETRY = Duration.ofSeconds(2);
    private static final long CLOSE_SECONDS = 20;

    private final Leases leases;
    private final String name;
    private final String holder;
    private final Duration pause;
    private final Round round;
    private final Thread thread;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition wake = lock.newCondition();
    private boolean woken;
    private volatile boolean closed;
    private boolean failing;
    private @Nullable Lease lease;
    private long renewAt;

    /** What is done under the lease. */
    @FunctionalInterface
    public interface Round {
        /**
         * Does a bounded piece of work.
         *
         * @param lease to be {@linkplain Leases#requireHeld required} in every transaction that writes
         * @return whether there is more to do at once
         */
        boolean run(Lease lease);
    }

    /**
     * Starts the thread.
     *
     * @param holder names this process and no other
     * @param pause between rounds, unless it is woken
     */
    public LeasedWorker(Leases leases, String name, String holder, Duration pause, Round round) {
        this.leases = leases;
        this.name = name;
        this.holder = holder;
        this.pause = pause;
        this.round = round;
        this.thread = Thread.ofPlatform().daemon().name(name).start(this::run);
    }

    /** There is something to do. Never blocks for long. */
    public void wake() {
        lock.lock();
        try {
            woken = true;
            wake.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Returns when the round under way has ended and the lease is given back. */
    @Override
    public void close() {
        closed = true;
        wake();
        try {
            if (!thread.join(Duration.ofSeconds(CLOSE_SECONDS))) {
                thread.interrupt();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        while (!closed) {
            Duration wait = once();
            if (!wait.isZero()) {
                sleep(wait);
            }
        }
        release();
    }

    /** @return how long to wait before the next round */
    private Duration once() {
        try {
            Optional<Lease> held = held();
            boolean more = held.isPresent() && round.run(held.get());
            failing = false;
            return more ? Duration.ZERO : pause;
        } catch (LeaseLostException lost) {
            lease = null;
            LOG.info("{}: {}", name, lost.getMessage());
            return RETRY;
        } catch (DataAccessException | TransactionException away) {
            if (!failing && !closed) {
                LOG.warn("{} tries again: {}", name, String.valueOf(away.getMessage()));
            }
        } catch (RuntimeException fault) {
            if (!failing) {
                LOG.error("{} failed and tries again", name, fault);
            }
        }
        failing = true;
        return RETRY;
    }

    private Optional<Lease> held() {
        Lease known = lease;
        if (known != null && System.nanoTime() - renewAt < 0) {
            return Optional.of(known);
        }
        Optional<Lease> next = known == null ? Optional.empty() : leases.renew(known, LIFE);
        if (next.isEmpty()) {
            next = leases.acquire(name, holder, LIFE);
        }
        lease = next.orElse(null);
        renewAt = System.nanoTime() + LIFE.toNanos() / 3;
        return next;
    }

    private void release() {
        Lease known = lease;
        if (known != null) {
            try {
                leases.release(known);
            } catch (DataAccessException away) {
                LOG.debug("{} could not give its lease back; it expires", name, away);
            }
        }
    }

    private void sleep(Duration wait) {
        lock.lock();
        try {
            long nanos = wait.toNanos();
            // A failing round is not hurried.
            while (!closed && nanos > 0 && (failing || !woken)) {
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
