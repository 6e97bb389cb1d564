package dev.muster.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Small runs of the crash harness; {@code e2e/crash} runs it at any size. */
class CrashIT {
    @TempDir
    Path folder;

    @Test
    void everyAcknowledgedMessageIsFoundExactlyOnceAfterKills() throws Exception {
        CrashHarness.Outcome outcome =
                run("--assets", "60", "--rate", "2", "--kills", "3", "--postgres-kills", "1", "--pause", "4");
        assertThat(outcome).matches(CrashHarness.Outcome::isAsPromised);
        assertThat(outcome.reckoning().foundByKind())
                .as("events are rare, the rest comes in any run")
                .containsKeys("telemetry", "position", "logs");
    }

    @Test
    void everyAcknowledgedMessageSurvivesAPowerCut() throws Exception {
        requireCompiler();
        assertThat(run(powerCut()))
                .matches(CrashHarness.Outcome::isAsPromised)
                .matches(outcome -> outcome.reckoning().acknowledged() > 100, "more than 100 messages acknowledged");
    }

    @Test
    void catchesAServerThatAcknowledgesBeforeItSyncs() throws Exception {
        requireCompiler();
        assertThat(run(powerCut("--server", "--journal-sync=false")).reckoning().missing())
                .isNotEmpty();
    }

    @Test
    void catchesRowsThatAreDroppedStoredTwiceOrAltered() throws Exception {
        Reckoning reckoning = run(
                        "--assets",
                        "20",
                        "--rate",
                        "20",
                        "--pause",
                        "2",
                        "--fault",
                        "drop-one-row,alter-value,store-twice")
                .reckoning();
        assertThat(reckoning.repeated()).isNotEmpty();
        assertThat(reckoning.missing())
                .anyMatch(what -> what.endsWith(Reckoning.ALTERED))
                .anyMatch(what -> !what.endsWith(Reckoning.ALTERED));
    }

    /** In a process of its own, whose file systems nobody else sees and which end with it. */
    @Test
    void withAFullDiskNothingIsAcknowledgedThatIsNotFoundAndItGoesOnAloneWhenThereIsRoom() throws Exception {
        List<String> namespace = SmallDisks.namespace();
        assumeThat(namespace)
                .as("SKIPPED, this user may not mount file systems in a namespace of its own")
                .isNotEmpty();
        List<String> command = new ArrayList<>(namespace);
        command.addAll(Programs.asServer(
                CrashHarness.class, "--assets", "20", "--rate", "5", "--full-disk", "journal,all", "--pause", "0.5"));
        Path said = folder.resolve("said");
        Process harness = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        assertThat(harness.waitFor()).as(() -> readString(said)).isZero();
    }

    /** Ends with a power cut, so that what was last acknowledged is at stake. */
    private static String[] powerCut(String... more) {
        List<String> arguments = new ArrayList<>(
                List.of("--assets", "30", "--rate", "2", "--kills", "2", "--pause", "3", "--lose-unsynced"));
        arguments.addAll(List.of(more));
        return arguments.toArray(String[]::new);
    }

    private CrashHarness.Outcome run(String... arguments) throws Exception {
        List<String> seeded = new ArrayList<>(List.of(arguments));
        seeded.addAll(List.of("--seed", Integer.toString(new Random().nextInt(1_000_000))));
        return new CrashHarness(CrashPlan.of(seeded.toArray(String[]::new)), folder).run();
    }

    private static String readString(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void requireCompiler() {
        if (System.getenv("CI") != null) {
            assertThat(Programs.onPath("gcc")).isPresent();
        }
        assumeThat(Programs.onPath("gcc")).as("SKIPPED, gcc is not installed").isPresent();
    }
}
