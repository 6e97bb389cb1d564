package dev.muster.gateway.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A process that is killed with -9 at any moment. */
@Timeout(value = 180, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class KillTest {
    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);

    @Test
    void losesNothingAcknowledged(@TempDir Path directory) throws Exception {
        System.out.println("seed " + seed);
        Promises promises = new Promises();
        for (int round = 0; round < 3; round++) {
            promises.runAndKill(directory, JournalConfig.Acknowledge.WHEN_SYNCED, Map.of(), random);
            assertThat(promises.lostIn(directory)).isEmpty();
        }
        System.out.println(promises.count() + " acknowledged entries, all there after 3 kills");
    }

    /** The planted fault that a kill can show: without it this test would prove little. */
    @Test
    void isCaughtAcknowledgingBeforeTheWrite(@TempDir Path directory) throws Exception {
        System.out.println("seed " + seed);
        for (int round = 0; round < 20; round++) {
            Path own = directory.resolve("round-" + round);
            Promises promises = new Promises();
            promises.runAndKill(own, JournalConfig.Acknowledge.WHEN_TAKEN, Map.of(), random);
            int lost = promises.lostIn(own).size();
            if (lost > 0) {
                System.out.println(lost + " of " + promises.count() + " lost in round " + round + ", as planted");
                return;
            }
        }
        throw new AssertionError("20 kills lost nothing, though entries were acknowledged before they were written");
    }
}
