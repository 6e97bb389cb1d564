package dev.muster.gateway.journal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A disk that is full or fails: nothing is acknowledged, and it goes on alone. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class DiskTroubleTest {
    private final FaultyDisk disk = new FaultyDisk();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path directory;

    @Test
    void acknowledgesNothingWhileTheDiskIsFullAndResumesAlone() throws Exception {
        try (LocalJournal journal = open()) {
            JournalContract.offerSessions(journal, 3);
            long size = Files.size(segment(0));

            disk.writesFail = "No space left on device";
            assertThat(failureOf(journal, "lost")).isEqualTo(JournalFailure.Reason.DISK_FULL);
            assertThat(journal.health().problem()).contains("the disk of " + directory + " is full");
            assertThat(Files.size(segment(0))).isEqualTo(size);
            assertThat(JournalContract.offer(journal, new byte[1], new Acknowledgements()))
                    .isFalse();

            CountDownLatch room = new CountDownLatch(1);
            journal.whenRoom(room::countDown);
            disk.writesFail = null;
            assertThat(room.await(20, TimeUnit.SECONDS)).isTrue();
            assertThat(journal.health().problem()).isNull();
            JournalContract.offerSessions(journal, 2);
            assertThat(segmentsAre(0)).isTrue();
        }
        assertThat(allTexts()).containsExactly("s-0", "s-1", "s-2", "s-0", "s-1");
        assertThat(registry.get("muster.journal.failed")
                        .tag("reason", "disk_full")
                        .counter()
                        .count())
                .isEqualTo(1);
    }

    @Test
    void neverAcknowledgesWhatCouldNotBeSyncedAndGoesOnInANewSegment() throws Exception {
        try (LocalJournal journal = open()) {
            JournalContract.offerSessions(journal, 3);
            disk.syncsFail = "Input/output error";
            assertThat(failureOf(journal, "lost")).isEqualTo(JournalFailure.Reason.IO_ERROR);
            assertThat(journal.health().problem()).contains(segment(0).toString(), "Input/output error");

            resume(journal);
            assertThat(segmentsAre(0, 3)).isTrue();
            JournalContract.offerSessions(journal, 2);
        }
        assertThat(allTexts()).containsExactly("s-0", "s-1", "s-2", "s-0", "s-1");
    }

    @Test
    void goesOnInANewSegmentWhenAFailedWriteCannotBeTakenBack() throws Exception {
        try (LocalJournal journal = open()) {
            JournalContract.offerSessions(journal, 3);
            disk.cutsFail = "Input/output error";
            disk.writesFail = "No space left on device";
            assertThat(failureOf(journal, "lost")).isEqualTo(JournalFailure.Reason.IO_ERROR);
            resume(journal);
            JournalContract.offerSessions(journal, 2);
        }
        assertThat(allTexts()).containsExactly("s-0", "s-1", "s-2", "s-0", "s-1");
    }

    @Test
    void replacesASegmentInWhichNothingBecameDurable() throws Exception {
        try (LocalJournal journal = open()) {
            disk.syncsFail = "Input/output error";
            assertThat(failureOf(journal, "lost")).isEqualTo(JournalFailure.Reason.IO_ERROR);
            resume(journal);
            JournalContract.offerSessions(journal, 1);
            assertThat(segmentsAre(0)).isTrue();
        }
        assertThat(allTexts()).containsExactly("s-0");
    }

    @Test
    void opensAfterAKillInTheMiddleOfTrouble() throws Exception {
        try (LocalJournal journal = open()) {
            JournalContract.offerSessions(journal, 3);
            disk.cutsFail = "Input/output error";
            disk.syncsFail = "Input/output error";
            assertThat(failureOf(journal, "written but not synced")).isEqualTo(JournalFailure.Reason.IO_ERROR);
        }
        disk.cutsFail = null;
        disk.syncsFail = null;
        assertThat(allTexts()).startsWith("s-0", "s-1", "s-2");
    }

    @Test
    void losesNothingAcknowledgedWhateverFails() throws Exception {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        List<String> acknowledged = new ArrayList<>();
        for (int life = 0; life < 4; life++) {
            try (LocalJournal journal = open()) {
                for (int i = 0; i < 150; i++) {
                    fail(random);
                    String text = life + "-" + i + "x".repeat(random.nextInt(2000));
                    Acknowledgements acks = new Acknowledgements();
                    if (JournalContract.offer(journal, text.getBytes(UTF_8), acks)) {
                        acks.await(1);
                        if (!acks.durable().isEmpty()) {
                            acknowledged.add(text);
                        }
                    } else {
                        resume(journal);
                    }
                }
                resume(journal);
            }
        }
        // What failed may be there; nothing else, and in order.
        assertThat(allTexts()).containsSubsequence(acknowledged);
        assertThat(acknowledged).hasSizeGreaterThan(50);
    }

    private void fail(Random random) {
        disk.writesFail = random.nextInt(20) == 0 ? "No space left on device" : null;
        disk.syncsFail = random.nextInt(20) == 0 ? "Input/output error" : null;
        disk.cutsFail = random.nextInt(10) == 0 ? "Input/output error" : null;
    }

    private void resume(LocalJournal journal) throws InterruptedException {
        disk.writesFail = null;
        disk.syncsFail = null;
        disk.cutsFail = null;
        CountDownLatch room = new CountDownLatch(1);
        journal.whenRoom(room::countDown);
        assertThat(room.await(20, TimeUnit.SECONDS)).isTrue();
    }

    private static JournalFailure.Reason failureOf(Journal journal, String text) throws InterruptedException {
        Acknowledgements acks = new Acknowledgements();
        assertThat(JournalContract.offer(journal, text.getBytes(UTF_8), acks)).isTrue();
        acks.await(1);
        assertThat(acks.durable()).isEmpty();
        return acks.failures().getFirst().reason();
    }

    private LocalJournal open() throws IOException {
        JournalConfig config = TestJournals.tight(directory).with(new JournalConfig.Files(32 << 10, 8 << 20));
        return LocalJournal.open(config, registry, disk);
    }

    private List<String> allTexts() throws Exception {
        try (LocalJournal journal = open();
                JournalReader reader = journal.reader("check")) {
            return JournalContract.texts(JournalContract.pollAll(reader, (int)
                    (journal.health().nextOffset() - journal.health().firstOffset())));
        }
    }

    private Path segment(long base) {
        return directory.resolve(Segment.fileName(base));
    }

    private boolean segmentsAre(long... bases) throws IOException {
        try (var files = Files.list(directory)) {
            return files.filter(Segment::isSegment)
                    .sorted()
                    .map(Segment::baseOf)
                    .toList()
                    .equals(java.util.Arrays.stream(bases).boxed().toList());
        }
    }
}
