package dev.muster.console.fleet;

import dev.muster.console.FleetOverview;
import dev.muster.console.FleetOverview.Overview;
import dev.muster.console.fleet.FleetSample.Storage;
import dev.muster.identity.Actor;
import dev.muster.platform.id.Ids;
import dev.muster.platform.lease.Lease;
import dev.muster.platform.lease.LeasedRounds;
import dev.muster.platform.lease.Leases;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Looks at the fleet once a minute, on one server at a time, and remembers what it saw. */
@Component
class FleetSampler extends LeasedRounds {
    private static final Duration EVERY = Duration.ofMinutes(1);
    /** Shorter than the lease, so that it is not lost between two looks. */
    private static final Duration PAUSE = Duration.ofSeconds(10);

    private static final Duration MEASURE_EVERY = Duration.ofMinutes(10);

    private final FleetOverview overview;
    private final StorageSizes sizes;
    private final FleetSampleStore store;
    private final MeterRegistry meters;
    private final Leases leases;
    private final TransactionTemplate transaction;
    private final Clock clock;
    private @Nullable Storage storage;
    private Instant measureAt = Instant.MIN;
    private Instant lookAt = Instant.MIN;
    private @Nullable Received received;

    /** @param nanos when, by a clock that never goes back */
    private record Received(double entries, long nanos) {}

    FleetSampler(
            FleetOverview overview,
            StorageSizes sizes,
            FleetSampleStore store,
            MeterRegistry meters,
            Leases leases,
            PlatformTransactionManager transactions,
            Ids ids,
            Clock clock) {
        super(leases, ids, "fleet-samples", PAUSE);
        this.overview = overview;
        this.sizes = sizes;
        this.store = store;
        this.meters = meters;
        this.leases = leases;
        this.transaction = new TransactionTemplate(transactions);
        this.clock = clock;
    }

    /** Once in each minute of the clock. */
    @Override
    protected boolean round(Lease lease) {
        Instant now = clock.instant();
        if (!now.isBefore(lookAt)) {
            look(lease, now);
            lookAt = now.truncatedTo(ChronoUnit.MINUTES).plus(EVERY);
        }
        return false;
    }

    private void look(Lease lease, Instant now) {
        Overview seen = overview.overview(Actor.SYSTEM);
        FleetSample sample = new FleetSample(
                now,
                Math.toIntExact(seen.assets()),
                Math.toIntExact(seen.presence().getOrDefault("online", 0L)),
                messages(),
                storage(now));
        transaction.executeWithoutResult(_ -> {
            leases.requireHeld(lease);
            store.add(sample);
            store.forget(now);
        });
    }

    /** Entries of the journal a second since the last look. */
    private @Nullable Double messages() {
        Counter counter = meters.find("muster.journal.entries").counter();
        Received before = received;
        if (counter == null) {
            received = null;
            return null;
        }
        Received now = new Received(counter.count(), System.nanoTime());
        received = now;
        return before == null || now.nanos() - before.nanos() < PAUSE.toNanos() / 2
                ? null
                : Math.max(0, now.entries() - before.entries()) * 1e9 / (now.nanos() - before.nanos());
    }

    private @Nullable Storage storage(Instant now) {
        if (!now.isBefore(measureAt)) {
            measureAt = now.plus(MEASURE_EVERY);
            storage = sizes.measure().orElse(null);
        }
        return storage;
    }
}
