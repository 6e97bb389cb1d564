package dev.muster.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The console in a real browser, against a real server process, assets that speak for themselves, and simulated ones. */
class ConsoleIT {
    private static final List<String> PROGRAMS = List.of("node", "chromium", "mosquitto_pub", "mosquitto_sub");
    private static final String FLEET = "12";

    @TempDir
    Path folder;

    @Test
    void whatAPersonComesForCanBeDoneAndSeen() throws Exception {
        List<String> missing = PROGRAMS.stream()
                .filter(program -> Programs.onPath(program).isEmpty())
                .toList();
        if (System.getenv("CI") != null) {
            assertThat(missing).as("programs that CI must have installed").isEmpty();
        }
        assumeThat(missing).as("SKIPPED, not installed").isEmpty();
        Path console = Programs.root().resolve("console");
        try (ServerProcess server = new ServerProcess(folder.resolve("data"), Map.of(), List.of())) {
            server.start();
            Process simulator = simulate(server);
            try {
                play(server, console);
            } finally {
                simulator.destroy();
                if (!simulator.waitFor(10, TimeUnit.SECONDS)) {
                    simulator.destroyForcibly();
                }
            }
        }
    }

    private Process simulate(ServerProcess server) throws IOException {
        return new ProcessBuilder(Programs.java(
                        "simulator",
                        "--assets",
                        FLEET,
                        "--types",
                        "pos=100",
                        "--pace",
                        "20",
                        "--rate",
                        "0.5",
                        "--seed",
                        "5",
                        "--data-dir",
                        server.dataDirectory().toString()))
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("simulator.log").toFile())
                .start();
    }

    private void play(ServerProcess server, Path console) throws Exception {
        Path output = folder.resolve("browser.log");
        ProcessBuilder script = new ProcessBuilder(
                        Programs.onPath("node").orElseThrow().toString(),
                        console.resolve("scripts/e2e.mjs").toString())
                .directory(console.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        script.environment()
                .putAll(Map.of(
                        "MUSTER_SERVER", server.http().toString(),
                        "MUSTER_MQTT", server.mqtt(),
                        "MUSTER_TOKEN", server.adminToken(),
                        "MUSTER_FLEET", FLEET,
                        "CHROMIUM", Programs.onPath("chromium").orElseThrow().toString()));
        Process running = script.start();
        boolean ended = running.waitFor(6, TimeUnit.MINUTES);
        if (!ended) {
            running.descendants().forEach(ProcessHandle::destroyForcibly);
            running.destroyForcibly();
        }
        assertThat(ended)
                .as("ended in time; it said:\n%s", Files.readString(output))
                .isTrue();
        assertThat(running.exitValue()).as(Files.readString(output)).isZero();
    }
}
