package dev.muster.retirement;

import dev.muster.platform.id.Ids;
import dev.muster.platform.lease.Lease;
import dev.muster.platform.lease.LeasedWorker;
import dev.muster.platform.lease.Leases;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/** Keeps retirements going, on one server at a time; another goes on from what is stored. */
@Component
class RetirementWorker implements SmartLifecycle {
    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final int AT_ONCE = 200;

    private final RetirementStore store;
    private final RetirementSteps steps;
    private final Leases leases;
    private final String holder;
    private final Clock clock;
    private volatile @Nullable LeasedWorker worker;

    RetirementWorker(RetirementStore store, RetirementSteps steps, Leases leases, Ids ids, Clock clock) {
        this.store = store;
        this.steps = steps;
        this.leases = leases;
        this.holder = "retirement-" + ids.next();
        this.clock = clock;
    }

    /** Within the transaction that gives it something to do. */
    void wakeAfterCommit() {
        TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
            @Override
            public void afterCommit() {
                LeasedWorker running = worker;
                if (running != null) {
                    running.wake();
                }
            }
        });
    }

    private boolean round(Lease lease) {
        boolean more = false;
        List<String> due = store.due(clock.instant(), AT_ONCE);
        for (String id : due) {
            more |= steps.step(lease, id);
        }
        return more;
    }

    @Override
    public void start() {
        worker = new LeasedWorker(leases, "retirement", holder, PAUSE, this::round);
    }

    @Override
    public void stop() {
        LeasedWorker running = worker;
        worker = null;
        if (running != null) {
            running.close();
        }
    }

    @Override
    public boolean isRunning() {
        return worker != null;
    }
}
