package dev.muster.slo;

import dev.muster.platform.id.Ids;
import dev.muster.platform.lease.Lease;
import dev.muster.platform.lease.LeasedRounds;
import dev.muster.platform.lease.Leases;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.springframework.stereotype.Component;

/** Sums indicators up and looks at the budgets, on one server at a time. */
@Component
class SloWorker extends LeasedRounds {
    private static final Duration PAUSE = Duration.ofSeconds(15);
    /** Between two looks at all budgets and figures. */
    private static final Duration LOOK_EVERY = Duration.ofSeconds(30);

    private static final Duration CLEAN_EVERY = Duration.ofMinutes(30);

    private final BucketRounds buckets;
    private final BudgetRounds budgets;
    private final SloMetrics metrics;
    private final Clock clock;
    private Instant cleanAt = Instant.MIN;
    private volatile Instant lookAt = Instant.MIN;

    SloWorker(BucketRounds buckets, BudgetRounds budgets, SloMetrics metrics, Leases leases, Ids ids, Clock clock) {
        super(leases, ids, "slo", PAUSE);
        this.buckets = buckets;
        this.budgets = budgets;
        this.metrics = metrics;
        this.clock = clock;
    }

    /** Something changed that budgets and figures are to follow at once. */
    void lookNow() {
        lookAt = Instant.MIN;
        wake();
    }

    @Override
    protected boolean round(Lease lease) {
        Instant now = clock.instant();
        boolean more = buckets.round(lease, now);
        if (!more && !now.isBefore(lookAt)) {
            lookAt = now.plus(LOOK_EVERY);
            budgets.round(lease, now);
            metrics.refresh(now);
        }
        if (!more && !now.isBefore(cleanAt)) {
            boolean rest = buckets.forget(lease, now);
            cleanAt = rest ? now : now.plus(CLEAN_EVERY);
        }
        return more;
    }
}
