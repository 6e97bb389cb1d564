package dev.muster.main;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.platform.config.DataDirectory;
import dev.muster.platform.config.DataDirectoryLock;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code muster server} as a process that does not come to serve: refused, or ended in the middle of its start. */
class StartTest {
    private static final String ANY_PORT = "127.0.0.1:0";
    private static final int PATIENCE_SECONDS = 120;

    @TempDir
    Path folder;

    @Test
    void everyWrongSettingIsListedAndNothingElse() throws Exception {
        assertThat(refused("--http-lisen=1", "--db-connections=many")).isEqualTo(new Ended(2, """
                        muster server does not start: the configuration has 2 problems:
                          - flag --http-lisen is not known; did you mean --http-listen?
                          - flag --db-connections: db-connections is 'many' and must be a number from 2 to 200
                        """));
    }

    @Test
    void aBusyPortIsToldWithItsOwnerAndNothingElse() throws Exception {
        try (ServerSocket busy = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String address = "127.0.0.1:" + busy.getLocalPort();
            assertThat(refused("--http-listen=" + address))
                    .isEqualTo(new Ended(
                            1,
                            "muster server does not start: cannot listen on " + address
                                    + " (http-listen): the port is taken by process "
                                    + ProcessHandle.current().pid()
                                    + " (java); stop it, or choose another port with --http-listen=HOST:PORT"
                                    + " (port 0 is any free one)\n"));
        }
    }

    @Test
    void aDataDirectoryInUseIsToldWithItsHolderAndNothingElse() throws Exception {
        DataDirectory directory = new DataDirectory(data());
        DataDirectoryLock lock = DataDirectoryLock.take(directory);
        try {
            assertThat(refused())
                    .isEqualTo(new Ended(
                            1,
                            "muster server does not start: data directory " + directory.root()
                                    + " is in use by process "
                                    + ProcessHandle.current().pid()
                                    + "; stop it, or choose another directory with --data-dir\n"));
        } finally {
            lock.close();
        }
    }

    @Test
    void aDatabaseThatCannotBeReachedIsToldAndNothingElse() throws Exception {
        Ended ended = refused("--db-url=jdbc:postgresql://127.0.0.1:1/muster");
        assertThat(ended)
                .isEqualTo(new Ended(
                        1,
                        "muster server does not start: cannot connect to PostgreSQL at"
                                + " jdbc:postgresql://127.0.0.1:1/muster: Connection refused; check db-url, db-user and"
                                + " db-password\n"));
    }

    @Test
    void sigtermInTheMiddleOfAStartLeavesNothingRunning() throws Exception {
        Process server = start();
        try {
            Path pidFile = data().resolve("postgres/data/postmaster.pid");
            awaitExists(server, pidFile);
            assertThat(data().resolve("run/server.json")).as("it still starts").doesNotExist();
            List<ProcessHandle> children = server.descendants().toList();
            assertThat(children).as("PostgreSQL").isNotEmpty();

            server.destroy();

            assertThat(server.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
            assertThat(pidFile).doesNotExist();
            for (ProcessHandle child : children) {
                child.onExit().get(PATIENCE_SECONDS, TimeUnit.SECONDS); // some end after their parent
            }
            DataDirectoryLock.take(new DataDirectory(data())).close();
        } finally {
            server.destroyForcibly();
        }
    }

    private record Ended(int code, String said) {}

    private Ended refused(String... flags) throws Exception {
        Process server = start(flags);
        try {
            assertThat(server.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
            return new Ended(server.exitValue(), said());
        } finally {
            server.destroyForcibly();
        }
    }

    private Path data() {
        return folder.resolve("data");
    }

    /** Without the times and the lines of what went well before. */
    private String said() throws IOException {
        List<String> kept = new ArrayList<>();
        for (String line : Files.readAllLines(folder.resolve("output"))) {
            if (!line.matches("\\S+Z INFO .*|Log configuration loaded .*")) {
                kept.add(line + "\n");
            }
        }
        return String.join("", kept);
    }

    private Process start(String... flags) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "--add-opens=java.base/java.lang.reflect=ALL-UNNAMED",
                "--add-opens=java.base/java.lang=ALL-UNNAMED",
                "--add-opens=java.base/java.nio=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                Optional.ofNullable(System.getProperty("surefire.test.class.path"))
                        .orElse(System.getProperty("java.class.path")),
                Main.class.getName(),
                "--data-dir=" + data(),
                "--mqtt-listen=" + ANY_PORT,
                "--device-listen=" + ANY_PORT));
        if (List.of(flags).stream().noneMatch(flag -> flag.startsWith("--http-listen="))) {
            command.add("--http-listen=" + ANY_PORT);
        }
        command.addAll(List.of(flags));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("output").toFile())
                .start();
    }

    private void awaitExists(Process server, Path file) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!Files.exists(file)) {
            assertThat(server.isAlive()).as(said()).isTrue();
            assertThat(System.nanoTime()).as(said()).isLessThan(deadline);
            Thread.sleep(5);
        }
    }
}
