package dev.muster.platform.lease;

import dev.muster.platform.id.Ids;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;

/** Work in rounds, on one server at a time, for as long as the application runs; another server goes on from what is stored. */
public abstract class LeasedRounds implements SmartLifecycle {
    private final Leases leases;
    private final String name;
    private final String holder;
    private final Duration pause;
    private volatile @Nullable LeasedWorker worker;

    /**
     * @param name of the lease, and of the thread
     * @param pause between rounds, unless it is woken
     */
    protected LeasedRounds(Leases leases, Ids ids, String name, Duration pause) {
        this.leases = leases;
        this.name = name;
        this.holder = name + "-" + ids.next();
        this.pause = pause;
    }

    /**
     * Does a bounded piece of work.
     *
     * @param lease to be {@linkplain Leases#requireHeld required} in every transaction that writes
     * @return whether there is more to do at once
     */
    protected abstract boolean round(Lease lease);

    /** There is something to do. Nothing happens while it does not run. */
    public final void wake() {
        LeasedWorker running = worker;
        if (running != null) {
            running.wake();
        }
    }

    @Override
    public final void start() {
        worker = new LeasedWorker(leases, name, holder, pause, this::round);
    }

    /** Returns when the round under way has ended and the lease is given back. */
    @Override
    public final void stop() {
        LeasedWorker running = worker;
        worker = null;
        if (running != null) {
            running.close();
        }
    }

    @Override
    public final boolean isRunning() {
        return worker != null;
    }
}
