package dev.muster.retirement;

import dev.muster.platform.id.Ids;
import dev.muster.platform.lease.Lease;
import dev.muster.platform.lease.LeasedRounds;
import dev.muster.platform.lease.Leases;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/** Keeps retirements going, on one server at a time; another goes on from what is stored. */
@Component
class RetirementWorker extends LeasedRounds {
    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final int AT_ONCE = 200;

    private final RetirementStore store;
    private final RetirementSteps steps;
    private final Clock clock;

    RetirementWorker(RetirementStore store, RetirementSteps steps, Leases leases, Ids ids, Clock clock) {
        super(leases, ids, "retirement", PAUSE);
        this.store = store;
        this.steps = steps;
        this.clock = clock;
    }

    /** Within the transaction that gives it something to do. */
    void wakeAfterCommit() {
        TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
            @Override
            public void afterCommit() {
                wake();
            }
        });
    }

    @Override
    protected boolean round(Lease lease) {
        boolean more = false;
        List<String> due = store.due(clock.instant(), AT_ONCE);
        for (String id : due) {
            more |= steps.step(lease, id);
        }
        return more;
    }
}
