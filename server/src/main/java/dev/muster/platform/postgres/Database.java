package dev.muster.platform.postgres;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.muster.platform.config.DataDirectory;
import dev.muster.platform.config.Setting;
import dev.muster.platform.config.Settings;
import dev.muster.platform.error.StartRefusal;
import dev.muster.platform.health.ReadinessCheck;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;

/** The server's PostgreSQL, embedded or external, behind a pool that fails fast and recovers. */
public final class Database implements ReadinessCheck, AutoCloseable {
    public static final Setting<String> URL = Setting.text(
            "db-url",
            "",
            "JDBC URL of an external PostgreSQL 14 or newer; empty means the embedded one in the data directory.");
    public static final Setting<String> USER =
            Setting.text("db-user", "", "User at the external PostgreSQL; empty means the one in the URL.");
    public static final Setting<String> PASSWORD =
            Setting.secret("db-password", "Password at the external PostgreSQL.");
    public static final Setting<Integer> POOL =
            Setting.count("db-connections", 20, 2, 200, "Connections to PostgreSQL at most.");
    public static final Setting<Duration> CONNECT_WAIT = Setting.duration(
            "db-connect-wait",
            "3s",
            Duration.ofMillis(250),
            Duration.ofMinutes(1),
            "How long a request waits for a connection to PostgreSQL before it is refused as unavailable.");

    public static final List<Setting<?>> SETTINGS = List.of(URL, USER, PASSWORD, POOL, CONNECT_WAIT);

    private static final int OLDEST = 14;

    private final @Nullable EmbeddedPostgres embedded;
    private final HikariDataSource pool;
    private final String where;

    private Database(@Nullable EmbeddedPostgres embedded, HikariDataSource pool, String where) {
        this.embedded = embedded;
        this.pool = pool;
        this.where = where;
    }

    public static Database open(Settings settings, DataDirectory directory) {
        String url = settings.get(URL);
        if (!url.isEmpty()) {
            String where = url.replaceAll("\\?.*", "").replaceAll("//[^/@]*@", "//");
            requireUsable(external(settings, url), where);
            return new Database(null, pool(settings, () -> external(settings, url)), where);
        }
        EmbeddedPostgres postgres = startEmbedded(directory);
        try {
            return new Database(
                    postgres, pool(settings, () -> embedded(postgres)), "embedded in " + directory.postgres());
        } catch (RuntimeException e) {
            postgres.close();
            throw e;
        }
    }

    public DataSource dataSource() {
        return pool;
    }

    /** For the lines printed at the start; without user and password. */
    public String where() {
        return where;
    }

    /** Null with an external one. */
    public @Nullable EmbeddedPostgres embedded() {
        return embedded;
    }

    @Override
    public String name() {
        return "postgres";
    }

    @Override
    public Optional<String> problem() {
        if (embedded != null && embedded.problem().isPresent()) {
            return embedded.problem();
        }
        try (Connection connection = pool.getConnection()) {
            return connection.isValid(2) ? Optional.empty() : Optional.of("a connection to PostgreSQL does not answer");
        } catch (SQLException e) {
            return Optional.of("no connection to PostgreSQL (" + where + "): " + rootMessage(e));
        }
    }

    @Override
    public void close() {
        pool.close();
        if (embedded != null) {
            embedded.close();
        }
    }

    private static EmbeddedPostgres startEmbedded(DataDirectory directory) {
        try {
            Path cache = PostgresSoftware.userCache(directory.root().resolve("cache"));
            return EmbeddedPostgres.start(PostgresSoftware.in(cache), directory.postgres(), true);
        } catch (PostgresUnavailable e) {
            throw new StartRefusal(String.valueOf(e.getMessage()), e);
        }
    }

    private static void requireUsable(PGSimpleDataSource source, String where) {
        try (Connection connection = source.getConnection()) {
            int version = connection.getMetaData().getDatabaseMajorVersion();
            if (version < OLDEST) {
                throw new StartRefusal(
                        "PostgreSQL at " + where + " is version " + version + "; at least " + OLDEST + " is needed");
            }
        } catch (SQLException e) {
            throw new StartRefusal(
                    "cannot connect to PostgreSQL at " + where + ": " + rootMessage(e)
                            + "; check db-url, db-user and db-password",
                    e);
        }
    }

    private static HikariDataSource pool(Settings settings, Supplier<PGSimpleDataSource> source) {
        HikariConfig config = new HikariConfig();
        config.setPoolName("postgres");
        config.setDataSource(new CurrentDataSource(source));
        config.setMaximumPoolSize(settings.get(POOL));
        config.setMinimumIdle(Math.min(4, settings.get(POOL)));
        config.setConnectionTimeout(settings.get(CONNECT_WAIT).toMillis());
        config.setValidationTimeout(Math.min(2000, settings.get(CONNECT_WAIT).toMillis()));
        config.setMaxLifetime(Duration.ofMinutes(30).toMillis());
        config.setInitializationFailTimeout(-1); // Flyway tells the first failure, with its reason
        return new HikariDataSource(config);
    }

    private static PGSimpleDataSource external(Settings settings, String url) {
        PGSimpleDataSource source = bounded();
        source.setURL(url);
        if (!settings.get(USER).isEmpty()) {
            source.setUser(settings.get(USER));
        }
        if (!settings.get(PASSWORD).isEmpty()) {
            source.setPassword(settings.get(PASSWORD));
        }
        return source;
    }

    private static PGSimpleDataSource embedded(EmbeddedPostgres postgres) {
        PGSimpleDataSource source = bounded();
        source.setURL(postgres.url(EmbeddedPostgres.DATABASE));
        source.setUser(EmbeddedPostgres.USER);
        source.setPassword(postgres.password());
        return source;
    }

    /** Every wait has an end, also when the network swallows packets. */
    private static PGSimpleDataSource bounded() {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setApplicationName("muster");
        source.setConnectTimeout(3);
        source.setLoginTimeout(5);
        source.setSocketTimeout(120);
        source.setTcpKeepAlive(true);
        source.setReWriteBatchedInserts(true);
        return source;
    }

    private static String rootMessage(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return String.valueOf(cause.getMessage());
    }
}
