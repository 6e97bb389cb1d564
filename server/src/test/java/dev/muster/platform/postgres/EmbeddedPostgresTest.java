package dev.muster.platform.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedPostgresTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    @Test
    void refusesAWrongPasswordAndListensOnLoopbackOnly() throws Exception {
        try (EmbeddedPostgres postgres = start()) {
            assertThatThrownBy(() -> connect(postgres, "wrong"))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("password authentication failed");
            try (Connection connection = connect(postgres, postgres.password())) {
                assertThat(show(connection, "listen_addresses")).isEqualTo("127.0.0.1");
                assertThat(show(connection, "unix_socket_directories")).isEmpty();
                assertThat(show(connection, "fsync")).isEqualTo("on");
                assertThat(show(connection, "server_version")).startsWith("18.");
            }
            assertThat(Files.readAllLines(home().resolve("data/pg_hba.conf")))
                    .filteredOn(line -> !line.isBlank() && !line.startsWith("#"))
                    .isNotEmpty()
                    .allMatch(line -> line.endsWith("scram-sha-256"));
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(home().resolve("password"))))
                    .isEqualTo("rw-------");
        }
    }

    @Test
    void keepsItsDataAndLeavesNoProcessBehind() throws Exception {
        long pid;
        try (EmbeddedPostgres postgres = start()) {
            pid = postgres.pid().orElseThrow();
            try (Connection connection = connect(postgres, postgres.password())) {
                execute(connection, "create table kept (n int)");
            }
        }
        assertThat(ProcessHandle.of(pid)).isEmpty();
        assertThat(processesOn(home())).isEmpty();
        try (EmbeddedPostgres postgres = start();
                Connection connection = connect(postgres, postgres.password())) {
            execute(connection, "insert into kept values (1)");
        }
    }

    @Test
    void stopsWhatAKilledServerLeftRunning() throws Exception {
        EmbeddedPostgres orphan = start();
        long orphanPid = orphan.pid().orElseThrow();
        orphan.abandon();
        try (Connection connection = connect(orphan, orphan.password())) {
            execute(connection, "create table kept (n int)");
        }

        try (EmbeddedPostgres postgres = start();
                Connection connection = connect(postgres, postgres.password())) {
            assertThat(postgres.pid().orElseThrow()).isNotEqualTo(orphanPid);
            execute(connection, "insert into kept values (1)");
        }
        assertThat(processesOn(home())).isEmpty();
    }

    @Test
    void startsOverAPidFileWhoseProcessIsAnotherProgramByNow() throws Exception {
        start().close();
        Files.write(
                home().resolve("data/postmaster.pid"),
                List.of(
                        Long.toString(ProcessHandle.current().pid()),
                        home().resolve("data").toString(),
                        "1",
                        "1",
                        "",
                        "127.0.0.1"));
        try (EmbeddedPostgres postgres = start();
                Connection connection = connect(postgres, postgres.password())) {
            assertThat(connection.isValid(5)).isTrue();
        }
    }

    @Test
    void isRestartedWhenItIsKilled() throws Exception {
        try (EmbeddedPostgres postgres = start()) {
            try (Connection connection = connect(postgres, postgres.password())) {
                execute(connection, "create table kept (n int)");
            }
            for (int kill = 0; kill < 2; kill++) {
                long pid = postgres.pid().orElseThrow();
                ProcessHandle.of(pid).orElseThrow().destroyForcibly();
                await(() -> postgres.pid().filter(now -> now != pid).isPresent()
                        && postgres.problem().isEmpty());
                try (Connection connection = connect(postgres, postgres.password())) {
                    execute(connection, "insert into kept values (1)");
                }
            }
        }
        assertThat(processesOn(home())).isEmpty();
    }

    @Test
    void oneThatIsAliveAndWillNeverServeAgainIsEndedAndStartedAnew() throws Exception {
        Path sign = folder.resolve("stuck-from-now-on");
        try (EmbeddedPostgres postgres = EmbeddedPostgres.start(softwareThatGetsStuck(sign), home(), true)) {
            try (Connection connection = connect(postgres, postgres.password())) {
                execute(connection, "create table kept (n int)");
            }
            long pid = postgres.pid().orElseThrow();
            Files.createFile(sign);
            assertThatThrownBy(() -> connect(postgres, postgres.password()).close())
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("not yet accepting connections");

            await(() -> postgres.pid().filter(now -> now != pid).isPresent()
                    && postgres.problem().isEmpty());
            try (Connection connection = connect(postgres, postgres.password())) {
                execute(connection, "insert into kept values (1)");
            }
        }
        assertThat(processesOn(home())).isEmpty();
    }

    @Test
    void aStuckOneIsStoppedToo() throws Exception {
        Path sign = folder.resolve("stuck-from-now-on");
        try (EmbeddedPostgres postgres = EmbeddedPostgres.start(softwareThatGetsStuck(sign), home(), true)) {
            Files.createFile(sign);
            assertThatThrownBy(() -> connect(postgres, postgres.password()).close())
                    .isInstanceOf(SQLException.class);
        }
        assertThat(processesOn(home())).isEmpty();
    }

    @Test
    void refusesAFolderThatHoldsSomethingElse() throws Exception {
        Files.createDirectories(home().resolve("data"));
        Files.writeString(home().resolve("data/letter.txt"), "dear diary");
        assertThatThrownBy(this::start)
                .isInstanceOf(PostgresUnavailable.class)
                .hasMessageContaining("holds no PostgreSQL cluster");
        assertThat(home().resolve("data/letter.txt")).exists();
    }

    private EmbeddedPostgres start() {
        return EmbeddedPostgres.start(
                PostgresSoftware.in(PostgresSoftware.userCache(folder.resolve("cache"))), home(), true);
    }

    /** The real one behind {@link StuckPostmaster}. */
    private PostgresSoftware softwareThatGetsStuck(Path sign) throws Exception {
        PostgresSoftware real = PostgresSoftware.in(PostgresSoftware.userCache(folder.resolve("cache")));
        Path programs = Files.createDirectories(folder.resolve("software/bin"));
        for (String program : List.of("initdb", "pg_ctl")) {
            Path wrapper = programs.resolve(program);
            Files.writeString(wrapper, "#!/bin/sh\nexec " + real.program(program) + " \"$@\"\n");
        }
        Files.writeString(
                programs.resolve("postgres"),
                "#!/bin/sh\nexec %s -Xmx64m -cp %s %s %s %s \"$@\"\n"
                        .formatted(
                                Path.of(System.getProperty("java.home"), "bin", "java"),
                                Path.of(StuckPostmaster.class
                                        .getProtectionDomain()
                                        .getCodeSource()
                                        .getLocation()
                                        .toURI()),
                                StuckPostmaster.class.getName(),
                                real.program("postgres"),
                                sign));
        for (String program : List.of("initdb", "pg_ctl", "postgres")) {
            Files.setPosixFilePermissions(programs.resolve(program), PosixFilePermissions.fromString("rwx------"));
        }
        return new PostgresSoftware(folder.resolve("software"));
    }

    private Path home() {
        return folder.resolve("postgres");
    }

    private static Connection connect(EmbeddedPostgres postgres, String password) throws SQLException {
        return DriverManager.getConnection(postgres.url(EmbeddedPostgres.DATABASE), EmbeddedPostgres.USER, password);
    }

    private static String show(Connection connection, String setting) throws SQLException {
        try (var statement = connection.createStatement();
                var rows = statement.executeQuery("show " + setting)) {
            rows.next();
            return rows.getString(1);
        }
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** By command line and by working folder. */
    private static List<Long> processesOn(Path home) throws IOException {
        try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
            return processes
                    .filter(path -> path.getFileName().toString().matches("\\d+"))
                    .filter(path -> worksOn(path, home))
                    .map(path -> Long.valueOf(path.getFileName().toString()))
                    .toList();
        }
    }

    private static boolean worksOn(Path process, Path home) {
        try {
            return Files.readString(process.resolve("cmdline")).contains(home.toString())
                    || Files.readSymbolicLink(process.resolve("cwd")).startsWith(home);
        } catch (IOException e) {
            return false; // ended meanwhile
        }
    }

    private static void await(Callable<Boolean> condition) throws Exception {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.call()) {
            assertThat(System.nanoTime()).as("deadline").isLessThan(deadline);
            Thread.sleep(20);
        }
    }
}
