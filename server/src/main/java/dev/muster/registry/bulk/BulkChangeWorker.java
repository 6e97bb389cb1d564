package dev.muster.registry.bulk;

import dev.muster.platform.id.Ids;
import dev.muster.platform.lease.Lease;
import dev.muster.platform.lease.LeasedRounds;
import dev.muster.platform.lease.Leases;
import java.time.Duration;
import org.springframework.stereotype.Component;

/** Keeps changes of many assets going, on one server at a time, a batch of each in turn; another goes on from what is stored. */
@Component
class BulkChangeWorker extends LeasedRounds {
    private static final Duration PAUSE = Duration.ofSeconds(2);

    private final BulkChanges changes;

    BulkChangeWorker(BulkChanges changes, Leases leases, Ids ids) {
        super(leases, ids, "asset-change", PAUSE);
        this.changes = changes;
    }

    @Override
    protected boolean round(Lease lease) {
        boolean more = false;
        for (String id : changes.running()) {
            more |= changes.step(lease, id);
        }
        if (!more) {
            changes.forget();
        }
        return more;
    }
}
