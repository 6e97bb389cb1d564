package dev.muster.agent.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsReaderTest {
    private static final Setting<String> SERVER = Setting.text("server", "", "Where.");
    private static final Setting<Long> BYTES = Setting.bytes("buffer-bytes", "64MiB", 1 << 20, 1L << 40, "How much.");
    private static final Setting<List<String>> NAMES = Setting.list("names", "", "Which.");
    private static final Setting<String> TOKEN = Setting.secret("token", "Secret.");
    private final SettingsReader reader = new SettingsReader(List.of(SERVER, BYTES, NAMES, TOKEN));

    @TempDir
    Path folder;

    @Test
    void aFlagWinsOverAVariableAndAVariableOverTheFile() throws IOException {
        Path file =
                Files.writeString(folder.resolve("agent.yaml"), "server: file\nbuffer-bytes: 2MiB\nnames: [a, b]\n");
        AgentSettings settings = reader.read(
                List.of("--server=flag", "--config", file.toString()),
                Map.of(
                        "MUSTER_AGENT_SERVER",
                        "variable",
                        "MUSTER_AGENT_BUFFER_BYTES",
                        "3MiB",
                        "MUSTER_SERVER",
                        "not ours"));
        assertThat(settings.get(SERVER)).isEqualTo("flag");
        assertThat(settings.get(BYTES)).isEqualTo(3L << 20);
        assertThat(settings.get(NAMES)).containsExactly("a", "b");
        assertThat(settings.isSet(TOKEN)).isFalse();
    }

    @Test
    void allProblemsAreToldAtOnce() throws IOException {
        Path file = Files.writeString(folder.resolve("agent.yaml"), "serve: x\nnames: {a: b}\n");
        assertThatThrownBy(() -> reader.read(
                        List.of("stray", "--wrong=1", "--server", "--buffer-bytes=7", "--config=" + file),
                        Map.of("MUSTER_AGENT_TYPO", "x")))
                .isInstanceOf(SettingsException.class)
                .hasMessageContainingAll(
                        "7 problems",
                        "'stray' is not a flag",
                        "flag --wrong is not known",
                        "flag --server has no value",
                        "buffer-bytes is '7' and must be from 1048576",
                        "variable MUSTER_AGENT_TYPO is not known",
                        "key 'serve' is not known",
                        "names must be a single value");
    }

    @Test
    void aSecretIsNeverShown() {
        AgentSettings settings = reader.read(List.of("--token=geheim"), Map.of());
        assertThat(settings.get(TOKEN)).isEqualTo("geheim");
        assertThat(settings.print()).contains("token: ********  # flag --token").doesNotContain("geheim");
    }

    @Test
    void aNamedFileMustBeThereAndBeYaml() throws IOException {
        assertThatThrownBy(() -> reader.read(List.of("--config=/nowhere.yaml"), Map.of()))
                .hasMessageContaining("does not exist");
        Path file = Files.writeString(folder.resolve("agent.yaml"), "server: [unclosed\n");
        assertThatThrownBy(() -> reader.read(List.of("--config=" + file), Map.of()))
                .hasMessageContaining("is not YAML");
    }
}
