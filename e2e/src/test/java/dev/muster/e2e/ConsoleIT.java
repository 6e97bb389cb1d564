package dev.muster.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The console in a real browser, against a real server process and a real asset. */
class ConsoleIT {
    private static final List<String> PROGRAMS = List.of("node", "chromium", "mosquitto_pub", "mosquitto_sub");

    @TempDir
    Path folder;

    @Test
    void aPersonSeesAValueChangeAndTheResultOfACommand() throws Exception {
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
                            "CHROMIUM",
                                    Programs.onPath("chromium").orElseThrow().toString()));
            Process running = script.start();
            boolean ended = running.waitFor(3, TimeUnit.MINUTES);
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
}
