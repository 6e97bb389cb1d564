package dev.muster.twin.desired;

import dev.muster.platform.id.Ids;
import dev.muster.platform.lease.Lease;
import dev.muster.platform.lease.LeasedRounds;
import dev.muster.platform.lease.Leases;
import dev.muster.twin.desired.DesiredStore.Mark;
import dev.muster.twin.desired.Materializer.Cause;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Works out the documents of marked assets, a batch in each transaction: the marks go with the documents that they asked for.
 *
 * <p>It waits for nobody: an asset that a rollout holds keeps its mark for the next round.
 */
@Component
public class DesiredWorker extends LeasedRounds {
    private static final Duration PAUSE = Duration.ofSeconds(1);
    /** How often it looks for assets that nobody marked. */
    private static final Duration SWEEP = Duration.ofMinutes(10);
    /** How often it looks for texts that nothing refers to. */
    private static final Duration CLEANING = Duration.ofHours(1);

    private static final int BATCH = 4_000;

    private final DesiredStore store;
    private final TextStore texts;
    private final Materializer materializer;
    private final Marks marks;
    private final Leases leases;
    private final Clock clock;
    private final TransactionTemplate transaction;
    private volatile double waiting = Double.NaN;
    private String types = "";
    private Instant nextSweep = Instant.MIN;
    private Instant nextCleaning = Instant.MIN;

    DesiredWorker(
            DesiredStore store,
            TextStore texts,
            Materializer materializer,
            Marks marks,
            Leases leases,
            Ids ids,
            Clock clock,
            PlatformTransactionManager transactions,
            MeterRegistry meters) {
        super(leases, ids, "twin.desired", PAUSE);
        this.store = store;
        this.texts = texts;
        this.materializer = materializer;
        this.marks = marks;
        this.leases = leases;
        this.clock = clock;
        this.transaction = new TransactionTemplate(transactions);
        marks.attach(this::wake);
        Gauge.builder("muster.twin.marks", () -> waiting)
                .description("Assets whose desired document waits to be worked out again")
                .register(meters);
    }

    @Override
    protected boolean round(Lease lease) {
        sweep();
        baselines();
        // While many wait, wide marks wait too: an import leaves hundreds of them that all mean the same assets.
        if (waiting < BATCH || Double.isNaN(waiting)) {
            transaction.executeWithoutResult(status -> {
                leases.requireHeld(lease);
                store.spread();
            });
        }
        boolean more = batch(lease);
        waiting = store.countMarks();
        return more;
    }

    private void sweep() {
        Instant now = clock.instant();
        if (!now.isBefore(nextSweep)) {
            marks.changed("sweep");
            nextSweep = now.plus(SWEEP);
        }
        if (!now.isBefore(nextCleaning)) {
            texts.forgetUnused();
            nextCleaning = now.plus(CLEANING);
        }
    }

    private void baselines() {
        String now = store.stateOfTypes();
        if (!now.equals(types)) {
            transaction.executeWithoutResult(
                    status -> store.changedBaselines().forEach(type -> marks.type(type, "baseline of type " + type)));
            types = now;
        }
    }

    private boolean batch(Lease lease) {
        List<Mark> taken = store.marks(BATCH);
        if (taken.isEmpty()) {
            return false;
        }
        Map<String, Cause> causes = new TreeMap<>();
        for (Mark mark : taken) {
            causes.merge(
                    mark.asset(),
                    new Cause(mark.reason(), mark.reapply()),
                    (before, after) -> new Cause(after.reason(), before.reapply() || after.reapply()));
        }
        // By itself, so that a row that somebody else makes is not waited for while others are held.
        store.ensure(causes.keySet());
        Integer done = transaction.execute(status -> {
            leases.requireHeld(lease);
            Set<String> known = store.rows(causes.keySet()).keySet();
            Set<String> held = new HashSet<>(store.lock(causes.keySet(), false));
            Map<String, Cause> mine = new TreeMap<>(causes);
            mine.keySet().retainAll(held);
            List<Long> answered = taken.stream()
                    .filter(mark -> held.contains(mark.asset()) || !known.contains(mark.asset()))
                    .map(Mark::seq)
                    .toList();
            store.deleteMarks(answered);
            materializer.materialize(mine);
            return answered.size();
        });
        return done != null && done > 0;
    }
}
