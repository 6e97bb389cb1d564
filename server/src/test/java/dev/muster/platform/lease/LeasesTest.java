package dev.muster.platform.lease;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.platform.testing.TestDatabase;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

class LeasesTest {
    private static final Duration LONG = Duration.ofMinutes(10);
    private static final Duration WAIT = Duration.ofSeconds(30);

    private final DataSource database = TestDatabase.fresh();
    private final JdbcClient jdbc = JdbcClient.create(database);
    private final TransactionTemplate transactions =
            new TransactionTemplate(new DataSourceTransactionManager(database));
    private final Leases leases = new Leases(jdbc);

    @Test
    void onlyOneHoldsALease() {
        assertThat(leases.acquire("rollout/r-1", "a", LONG)).isPresent();
        assertThat(leases.acquire("rollout/r-1", "b", LONG)).isEmpty();
        assertThat(leases.acquire("rollout/r-2", "b", LONG)).isPresent();
    }

    @Test
    void anExpiredLeaseGoesToTheNextWithALargerToken() {
        Lease first = leases.acquire("rollout/r-1", "a", LONG).orElseThrow();
        expire(first);

        Lease second = leases.acquire("rollout/r-1", "b", LONG).orElseThrow();

        assertThat(second.token()).isGreaterThan(first.token());
        assertThat(leases.renew(first, LONG)).isEmpty();
        assertThat(leases.renew(second, LONG)).isPresent();
    }

    @Test
    void tokensGrowAcrossReleases() {
        Lease first = leases.acquire("rollout/r-1", "a", LONG).orElseThrow();
        leases.release(first);
        Lease second = leases.acquire("rollout/r-1", "b", LONG).orElseThrow();
        leases.release(first); // late, and not its own any more
        assertThat(second.token()).isGreaterThan(first.token());
        assertThat(leases.acquire("rollout/r-1", "a", LONG)).isEmpty();
    }

    @Test
    void anExpiredLeaseCannotBeRenewed() {
        Lease lease = leases.acquire("rollout/r-1", "a", LONG).orElseThrow();
        expire(lease);
        assertThat(leases.renew(lease, LONG)).isEmpty();
    }

    /** As a holder does whose transaction takes longer than a lease lives. */
    @Test
    void whoeverWaitsForALongTransactionFindsThatItProlongedItsLease() throws Exception {
        Lease lease = leases.acquire("rollout/r-1", "a", Duration.ofSeconds(1)).orElseThrow();
        CompletableFuture<Optional<Lease>> successor = new CompletableFuture<>();
        transactions.executeWithoutResult(_ -> {
            leases.requireHeld(lease);
            leases.keep(lease);
            successor.completeAsync(() -> leases.acquire("rollout/r-1", "b", LONG));
            jdbc.sql("select pg_sleep(1.5)").query((row, _) -> "").single();
            leases.keep(lease);
            assertThat(successor).isNotDone();
        });
        assertThat(successor.get(WAIT.toSeconds(), TimeUnit.SECONDS)).isEmpty();
        assertThat(leases.renew(lease, LONG)).isPresent();
    }

    @Test
    void refusesWhatAPausedHolderWritesWithItsOldToken() {
        Lease paused = leases.acquire("rollout/r-1", "a", LONG).orElseThrow();
        expire(paused);
        Lease current = leases.acquire("rollout/r-1", "b", LONG).orElseThrow();

        jdbc.sql("create table written (by text)").update();
        assertThatThrownBy(() -> write(paused)).isInstanceOf(LeaseLostException.class);
        write(current);
        assertThat(jdbc.sql("select by from written").query(String.class).list())
                .containsExactly("b");
    }

    @Test
    void nobodyTakesOverWhileTheHoldersTransactionRuns() throws Exception {
        Lease holder = leases.acquire("rollout/r-1", "a", Duration.ofSeconds(1)).orElseThrow();
        CountDownLatch successorAsks = new CountDownLatch(1);
        CompletableFuture<Optional<Lease>> successor = new CompletableFuture<>();
        transactions.executeWithoutResult(status -> {
            leases.requireHeld(holder);
            Thread.ofVirtual().start(() -> {
                successorAsks.countDown();
                successor.complete(acquireWhenFree());
            });
            await(successorAsks);
            awaitExpiryByTheDatabase(holder);
            assertThat(successor).isNotDone();
        });
        assertThat(successor.get(30, TimeUnit.SECONDS)).isPresent();
    }

    private Optional<Lease> acquireWhenFree() {
        Optional<Lease> lease = Optional.empty();
        long deadline = System.nanoTime() + WAIT.toNanos();
        while (lease.isEmpty() && System.nanoTime() < deadline) {
            lease = leases.acquire("rollout/r-1", "b", LONG);
        }
        return lease;
    }

    private void awaitExpiryByTheDatabase(Lease lease) {
        JdbcClient other = JdbcClient.create(database);
        boolean expired = false;
        long deadline = System.nanoTime() + WAIT.toNanos();
        while (!expired && System.nanoTime() < deadline) {
            expired = other.sql("select expires_at <= clock_timestamp() from lease where name = :name")
                    .param("name", lease.name())
                    .query(Boolean.class)
                    .single();
        }
        assertThat(expired).isTrue();
    }

    private void write(Lease lease) {
        transactions.executeWithoutResult(status -> {
            leases.requireHeld(lease);
            jdbc.sql("insert into written values (:by)")
                    .param("by", lease.holder())
                    .update();
        });
    }

    private void expire(Lease lease) {
        jdbc.sql("update lease set expires_at = clock_timestamp() - interval '1 second' where name = :name")
                .param("name", lease.name())
                .update();
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted", e);
        }
    }
}
