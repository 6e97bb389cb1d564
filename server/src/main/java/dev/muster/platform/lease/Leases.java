package dev.muster.platform.lease;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Gives leases out, one holder per name at a time. All times are the database's, so that clocks of servers may differ.
 * Whoever writes under a lease calls {@link #requireHeld} in the same transaction: a holder that slept through its
 * expiry is refused.
 */
public final class Leases {
    private final JdbcClient jdbc;

    public Leases(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * Takes the lease when it is free or expired.
     *
     * @param holder names this process and no other, also not its successor after a restart
     * @return empty when someone holds it, be it the same holder
     */
    public Optional<Lease> acquire(String name, String holder, Duration life) {
        return jdbc.sql("""
                        insert into lease (name, holder, token, expires_at)
                        values (:name, :holder, 1, clock_timestamp() + cast(:life as interval))
                        on conflict (name) do update
                        set holder = excluded.holder, token = lease.token + 1,
                            expires_at = clock_timestamp() + cast(:life as interval)
                        where lease.expires_at <= clock_timestamp()
                        returning name, holder, token, expires_at""")
                .param("name", name)
                .param("holder", holder)
                .param("life", interval(life))
                .query(Leases::lease)
                .optional();
    }

    /** Prolongs from now on. @return empty when it was lost; a lease that expired cannot be renewed, only acquired */
    public Optional<Lease> renew(Lease lease, Duration life) {
        return jdbc.sql("""
                        update lease set expires_at = clock_timestamp() + cast(:life as interval)
                        where name = :name and token = :token and expires_at > clock_timestamp()
                        returning name, holder, token, expires_at""")
                .param("name", lease.name())
                .param("token", lease.token())
                .param("life", interval(life))
                .query(Leases::lease)
                .optional();
    }

    /**
     * Prolongs a lease in the course of a round that takes long, as a {@link LeasedWorker} does between rounds.
     *
     * @throws LeaseLostException when it was lost
     */
    public void keep(Lease lease) {
        if (renew(lease, LeasedWorker.LIFE).isEmpty()) {
            throw new LeaseLostException(lease);
        }
    }

    /** Gives it back; does nothing when it was lost. */
    public void release(Lease lease) {
        jdbc.sql("update lease set expires_at = clock_timestamp() where name = :name and token = :token"
                        + " and expires_at > clock_timestamp()")
                .param("name", lease.name())
                .param("token", lease.token())
                .update();
    }

    /**
     * Makes sure that the lease is held until the transaction of the caller ends: a successor waits for it.
     *
     * @throws LeaseLostException when it is not
     */
    public void requireHeld(Lease lease) {
        if (!TransactionSynchronizationManager.isActualTransactionActive()) {
            throw new IllegalStateException("lease " + lease.name() + " is checked outside of a transaction");
        }
        boolean held = jdbc.sql("""
                        select token from lease
                        where name = :name and token = :token and expires_at > clock_timestamp() for share""")
                .param("name", lease.name())
                .param("token", lease.token())
                .query(Long.class)
                .optional()
                .isPresent();
        if (!held) {
            throw new LeaseLostException(lease);
        }
    }

    private static String interval(Duration life) {
        return life.toMillis() + " milliseconds";
    }

    private static Lease lease(ResultSet row, int number) throws SQLException {
        return new Lease(
                row.getString("name"),
                row.getString("holder"),
                row.getLong("token"),
                row.getObject("expires_at", OffsetDateTime.class).toInstant());
    }
}
