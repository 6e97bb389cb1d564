package dev.muster.bench;

import dev.muster.platform.postgres.EmbeddedPostgres;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A PostgreSQL of a distribution's build, beside the server and reached by URL, with the settings of the embedded one: built for speed,
 * where the embedded one is built for size. As root it runs as the user {@code postgres}, as PostgreSQL demands.
 */
final class SystemPostgres implements AutoCloseable {
    private static final long START_NANOS = TimeUnit.SECONDS.toNanos(60);

    private final Process process;
    private final int port;

    private SystemPostgres(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /**
     * @param programs folder of {@code initdb} and {@code postgres}
     * @param directory where the cluster's folder is made
     * @param counts whether it counts statements
     */
    static SystemPostgres start(Path programs, Path directory, boolean counts) throws Exception {
        Path folder = Files.createDirectories(directory.resolve("postgres"));
        boolean root = "root".equals(System.getProperty("user.name"));
        List<String> as =
                root ? List.of("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups") : List.of();
        if (root) {
            run(List.of("chown", "postgres", folder.toString()), folder);
            run(List.of("chmod", "a+x", directory.toString()), folder);
        }
        List<String> initialize = new ArrayList<>(as);
        initialize.addAll(List.of(
                programs.resolve("initdb").toString(),
                "--pgdata=" + folder.resolve("data"),
                "--username=" + EmbeddedPostgres.USER,
                "--auth=trust",
                "--encoding=UTF8",
                "--locale=C"));
        run(initialize, folder);
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        List<String> command = new ArrayList<>(as);
        command.addAll(List.of(
                programs.resolve("postgres").toString(),
                "-D",
                folder.resolve("data").toString()));
        for (String setting : List.of(
                "listen_addresses=127.0.0.1",
                "port=" + port,
                "unix_socket_directories=",
                "max_connections=60",
                "shared_buffers=1526MB", // a sixteenth of the memory of the machine that the published figures are of
                "work_mem=8MB",
                "maintenance_work_mem=48MB",
                "max_wal_size=6104MB",
                "min_wal_size=80MB",
                "wal_level=minimal",
                "max_wal_senders=0",
                "max_parallel_workers=2",
                "max_worker_processes=4",
                "autovacuum_max_workers=2",
                "jit=off")) {
            command.addAll(List.of("-c", setting));
        }
        if (counts) {
            command.addAll(List.of("-c", "shared_preload_libraries=pg_stat_statements"));
        }
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolveSibling("postgres.log").toFile())
                .start();
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(process::destroy));
        SystemPostgres postgres = new SystemPostgres(process, port);
        postgres.awaitConnections();
        return postgres;
    }

    private void awaitConnections() throws Exception {
        long end = System.nanoTime() + START_NANOS;
        while (true) {
            try (Connection connection = connect("postgres");
                    var statement = connection.createStatement()) {
                statement.execute("create database " + EmbeddedPostgres.DATABASE);
                return;
            } catch (SQLException e) {
                if (!process.isAlive() || System.nanoTime() > end) {
                    throw new IOException("PostgreSQL did not start", e);
                }
                Thread.sleep(50);
            }
        }
    }

    private static void run(List<String> command, Path folder) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolveSibling("postgres-made.log").toFile())
                .start();
        if (process.waitFor() != 0) {
            throw new IOException(String.join(" ", command) + " ended with " + process.exitValue() + ": "
                    + Files.readString(folder.resolveSibling("postgres-made.log")));
        }
    }

    Connection connect(String database) throws SQLException {
        return DriverManager.getConnection(url(database), EmbeddedPostgres.USER, "");
    }

    Process process() {
        return process;
    }

    /** Settings of a server that uses it. */
    List<String> settings() {
        return List.of("--db-url=" + url(EmbeddedPostgres.DATABASE), "--db-user=" + EmbeddedPostgres.USER);
    }

    private String url(String database) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + database;
    }

    String version() throws SQLException {
        try (Connection connection = connect(EmbeddedPostgres.DATABASE)) {
            return connection.getMetaData().getDatabaseProductVersion();
        }
    }

    /** SIGINT would be the fast stop; SIGTERM waits for connections, which the server has closed by then. */
    @Override
    public void close() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(30, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
    }
}
