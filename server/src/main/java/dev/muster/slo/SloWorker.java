package dev.muster.slo;

import dev.muster.platform.id.Ids;
import dev.muster.platform.lease.Lease;
import dev.muster.platform.lease.LeasedWorker;
import dev.muster.platform.lease.Leases;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/** Sums indicators up and looks at the budgets, on one server at a time. */
@Component
class SloWorker implements SmartLifecycle {
    private static final Duration PAUSE = Duration.ofSeconds(15);
    /** Between two looks at all budgets and figures. */
    private static final Duration LOOK_EVERY = Duration.ofSeconds(30);

    private static final Duration CLEAN_EVERY = Duration.ofMinutes(30);

    private final BucketRounds buckets;
    private final BudgetRounds budgets;
    private final SloMetrics metrics;
    private final Leases leases;
    private final String holder;
    private final Clock clock;
    private Instant cleanAt = Instant.MIN;
    private volatile Instant lookAt = Instant.MIN;
    private volatile @Nullable LeasedWorker worker;

    SloWorker(BucketRounds buckets, BudgetRounds budgets, SloMetrics metrics, Leases leases, Ids ids, Clock clock) {
        this.buckets = buckets;
        this.budgets = budgets;
        this.metrics = metrics;
        this.leases = leases;
        this.holder = "slo-" + ids.next();
        this.clock = clock;
    }

    /** There is something to do. */
    void wake() {
        lookAt = Instant.MIN;
        LeasedWorker running = worker;
        if (running != null) {
            running.wake();
        }
    }

    private boolean round(Lease lease) {
        Instant now = clock.instant();
        boolean more = buckets.round(lease, now);
        if (!more && !now.isBefore(lookAt)) {
            lookAt = now.plus(LOOK_EVERY);
            budgets.round(lease, now);
            metrics.refresh(now);
        }
        if (!more && !now.isBefore(cleanAt)) {
            buckets.forget(lease, now);
            cleanAt = now.plus(CLEAN_EVERY);
        }
        return more;
    }

    @Override
    public void start() {
        worker = new LeasedWorker(leases, "slo", holder, PAUSE, this::round);
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
