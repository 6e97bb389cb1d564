package dev.muster.registry.bulk;

import dev.muster.platform.id.Ids;
import dev.muster.platform.lease.Lease;
import dev.muster.platform.lease.LeasedWorker;
import dev.muster.platform.lease.Leases;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/** Keeps changes of many assets going, on one server at a time, a batch of each in turn; another goes on from what is stored. */
@Component
class BulkChangeWorker implements SmartLifecycle {
    private static final Duration PAUSE = Duration.ofSeconds(2);

    private final BulkChanges changes;
    private final Leases leases;
    private final String holder;
    private volatile @Nullable LeasedWorker worker;

    BulkChangeWorker(BulkChanges changes, Leases leases, Ids ids) {
        this.changes = changes;
        this.leases = leases;
        this.holder = "asset-change-" + ids.next();
    }

    void wake() {
        LeasedWorker running = worker;
        if (running != null) {
            running.wake();
        }
    }

    private boolean round(Lease lease) {
        boolean more = false;
        for (String id : changes.running()) {
            more |= changes.step(lease, id);
        }
        if (!more) {
            changes.forget();
        }
        return more;
    }

    @Override
    public void start() {
        worker = new LeasedWorker(leases, "asset-change", holder, PAUSE, this::round);
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
