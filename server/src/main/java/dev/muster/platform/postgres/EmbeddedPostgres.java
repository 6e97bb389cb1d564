package dev.muster.platform.postgres;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A real PostgreSQL that belongs to this process: made, started, watched, restarted and stopped by it.
 *
 * <p>Everything lies in one folder: {@code data}, {@code password} (0600) and {@code log}. It listens on 127.0.0.1 only,
 * on a port that may change with a restart; {@link #url} is the current one. What an earlier, killed process left
 * running on the folder is stopped first.
 */
public final class EmbeddedPostgres implements AutoCloseable {
    public static final String USER = "muster";
    public static final String DATABASE = "muster";

    private static final Logger log = LoggerFactory.getLogger(EmbeddedPostgres.class);
    private static final Duration START_WAIT = Duration.ofSeconds(120);
    private static final Duration STOP_WAIT = Duration.ofSeconds(20);
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration LOOK_EVERY = Duration.ofSeconds(5);
    private static final Duration FIRST_BACKOFF = Duration.ofMillis(250);
    private static final Duration MAX_BACKOFF = Duration.ofSeconds(10);

    private final PostgresSoftware software;
    private final Path home;
    private final Path data;
    private final boolean durable;
    private final String password;
    private final ReentrantLock changes = new ReentrantLock();

    private volatile @Nullable Process process;
    private volatile int port;
    private volatile @Nullable String problem;
    private volatile boolean closed;

    private EmbeddedPostgres(PostgresSoftware software, Path home, boolean durable) throws IOException {
        this.software = software;
        this.home = home;
        this.data = home.resolve("data");
        this.durable = durable;
        this.password = password(home.resolve("password"));
    }

    /**
     * Returns when it accepts connections and the database exists.
     *
     * @param durable false only for tests: nothing is synced
     */
    public static EmbeddedPostgres start(PostgresSoftware software, Path home, boolean durable) {
        EmbeddedPostgres postgres = null;
        try {
            createPrivate(home);
            postgres = new EmbeddedPostgres(software, home, durable);
            OrphanedPostgres.stop(software, postgres.data);
            postgres.initialize();
            postgres.launch();
            postgres.createDatabase();
            postgres.watch();
            return postgres;
        } catch (IOException e) {
            closeQuietly(postgres);
            throw new PostgresUnavailable("cannot start PostgreSQL in " + home + ": " + e.getMessage(), e);
        } catch (RuntimeException e) {
            closeQuietly(postgres);
            throw e;
        }
    }

    /** JDBC URL of a database, without user and password. */
    public String url(String database) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + database;
    }

    public String password() {
        return password;
    }

    public int port() {
        return port;
    }

    /** Of the postmaster; empty while it is not running. */
    public Optional<Long> pid() {
        Process current = process;
        return current != null && current.isAlive() ? Optional.of(current.pid()) : Optional.empty();
    }

    /** Why it does not serve at this moment; empty when it runs. */
    public Optional<String> problem() {
        return Optional.ofNullable(problem);
    }

    private void initialize() throws IOException {
        if (Files.exists(data.resolve("PG_VERSION"))) {
            return;
        }
        // Made beside and renamed: a server killed during the first start leaves nothing half made.
        Path fresh = home.resolve("data.new");
        PostgresSoftware.deleteRecursively(fresh);
        if (Files.exists(data)) {
            throw new IOException("folder " + data + " exists and holds no PostgreSQL cluster (no PG_VERSION);"
                    + " move it away or choose another data directory");
        }
        PostgresProgram.run(
                Duration.ofSeconds(120),
                List.of(
                        software.program("initdb").toString(),
                        "--pgdata=" + fresh,
                        "--username=" + USER,
                        "--pwfile=" + home.resolve("password"),
                        "--auth=scram-sha-256",
                        "--encoding=UTF8",
                        "--locale-provider=builtin",
                        "--builtin-locale=C.UTF-8",
                        "--locale=C",
                        durable ? "--sync-method=fsync" : "--no-sync"));
        Files.move(fresh, data);
    }

    private void launch() throws IOException {
        IOException last = null;
        for (int attempt = 0; attempt < 3 && !closed; attempt++) {
            int chosen = freePort();
            Process started = PostgresProgram.start(command(chosen), home.resolve("log"));
            process = started;
            port = chosen;
            try {
                awaitConnections(started, PostmasterProbe.of(started, this::answers));
                problem = null;
                return;
            } catch (IOException e) {
                OrphanedPostgres.kill(started.toHandle(), data);
                last = e;
            }
        }
        throw last == null ? new IOException("not started") : last;
    }

    private List<String> command(int chosenPort) {
        List<String> command =
                new ArrayList<>(List.of(software.program("postgres").toString(), "-D", data.toString()));
        set(command, "listen_addresses", "127.0.0.1");
        set(command, "port", Integer.toString(chosenPort));
        set(command, "unix_socket_directories", "");
        set(command, "password_encryption", "scram-sha-256");
        set(command, "max_connections", "60");
        set(command, "shared_buffers", sharedBuffers() + "MB");
        set(command, "work_mem", "8MB");
        set(command, "maintenance_work_mem", "48MB");
        set(command, "max_wal_size", maxWalSize() + "MB");
        set(command, "min_wal_size", "80MB");
        set(command, "wal_level", "minimal");
        set(command, "max_wal_senders", "0");
        set(command, "io_method", "sync");
        set(command, "max_parallel_workers", "2");
        set(command, "max_worker_processes", "4");
        set(command, "autovacuum_max_workers", "2");
        set(command, "jit", "off");
        set(command, "timezone", "UTC");
        set(command, "log_timezone", "UTC");
        set(command, "log_min_messages", "warning");
        set(command, "log_statement", "none");
        set(command, "log_min_error_statement", "panic"); // statements may carry what no log may hold
        set(command, "idle_in_transaction_session_timeout", "120s");
        // One file per day of the week, overwritten when its day comes again: bounded.
        set(command, "logging_collector", "on");
        set(command, "log_directory", home.resolve("log").toString());
        set(command, "log_filename", "postgres-%a.log");
        set(command, "log_truncate_on_rotation", "on");
        set(command, "log_rotation_age", "1d");
        set(command, "log_rotation_size", "0");
        if (!durable) {
            set(command, "fsync", "off");
            set(command, "synchronous_commit", "off");
            set(command, "full_page_writes", "off");
            set(command, "autovacuum", "off");
            set(command, "max_connections", "300");
        }
        return command;
    }

    /**
     * In MiB: a sixteenth of the memory, of which only what is touched is taken. With less, a million assets that change push each other
     * out all the time, and each change writes somebody else's page.
     */
    private static long sharedBuffers() {
        var system = (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        return Math.clamp(system.getTotalMemorySize() / 16 >> 20, 96, 2048);
    }

    /**
     * In MiB: four times what the memory holds of tables, if the disk has ten times that to spare. The first change of a page after a
     * checkpoint writes the whole page: with checkpoints every few seconds, changes of assets all over the tables write little else. It is
     * reached only by who changes that much within five minutes, and a start after a kill has up to half of it to go through.
     */
    private long maxWalSize() {
        return Math.clamp(Math.min(4 * sharedBuffers(), home.toFile().getUsableSpace() / 10 >> 20), 1024, 8192);
    }

    private static void set(List<String> command, String name, String value) {
        command.add("-c");
        command.add(name + "=" + value);
    }

    /** As long as it recovers: a start that gave up on a long recovery would begin it anew, for good. */
    private void awaitConnections(Process started, PostmasterProbe probe) throws IOException {
        long heard = System.nanoTime();
        while (!closed) {
            if (!started.isAlive()) {
                throw new IOException("PostgreSQL ended with code " + started.exitValue() + ": " + lastLogLines());
            }
            switch (probe.ask()) {
                case SERVES -> {
                    return;
                }
                case STUCK -> throw new IOException("PostgreSQL does not recover: " + lastLogLines());
                case REFUSES -> {
                    heard = System.nanoTime();
                    problem = "PostgreSQL starts: " + probe.said().orElse("");
                    pause(50);
                }
                case WRONG_PASSWORD ->
                    throw new IOException("the password in " + home.resolve("password")
                            + " is not the one of the cluster in " + data);
                case SILENT -> pause(50);
            }
            if (System.nanoTime() - heard > START_WAIT.toNanos()) {
                throw new IOException(
                        "PostgreSQL accepted no connection within " + START_WAIT.toSeconds() + " s: " + lastLogLines());
            }
        }
        throw new IOException("it is being stopped");
    }

    private void answers() throws SQLException {
        try (Connection connection = connect("postgres")) {
            if (!connection.isValid(5)) {
                throw new SQLException("a connection was opened and does not answer");
            }
        }
    }

    private Connection connect(String database) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", USER);
        properties.setProperty("password", password);
        properties.setProperty("connectTimeout", "5");
        properties.setProperty("socketTimeout", "30");
        return DriverManager.getConnection(url(database), properties);
    }

    private void createDatabase() throws IOException {
        try (Connection connection = connect("postgres");
                var statement = connection.createStatement();
                var found = statement.executeQuery("select 1 from pg_database where datname = '" + DATABASE + "'")) {
            if (!found.next()) {
                try (var create = connection.createStatement()) {
                    create.execute("create database " + DATABASE);
                }
            }
        } catch (SQLException e) {
            throw new IOException("cannot create database " + DATABASE, e);
        }
    }

    private void watch() {
        Thread.ofPlatform().daemon().name("postgres-watch").start(this::keepRunning);
    }

    /** Restarts it whenever it ends or is stuck, with growing pauses. */
    private void keepRunning() {
        Duration backoff = FIRST_BACKOFF;
        while (!closed) {
            Process current = process;
            if (current != null && current.isAlive()) {
                long started = System.nanoTime();
                String end = awaitEnd(current);
                if (closed) {
                    return;
                }
                problem = "PostgreSQL " + end + " and is being restarted";
                log.warn("PostgreSQL (pid {}) {}; restarting it", current.pid(), end);
                if (System.nanoTime() - started > MAX_BACKOFF.toNanos()) {
                    backoff = FIRST_BACKOFF;
                }
            }
            pause(backoff.toMillis());
            backoff = backoff.multipliedBy(2).compareTo(MAX_BACKOFF) > 0 ? MAX_BACKOFF : backoff.multipliedBy(2);
            restart();
        }
    }

    /** Until the process has ended, or is killed here because it will never serve again. @return how, to follow "PostgreSQL" */
    private String awaitEnd(Process current) {
        PostmasterProbe probe = PostmasterProbe.of(current, this::answers);
        Duration rest = LOOK_EVERY;
        while (!ends(current, rest)) {
            if (closed) {
                return "is stopped";
            }
            PostmasterProbe.Answer answer = probe.ask();
            if (answer == PostmasterProbe.Answer.STUCK) {
                killStuck(current);
                return "refused connections and did not recover";
            }
            boolean refuses = answer == PostmasterProbe.Answer.REFUSES;
            problem = refuses ? "PostgreSQL says: " + probe.said().orElse("") : null;
            rest = refuses ? SECOND : LOOK_EVERY;
        }
        return "ended with code " + current.exitValue();
    }

    private void killStuck(Process stuck) {
        try {
            OrphanedPostgres.kill(stuck.toHandle(), data);
        } catch (IOException e) {
            log.warn("PostgreSQL (pid {}) was killed, and something of it lives on", stuck.pid(), e);
        }
    }

    private void restart() {
        changes.lock();
        try {
            if (closed) {
                return;
            }
            OrphanedPostgres.stop(software, data);
            launch();
            log.info("PostgreSQL runs again (pid {}, port {})", pid().orElse(-1L), port);
        } catch (IOException | RuntimeException e) {
            if (closed) {
                log.debug("stopped while it was being restarted", e);
                return;
            }
            String now = "PostgreSQL cannot be restarted: " + e.getMessage();
            if (now.equals(problem)) {
                log.debug("cannot restart PostgreSQL in {}", home, e);
            } else {
                log.error(
                        "cannot restart PostgreSQL in {}, tried again each {} s: {}",
                        home,
                        MAX_BACKOFF.toSeconds(),
                        e.getMessage());
            }
            problem = now;
        } finally {
            changes.unlock();
        }
    }

    /** Stops it, connections included; returns when it has ended. */
    @Override
    public void close() {
        // A start that was interrupted comes here with the flag set, which would cut the waits below short and leave
        // PostgreSQL running.
        boolean interrupted = Thread.interrupted();
        try {
            stop();
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void stop() {
        closed = true;
        problem = "PostgreSQL is stopped";
        changes.lock();
        try {
            Process current = process;
            if (current == null || !current.isAlive()) {
                return;
            }
            OrphanedPostgres.stop(software, data);
            if (!current.waitFor(STOP_WAIT.toMillis(), TimeUnit.MILLISECONDS)) {
                current.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            throw new PostgresUnavailable("cannot stop PostgreSQL in " + home, e);
        } finally {
            changes.unlock();
        }
    }

    /** Stops watching and leaves it running, as a killed process does; for tests. */
    void abandon() {
        closed = true;
    }

    /** Of its newest log that holds a line: on a full disk the one of this start is empty. */
    private String lastLogLines() {
        try (var files = Files.list(home.resolve("log"))) {
            Path newest = files.filter(file -> file.toFile().length() > 0)
                    .max(Comparator.comparingLong(file -> file.toFile().lastModified()))
                    .orElse(null);
            if (newest == null) {
                return "it logged nothing";
            }
            List<String> lines = Files.readAllLines(newest);
            return String.join(" | ", lines.subList(Math.max(0, lines.size() - 5), lines.size())) + " (" + newest + ")";
        } catch (IOException | UncheckedIOException e) {
            return "its log cannot be read: " + e.getMessage();
        }
    }

    private static String password(Path file) throws IOException {
        if (!Files.exists(file)) {
            byte[] secret = new byte[24];
            new SecureRandom().nextBytes(secret);
            Path fresh = file.resolveSibling("password.new");
            Files.deleteIfExists(fresh);
            if (posix()) {
                Files.createFile(
                        fresh, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            } else {
                Files.createFile(fresh);
            }
            Files.writeString(
                    fresh,
                    Base64.getUrlEncoder().withoutPadding().encodeToString(secret),
                    StandardCharsets.US_ASCII,
                    StandardOpenOption.SYNC);
            Files.move(fresh, file);
        }
        return Files.readString(file, StandardCharsets.US_ASCII).strip();
    }

    private static void createPrivate(Path folder) throws IOException {
        for (Path path : List.of(folder, folder.resolve("log"))) {
            if (!Files.isDirectory(path)) {
                Files.createDirectories(path);
                if (posix()) {
                    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwx------"));
                }
            }
        }
    }

    private static boolean posix() {
        return FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static boolean ends(Process process, Duration within) {
        try {
            return process.waitFor(within.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts the thread that watches PostgreSQL", e);
        }
    }

    private static void pause(long millis) {
        try {
            TimeUnit.MILLISECONDS.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PostgresUnavailable("interrupted while waiting for PostgreSQL", e);
        }
    }

    private static void closeQuietly(@Nullable EmbeddedPostgres postgres) {
        if (postgres != null) {
            postgres.close();
        }
    }
}
