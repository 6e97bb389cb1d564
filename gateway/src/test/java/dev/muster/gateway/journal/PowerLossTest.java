package dev.muster.gateway.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A machine that loses power at any moment: of the journal's directory only that is left which was synced, and parts of
 * what was not. {@code losewrites.c} says precisely what.
 */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PowerLossTest {
    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path directory;

    private Path shim = Path.of("");

    @BeforeEach
    void compileTheShim() throws Exception {
        System.out.println("seed " + seed);
        RequiredProgram.requireThat(System.getProperty("os.name").equals("Linux"), "preloading needs Linux");
        RequiredProgram.require("gcc", "--version");
        shim = directory.resolve("losewrites.so");
        Path source = Path.of("src/test/c/losewrites.c").toAbsolutePath();
        RequiredProgram.mustRun(
                "gcc", "-O2", "-Wall", "-Werror", "-shared", "-fPIC", "-o", shim.toString(), source.toString(), "-ldl");
    }

    @Test
    void losesNothingAcknowledged() throws Exception {
        Promises promises = new Promises();
        Path disk = Files.createDirectory(directory.resolve("disk-0"));
        int rounds = 5;
        for (int round = 1; round <= rounds; round++) {
            Path left = directory.resolve("disk-" + round);
            loseRound(promises, JournalConfig.Acknowledge.WHEN_SYNCED, disk, left, round % 2 == 0);
            assertThat(promises.lostIn(left)).as("lost in round %d", round).isEmpty();
            disk = left;
        }
        System.out.println(promises.count() + " acknowledged entries, all there after " + rounds + " power losses");
    }

    @Test
    void losesAcknowledgedEntriesWhenNothingIsSynced() throws Exception {
        Promises promises = new Promises();
        Path disk = Files.createDirectory(directory.resolve("disk"));
        Path left = directory.resolve("left");
        loseRound(promises, JournalConfig.Acknowledge.WHEN_WRITTEN, disk, left, false);
        List<Long> lost = promises.lostIn(left);
        System.out.println(lost.size() + " of " + promises.count() + " lost without syncs");
        assertThat(lost).isNotEmpty();
    }

    @Test
    void losesAcknowledgedEntriesWhenTheyAreAcknowledgedBeforeTheSync() throws Exception {
        for (int round = 0; round < 20; round++) {
            Promises promises = new Promises();
            Path disk = Files.createDirectory(directory.resolve("disk-" + round));
            Path left = directory.resolve("left-" + round);
            loseRound(promises, JournalConfig.Acknowledge.WHEN_TAKEN, disk, left, false);
            List<Long> lost = promises.lostIn(left);
            if (!lost.isEmpty()) {
                System.out.println(
                        lost.size() + " of " + promises.count() + " lost in round " + round + ", as planted");
                return;
            }
        }
        throw new AssertionError("20 power losses lost nothing, though entries were acknowledged before the sync");
    }

    /** Runs on the disk, and puts what survives the power loss into the other directory. */
    private void loseRound(Promises promises, JournalConfig.Acknowledge acknowledge, Path disk, Path left, boolean leak)
            throws Exception {
        Map<String, String> environment = new HashMap<>(Map.of(
                "LD_PRELOAD", shim.toString(),
                "LOSEWRITES_DIR", disk.toString(),
                "LOSEWRITES_SHADOW", left.toString()));
        if (leak) {
            environment.put("LOSEWRITES_LEAK", Integer.toString(random.nextInt(1 << 30)));
        }
        promises.runAndKill(disk, acknowledge, environment, random);
        delete(disk);
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
    }
}
