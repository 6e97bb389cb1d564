package dev.muster.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code muster demo} as a newcomer runs it, with the launcher and the programs that this build has made. */
class DemoIT {
    private static final int MINUTES = 6;
    /** Claims and how their lines begin. */
    private static final Map<String, String> TEXTS = Map.ofEntries(
            Map.entry("online", "every asset is online"),
            Map.entry("placed", "assets are in several regions"),
            Map.entry("console", "the console is served"),
            Map.entry("published", "two signed releases are published"),
            Map.entry("good", "the good release is on every van"),
            Map.entry("bad", "the bad release failed its canary"),
            Map.entry("own-version", "each till that was touched runs its own previous version again"),
            Map.entry("nowhere", "no till runs the bad release"),
            Map.entry("enrolled", "an asset enrols by EST"),
            Map.entry("wiped", "the asset is retired"),
            Map.entry("refused", "the retired asset's certificate is refused"),
            Map.entry("taken", "the retired id is taken"));

    @TempDir
    Path folder;

    private final List<Process> started = new ArrayList<>();

    @AfterEach
    void stop() throws InterruptedException {
        for (Process each : started) {
            // it ends its server itself, so it must not be killed
            each.destroy();
            each.waitFor(2, TimeUnit.MINUTES);
        }
    }

    @Test
    void everyClaimIsTrueAndNothingIsLeftBehind() throws Exception {
        Process demo = demo("--check", "--assets=40");
        assertThat(demo.waitFor(MINUTES, TimeUnit.MINUTES)).as(said()).isTrue();
        assertThat(said())
                .contains(
                        "ok    every asset is online: 40 of 40",
                        "ok    each till that was touched runs its own previous version again",
                        "ok    the asset is retired: it wiped itself, and its key is gone: ",
                        "ok    the retired asset's certificate is refused: ",
                        "ok    the retired id is taken: no claim token enrols it again: ",
                        "every claim is true")
                .doesNotContain("FALSE");
        assertThat(demo.exitValue()).as(said()).isZero();
        try (Stream<Path> left = Files.list(Files.createDirectories(folder.resolve("tmp")))) {
            assertThat(left.filter(file -> file.getFileName().toString().startsWith("muster-demo-")))
                    .isEmpty();
        }
    }

    /**
     * What is broken must be found. These disturb each other's lines only where it is said; the others each need a
     * demonstration of their own, and are run with {@code -Dbreaks=all}.
     */
    @ParameterizedTest
    @CsvSource({
        "'placed,console,good,nowhere,online,wiped,taken', own-version",
        "published, 'bad,own-version,nowhere'",
        "bad, 'own-version,nowhere'",
        "own-version, 'bad,nowhere'",
        "enrolled, 'wiped,refused,taken'",
        "refused, 'wiped,taken'"
    })
    void eachClaimThatIsBrokenOnPurposeIsFoundToBeFalse(String broken, String too) throws Exception {
        boolean first = broken.contains(",");
        assumeThat(first || "all".equals(System.getProperty("breaks")))
                .as("SKIPPED, run with -Dbreaks=all")
                .isTrue();
        Process demo = demo("--assets=40", "--break=" + broken);
        assertThat(demo.waitFor(MINUTES, TimeUnit.MINUTES)).as(said()).isTrue();
        assertThat(demo.exitValue()).as(said()).isEqualTo(1);
        Set<String> expected = new TreeSet<>(List.of(broken.split(",")));
        Set<String> allowed = new TreeSet<>(expected);
        allowed.addAll(List.of(too.split(",")));
        Set<String> found = new TreeSet<>();
        for (String line : said().lines().toList()) {
            TEXTS.forEach((name, text) -> {
                if (line.startsWith("FALSE " + text)) {
                    found.add(name);
                }
            });
        }
        assertThat(found).as(said()).containsAll(expected).isSubsetOf(allowed);
        assertThat(said()).contains("NOT every claim is true");
    }

    @Test
    void anUnknownClaimIsAnsweredWithTheKnownOnes() throws Exception {
        Process demo = demo("--break=everything");
        assertThat(demo.waitFor(MINUTES, TimeUnit.MINUTES)).isTrue();
        assertThat(demo.exitValue()).isEqualTo(2);
        assertThat(said()).contains("there is no claim \"everything\"").contains(TEXTS.keySet());
    }

    @Test
    void aFolderThatItDidNotMakeIsLeftAlone() throws Exception {
        Path foreign = Files.createDirectories(folder.resolve("foreign"));
        Files.writeString(foreign.resolve("letter.txt"), "dear reader");
        Process demo = demo("--clean", "--data-dir=" + foreign);
        assertThat(demo.waitFor(MINUTES, TimeUnit.MINUTES)).isTrue();
        assertThat(demo.exitValue()).isEqualTo(1);
        assertThat(said()).contains("was not made by muster demo and is left alone");
        assertThat(foreign.resolve("letter.txt")).hasContent("dear reader");
    }

    private Process demo(String... arguments) throws IOException {
        Path temporary = Files.createDirectories(folder.resolve("tmp"));
        List<String> command =
                new ArrayList<>(List.of(Programs.root().resolve("muster").toString(), "demo"));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("demo.log").toFile());
        // Maven has built the programs a moment ago, and is still at it.
        builder.environment().put("MUSTER_BUILT", "1");
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("MUSTER_JAVA_OPTS", "-Djava.io.tmpdir=" + temporary);
        Process demo = builder.start();
        started.add(demo);
        return demo;
    }

    private String said() throws IOException {
        return Files.readString(folder.resolve("demo.log"));
    }
}
