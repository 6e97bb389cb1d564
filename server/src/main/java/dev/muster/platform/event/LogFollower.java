package dev.muster.platform.event;

import dev.muster.platform.id.Ids;
import dev.muster.platform.lease.Lease;
import dev.muster.platform.lease.LeasedRounds;
import dev.muster.platform.lease.Leases;
import java.time.Duration;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Reads the event log on, on one server at a time. What came of entries and how far they were read are one transaction, in which the
 * lease is asked for: killed anywhere, no entry is passed over and none is taken twice.
 */
public abstract class LogFollower extends LeasedRounds {
    private final Ground ground;
    private final String name;
    private final int atOnce;
    private final TransactionTemplate transaction;

    /** What every follower stands on. */
    public record Ground(
            EventLog events, Leases leases, Ids ids, JdbcClient jdbc, PlatformTransactionManager transactions) {}

    /**
     * @param name of the lease, and of the row of {@code log_follower}, which its migration has made
     * @param pause between rounds in which nothing was left to do
     * @param atOnce how many entries are one transaction at most
     */
    protected LogFollower(Ground ground, String name, Duration pause, int atOnce) {
        super(ground.leases(), ground.ids(), name, pause);
        this.ground = ground;
        this.name = name;
        this.atOnce = atOnce;
        this.transaction = new TransactionTemplate(ground.transactions());
    }

    /** Of one entry, in the transaction. */
    protected abstract void take(LoggedEvent event);

    /** What else is done in each round. @return whether there is more of it to do at once */
    protected boolean besides(Lease lease) {
        return false;
    }

    /** In a transaction that is nothing when the lease is lost. */
    protected final void fenced(Lease lease, Runnable work) {
        transaction.executeWithoutResult(_ -> {
            ground.leases().requireHeld(lease);
            work.run();
        });
    }

    @Override
    protected final boolean round(Lease lease) {
        boolean more = follow(lease);
        return besides(lease) || more;
    }

    /** @return whether there is more */
    private boolean follow(Lease lease) {
        long position = position("");
        List<LoggedEvent> found = ground.events().after(position, atOnce);
        if (!found.isEmpty()) {
            fenced(lease, () -> {
                if (position("for update") == position) {
                    found.forEach(this::take);
                    write(found.getLast().position());
                }
            });
        }
        return found.size() == atOnce;
    }

    private long position(String lock) {
        return ground.jdbc()
                .sql("select position from log_follower where name = :name " + lock)
                .param("name", name)
                .query(Long.class)
                .single();
    }

    private void write(long position) {
        ground.jdbc()
                .sql("update log_follower set position = :position where name = :name")
                .param("name", name)
                .param("position", position)
                .update();
    }
}
