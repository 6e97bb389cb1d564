package dev.muster.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Path;
import java.time.Duration;
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
        var plan = new CrashHarness.Plan(
                60, 2, 3, 1, Duration.ofSeconds(4), new Random().nextLong(1_000_000), false, List.of());
        assertThat(new CrashHarness(plan, folder).run())
                .as(plan.toString())
                .matches(Reckoning::isExactlyOnce)
                .matches(reckoning -> reckoning.acknowledged() > 1000, "more than 1,000 messages acknowledged");
    }

    @Test
    void everyAcknowledgedMessageSurvivesAPowerCut() throws Exception {
        requireCompiler();
        assertThat(new CrashHarness(powerCut(List.of()), folder).run())
                .matches(Reckoning::isExactlyOnce)
                .matches(reckoning -> reckoning.acknowledged() > 100, "more than 100 messages acknowledged");
    }

    @Test
    void catchesAServerThatAcknowledgesBeforeItSyncs() throws Exception {
        requireCompiler();
        assertThat(new CrashHarness(powerCut(List.of("--journal-sync=false")), folder)
                        .run()
                        .missing())
                .isNotEmpty();
    }

    /** Ends with a power cut, so that what was last acknowledged is at stake. */
    private static CrashHarness.Plan powerCut(List<String> settings) {
        return new CrashHarness.Plan(
                30, 2, 2, 0, Duration.ofSeconds(3), new Random().nextLong(1_000_000), true, settings);
    }

    private static void requireCompiler() {
        if (System.getenv("CI") != null) {
            assertThat(Programs.onPath("gcc")).isPresent();
        }
        assumeThat(Programs.onPath("gcc")).as("SKIPPED, gcc is not installed").isPresent();
    }
}
