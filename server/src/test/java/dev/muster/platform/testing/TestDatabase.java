package dev.muster.platform.testing;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.muster.platform.postgres.EmbeddedPostgres;
import dev.muster.platform.postgres.PostgresSoftware;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * One real PostgreSQL per JVM, started on first use and stopped at its end. Tests get databases of their own, copied from
 * a template that Flyway has migrated once.
 */
public final class TestDatabase {
    private static final String TEMPLATE = "muster_template";
    private static final AtomicInteger COUNT = new AtomicInteger();

    private TestDatabase() {}

    /** An own, migrated, empty database. */
    public static DataSource fresh() {
        return dataSource(freshName());
    }

    /** URL with user and password of an own, migrated, empty database; for a server under test. */
    public static String freshUrl() {
        return url(freshName());
    }

    /** An own database without any table. */
    public static DataSource empty() {
        return dataSource(emptyName());
    }

    /** URL with user and password of an own database without any table. */
    public static String emptyUrl() {
        return url(emptyName());
    }

    private static String emptyName() {
        String name = "test_" + COUNT.incrementAndGet();
        execute("create database " + name);
        return name;
    }

    private static String freshName() {
        String name = "test_" + COUNT.incrementAndGet();
        Shared.migrateTemplate();
        execute("create database " + name + " template " + TEMPLATE + " strategy file_copy");
        return name;
    }

    /** Pooled: a connection costs a scram exchange. Idle ones are let go, so nobody needs to close the pool. */
    private static DataSource dataSource(String database) {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setURL(url(database));
        HikariConfig config = new HikariConfig();
        config.setPoolName(database);
        config.setDataSource(source);
        config.setMaximumPoolSize(16);
        config.setMinimumIdle(0);
        config.setIdleTimeout(10_000);
        config.setConnectionTimeout(30_000);
        HikariDataSource pool = new HikariDataSource(config);
        Shared.POOLS.add(pool);
        return pool;
    }

    private static String url(String database) {
        return Shared.POSTGRES.url(database) + "?user=" + EmbeddedPostgres.USER + "&password="
                + Shared.POSTGRES.password();
    }

    private static void execute(String sql) {
        try (Connection connection = DriverManager.getConnection(url("postgres"));
                var statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException("cannot prepare a test database: " + sql, e);
        }
    }

    /** Made when first touched. */
    private static final class Shared {
        static final EmbeddedPostgres POSTGRES = start();
        static final Queue<HikariDataSource> POOLS = new ConcurrentLinkedQueue<>();
        private static boolean migrated;

        static synchronized void migrateTemplate() {
            if (!migrated) {
                execute("create database " + TEMPLATE);
                // no pool: a template with a connection to it cannot be copied
                Flyway.configure()
                        .dataSource(url(TEMPLATE), EmbeddedPostgres.USER, POSTGRES.password())
                        .locations("classpath:db/migration")
                        .load()
                        .migrate();
                migrated = true;
            }
        }

        private static EmbeddedPostgres start() {
            try {
                Path home = Files.createTempDirectory("muster-test-postgres");
                EmbeddedPostgres postgres =
                        EmbeddedPostgres.start(PostgresSoftware.in(PostgresSoftware.userCache(home)), home, false);
                Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(postgres, home), "stop-test-postgres"));
                return postgres;
            } catch (IOException e) {
                throw new UncheckedIOException("cannot make a folder for the test's PostgreSQL", e);
            }
        }

        private static void stop(EmbeddedPostgres postgres, Path home) {
            POOLS.forEach(HikariDataSource::close);
            postgres.close();
            try (var paths = Files.walk(home)) {
                for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                    Files.deleteIfExists(path);
                }
            } catch (IOException e) {
                System.err.println("cannot delete " + home + ": " + e);
            }
        }
    }
}
