package dev.muster.gateway.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A file system that is really full. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class FullDiskTest {
    @Test
    void acknowledgesNothingMoreAndResumesAloneWhenThereIsRoom(@TempDir Path mountPoint) throws Exception {
        RequiredProgram.requireThat(
                "root".equals(System.getProperty("user.name")), "mounting a small file system needs root");
        RequiredProgram.mustRun("mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", mountPoint.toString());
        try {
            fillAndFree(mountPoint);
        } finally {
            RequiredProgram.mustRun("umount", mountPoint.toString());
        }
    }

    private static void fillAndFree(Path mountPoint) throws Exception {
        Path others = mountPoint.resolve("others");
        Files.write(others, new byte[64 << 10]);
        JournalConfig config =
                TestJournals.tight(mountPoint.resolve("journal")).with(new JournalConfig.Files(32 << 10, 4 << 20));
        Acknowledgements acks = new Acknowledgements();
        int durable;
        try (LocalJournal journal = LocalJournal.open(config, new SimpleMeterRegistry())) {
            int offered = 0;
            while (acks.failures().isEmpty() && offered < 1000) {
                assertThat(JournalContract.offer(journal, new byte[1000], acks)).isTrue();
                acks.await(++offered);
            }
            assertThat(acks.failures())
                    .extracting(JournalFailure::reason)
                    .containsExactly(JournalFailure.Reason.DISK_FULL);
            assertThat(journal.health().problem()).contains("is full", "free space");
            durable = acks.durable().size();
            assertThat(durable).isGreaterThan(50);

            CountDownLatch room = new CountDownLatch(1);
            journal.whenRoom(room::countDown);
            Files.delete(others);
            assertThat(room.await(20, TimeUnit.SECONDS)).isTrue();
            assertThat(JournalContract.offer(journal, new byte[1000], acks)).isTrue();
            acks.await(offered + 1);
            assertThat(acks.durable()).hasSize(durable + 1);
        }
        try (LocalJournal journal = LocalJournal.open(config, new SimpleMeterRegistry());
                JournalReader reader = journal.reader("check")) {
            assertThat(JournalContract.pollAll(reader, durable + 1)).hasSize(durable + 1);
        }
    }
}
