package dev.muster.gateway.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which segments go, and which consumers keep them. */
class SegmentDeletionTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path directory;

    @Test
    void deletesOnlyBelowTheCommitsOfAllConsumers() throws Exception {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        try (LocalJournal journal = open(config());
                JournalReader first = journal.reader("first");
                JournalReader second = journal.reader("second")) {
            fill(journal, 40);
            long end = journal.health().nextOffset();
            while (first.committed() < end || second.committed() < end) {
                JournalReader mover = random.nextBoolean() ? first : second;
                mover.commit(Math.min(end, mover.committed() + random.nextLong(20)));
                long smallest = Math.min(first.committed(), second.committed());
                await(() -> secondSegmentBegins() > smallest);
                assertThat(journal.health().firstOffset()).isLessThanOrEqualTo(smallest);
            }
            assertThat(segmentCount()).isEqualTo(1);
        }
    }

    @Test
    void deletesNothingWhileThereIsNoConsumer() throws Exception {
        try (LocalJournal journal = open(config())) {
            fill(journal, 30);
            assertThat(journal.health().firstOffset()).isZero();
        }
        assertThat(secondSegmentBegins()).isBetween(1L, 29L);
    }

    @Test
    void aConsumerThatIsNotRunningKeepsItsEntries() throws Exception {
        try (LocalJournal journal = open(config());
                JournalReader running = journal.reader("running")) {
            journal.reader("away").close();
            fill(journal, 40);
            running.commit(40);
        }
        try (LocalJournal journal = open(config());
                JournalReader away = journal.reader("away")) {
            assertThat(JournalContract.pollAll(away, 40)).hasSize(40);
        }
    }

    @Test
    void configuredConsumersAreExactlyThoseThatKeepEntries() throws Exception {
        try (LocalJournal journal = open(config())) {
            journal.reader("old").close();
            fill(journal, 10);
        }
        try (LocalJournal journal = open(config().withConsumers(Set.of("new")))) {
            assertThat(journal.health().lag()).containsOnlyKeys("new").containsEntry("new", 10L);
            assertThatThrownBy(() -> journal.reader("old"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("[new]");
        }
    }

    @Test
    void aDamagedFileOfOffsetsIsRefused() throws Exception {
        try (LocalJournal journal = open(config());
                JournalReader reader = journal.reader("telemetry")) {
            fill(journal, 9);
            reader.commit(7);
        }
        Path file = directory.resolve("consumers");
        String text = Files.readString(file);
        assertThat(text).startsWith("muster-journal-consumers 1\ntelemetry 7\ncrc32c ");
        for (String damaged :
                new String[] {text.replace('7', '8'), "", text.substring(0, text.length() - 1), text + "x 1\n"}) {
            Files.writeString(file, damaged);
            assertThatThrownBy(() -> open(config()))
                    .isInstanceOf(JournalException.class)
                    .hasMessageContaining(file + " is damaged");
        }
        Files.delete(file);
        try (LocalJournal journal = open(config());
                JournalReader reader = journal.reader("telemetry")) {
            assertThat(JournalContract.pollAll(reader, 9)).hasSize(9);
        }
    }

    @Test
    void anOffsetThatWasNotWrittenBeforeDeletionIsRaisedToTheOldestEntry() throws Exception {
        Path file = directory.resolve("consumers");
        byte[] before;
        try (LocalJournal journal = open(config())) {
            journal.reader("telemetry").close();
        }
        before = Files.readAllBytes(file);
        long oldest;
        try (LocalJournal journal = open(config());
                JournalReader reader = journal.reader("telemetry")) {
            fill(journal, 40);
            reader.commit(40);
            await(() -> segmentCount() == 1);
            oldest = Segment.baseOf(segments().getFirst());
        }
        assertThat(oldest).isPositive();
        Files.write(file, before);
        try (LocalJournal journal = open(config());
                JournalReader reader = journal.reader("telemetry")) {
            assertThat(reader.committed()).isEqualTo(oldest);
            reader.poll(1, Duration.ZERO);
        }
    }

    @Test
    void oneProcessHasTheJournal() throws Exception {
        try (LocalJournal journal = open(config())) {
            assertThat(journal.health().problem()).isNull();
            assertThatThrownBy(() -> open(config()))
                    .isInstanceOf(JournalException.class)
                    .hasMessageContaining("process " + ProcessHandle.current().pid() + " has it open");
        }
        open(config()).close();
    }

    private JournalConfig config() {
        return TestJournals.tight(directory).with(new JournalConfig.Files(10 << 10, 4 << 20));
    }

    private static LocalJournal open(JournalConfig config) throws IOException {
        return LocalJournal.open(config, new SimpleMeterRegistry());
    }

    private static void fill(Journal journal, int count) throws InterruptedException {
        Acknowledgements acks = new Acknowledgements();
        for (int i = 0; i < count; i++) {
            while (!JournalContract.offer(journal, new byte[1000], acks)) {
                acks.await(i);
            }
        }
        acks.await(count);
        assertThat(acks.failures()).isEmpty();
    }

    private long segmentCount() {
        return segments().size();
    }

    /** Long.MAX_VALUE when there is one only. */
    private long secondSegmentBegins() {
        List<Path> segments = segments();
        return segments.size() == 1 ? Long.MAX_VALUE : Segment.baseOf(segments.get(1));
    }

    private List<Path> segments() {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(Segment::isSegment).sorted().toList();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waited 20 s").isLessThan(end);
            Thread.sleep(2);
        }
    }
}
