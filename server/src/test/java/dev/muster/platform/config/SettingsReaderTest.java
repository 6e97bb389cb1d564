package dev.muster.platform.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsReaderTest {
    private static final Setting<ListenAddress> LISTEN =
            Setting.address("http-listen", "127.0.0.1:8080", "Where it listens.");
    private static final Setting<Long> MAX_BYTES =
            Setting.bytes("journal-max-bytes", "4GiB", 1 << 20, "Size of the journal at most.");
    private static final Setting<Duration> KEEP =
            Setting.duration("keep", "14d", Duration.ofMinutes(1), Duration.ofDays(30), "How long it is kept.");
    private static final Setting<Integer> CLIENTS = Setting.count("clients", 200, 1, 500, "Clients at most.");
    private static final Setting<Boolean> SYNC = Setting.flag("sync", true, "Whether it syncs.");
    private static final Setting<List<String>> NAMES = Setting.list("names", "", "Its names.");
    private static final Setting<String> PASSWORD = Setting.secret("password", "The password.");
    private static final List<Setting<?>> CATALOG = List.of(LISTEN, MAX_BYTES, KEEP, CLIENTS, SYNC, NAMES, PASSWORD);

    @TempDir
    Path folder;

    @Test
    void hasTheDefaultsWhenNothingIsGiven() {
        Settings settings = read(List.of(), Map.of());
        assertThat(settings.get(LISTEN)).isEqualTo(new ListenAddress("127.0.0.1", 8080));
        assertThat(settings.get(MAX_BYTES)).isEqualTo(4L << 30);
        assertThat(settings.get(KEEP)).isEqualTo(Duration.ofDays(14));
        assertThat(settings.get(CLIENTS)).isEqualTo(200);
        assertThat(settings.get(SYNC)).isTrue();
        assertThat(settings.get(NAMES)).isEmpty();
        assertThat(settings.isSet(CLIENTS)).isFalse();
    }

    @Test
    void aFlagWinsOverAVariableAndAVariableOverTheFile() throws IOException {
        file("clients: 1\nkeep: 1h\nnames: [a.example, b.example]\n");
        Settings settings = read(List.of("--clients", "3"), Map.of("MUSTER_CLIENTS", "2", "MUSTER_KEEP", "2h"));
        assertThat(settings.get(CLIENTS)).isEqualTo(3);
        assertThat(settings.get(KEEP)).isEqualTo(Duration.ofHours(2));
        assertThat(settings.get(NAMES)).containsExactly("a.example", "b.example");
    }

    @Test
    void tellsAllProblemsAtOnceAndTheNearestKnownKey() throws IOException {
        file("journal-max-byte: 1GiB\nsync: perhaps\n");
        List<String> problems = problems(
                List.of("--http-lsten=x", "--clients=501", "keep=1h", "--clients=2"),
                Map.of("MUSTER_KEEPS", "1h", "MUSTER_TOKEN", "of the command line", "PATH", "/bin"));
        assertThat(problems)
                .hasSize(6)
                .anyMatch(line -> line.equals("flag --http-lsten is not known; did you mean --http-listen?"))
                .anyMatch(line -> line.equals("'keep=1h' is not a flag; flags look like --data-dir=PATH"))
                .anyMatch(line -> line.equals("flag --clients is given twice"))
                .anyMatch(line -> line.equals("variable MUSTER_KEEPS is not known; did you mean MUSTER_KEEP?"))
                .anyMatch(line -> line.endsWith("key 'journal-max-byte' is not known; did you mean journal-max-bytes?"))
                .anyMatch(line -> line.endsWith("sync is 'perhaps' and must be true or false"));
    }

    @Test
    void saysWhatAValueMustBe() {
        assertThat(problems(
                        List.of("--clients=501", "--keep=1y", "--journal-max-bytes=12", "--http-listen=8080"),
                        Map.of()))
                .containsExactlyInAnyOrder(
                        "flag --http-listen: http-listen is '8080' and must be host:port, for example 127.0.0.1:8080, with a"
                                + " port from 0 to 65535",
                        "flag --journal-max-bytes: journal-max-bytes is '12' and must be at least 1048576 bytes, and not"
                                + " absurdly large",
                        "flag --keep: keep is '1y' and must have one of the units ms, s, m, h, d",
                        "flag --clients: clients is '501' and must be a number from 1 to 500");
    }

    @Test
    void refusesAFileThatIsNotYamlAndOneThatIsMissing() throws IOException {
        file("clients: [1\n");
        assertThat(problems(List.of(), Map.of())).singleElement().asString().contains("muster.yaml", "line");
        assertThat(problems(List.of("--config", folder.resolve("none.yaml").toString()), Map.of()))
                .singleElement()
                .asString()
                .contains("none.yaml does not exist");
    }

    @Test
    void takesAnEmptyFileAndOneOfComments() throws IOException {
        file("# nothing yet\n\n");
        assertThat(read(List.of(), Map.of()).get(CLIENTS)).isEqualTo(200);
    }

    @Test
    void printsWhereEachValueComesFromAndNoSecret() {
        String printed = read(List.of("--clients=3"), Map.of("MUSTER_PASSWORD", "hunter2"))
                .print();
        assertThat(printed)
                .contains("clients: 3  # flag --clients")
                .contains("password: ********  # variable MUSTER_PASSWORD")
                .contains("keep: 14d  # default")
                .doesNotContain("hunter2");
    }

    @Test
    void doesNotTellASecretThatIsWrong() {
        Setting<String> key = new Setting<>("key", "text", "", "A key.", true, text -> {
            if (!text.isEmpty()) {
                throw new IllegalArgumentException("must be empty");
            }
            return text;
        });
        SettingsException refused = catchThrowableOfType(
                SettingsException.class,
                () -> new SettingsReader(List.of(key)).read(List.of("--key=hunter2"), Map.of()));
        assertThat(refused)
                .message()
                .contains("key is set to something and must be empty")
                .doesNotContain("hunter2");
    }

    private Settings read(List<String> arguments, Map<String, String> environment) {
        List<String> all = new java.util.ArrayList<>(List.of("--data-dir=" + folder));
        all.addAll(arguments);
        return new SettingsReader(CATALOG).read(all, environment);
    }

    private List<String> problems(List<String> arguments, Map<String, String> environment) {
        return catchThrowableOfType(SettingsException.class, () -> read(arguments, environment))
                .problems();
    }

    private void file(String text) throws IOException {
        Files.writeString(folder.resolve("muster.yaml"), text);
    }
}
