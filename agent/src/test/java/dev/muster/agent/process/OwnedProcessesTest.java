package dev.muster.agent.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OwnedProcessesTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path directory;

    @Test
    void oneThatKeepsTurningIntoAnotherProgramIsFoundEveryTime() throws Exception {
        Path restless = Files.writeString(directory.resolve("restless.sh"), "exec sh \"$0\"\n");
        String owner = "a restless program of " + directory;
        Process process = Program.builder(List.of("sh", restless.toString()), owner, Map.of())
                .start();
        try {
            for (int i = 0; i < 100; i++) {
                assertThat(OwnedProcesses.of(owner)).as("look %s", i).containsExactly(process.pid());
            }
        } finally {
            assertThat(OwnedProcesses.end(owner, Duration.ZERO)).isEmpty();
        }
        assertThat(OwnedProcesses.of(owner)).isEmpty();
    }

    @Test
    void whatAnotherHasStartedIsNotFound() throws Exception {
        String owner = "somebody of " + directory;
        Process process =
                Program.builder(List.of("sleep", "1000"), owner, Map.of()).start();
        try {
            assertThat(OwnedProcesses.of(owner + " else")).isEmpty();
            assertThat(OwnedProcesses.of(owner)).containsExactly(process.pid());
        } finally {
            OwnedProcesses.end(owner, Duration.ZERO);
        }
    }
}
