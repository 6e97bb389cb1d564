package dev.muster.twin.reported;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.platform.testing.TestDatabase;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.transaction.support.TransactionTemplate;

/** Of a batch that is stored in several transactions only the last waits for the disk, and for all of them. */
class SyncedLastTest {
    private static final int ROUNDS = 20;

    private final DriverManagerDataSource database =
            new DriverManagerDataSource(TestDatabase.emptyUrl() + "&options=-c%20synchronous_commit=on");
    private final JdbcTemplate template = new JdbcTemplate(database);
    private final TransactionTemplate transaction = new TransactionTemplate(new DataSourceTransactionManager(database));
    private final ReportedStore store = new ReportedStore(template);

    @Test
    void theLastOneSyncsThoseBeforeThoughItChangesNothing() {
        template.execute("create table stored (n int)");
        for (int round = 0; round < ROUNDS; round++) {
            transaction.executeWithoutResult(status -> {
                store.commitWithoutSync();
                template.update("insert into stored values (1)");
            });
            String written = template.queryForObject("select pg_current_wal_insert_lsn()::text", String.class);

            transaction.executeWithoutResult(status -> store.commitWithSync());

            assertThat(isSyncedUpTo(Objects.requireNonNull(written))).isTrue();
        }
    }

    @Test
    void thoseBeforeDoNotWait() {
        template.execute("create table stored (n int)");
        int notYet = 0;
        for (int round = 0; round < ROUNDS; round++) {
            String written = transaction.execute(status -> {
                store.commitWithoutSync();
                template.update("insert into stored values (1)");
                return template.queryForObject("select pg_current_wal_insert_lsn()::text", String.class);
            });
            notYet += isSyncedUpTo(Objects.requireNonNull(written)) ? 0 : 1;
        }
        assertThat(notYet).as("of " + ROUNDS).isPositive();
    }

    private boolean isSyncedUpTo(String position) {
        return Boolean.TRUE.equals(
                template.queryForObject("select pg_current_wal_flush_lsn() >= ?::pg_lsn", Boolean.class, position));
    }
}
