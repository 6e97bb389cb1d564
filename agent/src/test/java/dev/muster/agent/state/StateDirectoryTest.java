package dev.muster.agent.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateDirectoryTest {
    @TempDir
    Path folder;

    @Test
    void oneAgentAtATime() throws IOException {
        try (StateDirectory first = StateDirectory.open(folder.resolve("s"))) {
            assertThatThrownBy(() -> StateDirectory.open(first.path()))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("held by another agent");
        }
        StateDirectory.open(folder.resolve("s")).close();
    }

    @Test
    void aFileIsReplacedWholeAlsoAfterAnInterruptedAttempt() throws IOException {
        try (StateDirectory state = StateDirectory.open(folder.resolve("s"))) {
            state.write("f", "one".getBytes(StandardCharsets.US_ASCII));
            Files.writeString(state.path().resolve("f.new"), "half of what was");
            state.write("f", "two".getBytes(StandardCharsets.US_ASCII));
            assertThat(state.read("f"))
                    .hasValueSatisfying(
                            content -> assertThat(content).asString().isEqualTo("two"));
            assertThat(state.path().resolve("f.new")).doesNotExist();
            state.delete("f");
            assertThat(state.read("f")).isEmpty();
        }
    }

    @Test
    void aRestartOfTheSystemIsToldFromOneOfTheAgent() throws IOException {
        try (StateDirectory state = StateDirectory.open(folder.resolve("s"))) {
            assertThat(Boot.note(state).cause()).isEqualTo(Boot.Cause.FIRST_START);
            Boot again = Boot.note(state);
            assertThat(again.cause()).isEqualTo(Boot.Cause.AGENT_RESTARTED);
            state.write("boot", "another-boot".getBytes(StandardCharsets.US_ASCII));
            Boot rebooted = Boot.note(state);
            assertThat(rebooted.cause()).isEqualTo(Boot.Cause.SYSTEM_RESTARTED);
            assertThat(rebooted.bootId()).isEqualTo(again.bootId());
            assertThat(rebooted.startId()).isNotEqualTo(again.startId());
        }
    }
}
