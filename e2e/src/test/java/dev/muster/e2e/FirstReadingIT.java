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

/** The script that a stranger could type, against a real server process. */
class FirstReadingIT {
    private static final List<String> CLIENTS = List.of("bash", "openssl", "curl", "mosquitto_pub", "python3");

    @TempDir
    Path folder;

    @Test
    void aStrangerEnrolsReportsAsksRenewsAndIsRevoked() throws Exception {
        List<String> missing = CLIENTS.stream()
                .filter(program -> Programs.onPath(program).isEmpty())
                .toList();
        if (System.getenv("CI") != null) {
            assertThat(missing).as("programs that CI must have installed").isEmpty();
        }
        assumeThat(missing).as("SKIPPED, not installed").isEmpty();
        try (ServerProcess server = new ServerProcess(folder.resolve("data"), Map.of(), List.of())) {
            server.start();
            Path output = folder.resolve("script.log");
            ProcessBuilder script = new ProcessBuilder(
                            "bash",
                            Programs.root().resolve("e2e/first-reading.sh").toString())
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile());
            script.environment().put("MUSTER_DATA_DIR", server.dataDirectory().toString());
            Process running = script.start();
            assertThat(running.waitFor(5, TimeUnit.MINUTES)).isTrue();
            assertThat(running.exitValue()).as(Files.readString(output)).isZero();
            assertThat(server.terminate()).as("exit code after SIGTERM").isIn(0, 143);
        }
    }
}
