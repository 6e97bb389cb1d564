package dev.muster.gateway.journal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.protocol.AssetId;
import dev.muster.protocol.PayloadFormat;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What may be missing or damaged after a crash, and what may not. */
class TornTailTest {
    private static final Journal.Ack UNHEARD = new Acknowledgements();

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path directory;

    @Test
    void cutsTheLastRecordWhereverItIsTorn() throws Exception {
        byte[] whole = segment(batch(0, "one"), batch(1, "two"), batch(2, "three"));
        int lastBegins = whole.length - batch(2, "three").length;
        for (int length = lastBegins; length < whole.length; length++) {
            assertThat(reopened(Arrays.copyOf(whole, length))).containsExactly("one", "two");
            assertThat(Files.size(file(0))).isEqualTo(lastBegins);
        }
        assertThat(reopened(whole)).containsExactly("one", "two", "three");
    }

    @Test
    void cutsTheLastRecordWhicheverByteIsDamaged() throws Exception {
        byte[] whole = segment(batch(0, "one"), batch(1, "two"));
        int lastBegins = whole.length - batch(1, "two").length;
        for (int at = lastBegins; at < whole.length; at++) {
            byte[] damaged = whole.clone();
            damaged[at] ^= (byte) 0xff;
            assertThat(reopened(damaged)).containsExactly("one");
        }
    }

    @Test
    void cutsZerosBehindTheLastRecord() throws Exception {
        byte[] whole = segment(batch(0, "one"));
        assertThat(reopened(Arrays.copyOf(whole, whole.length + 4096))).containsExactly("one");
        assertThat(Files.size(file(0))).isEqualTo(whole.length);
    }

    @Test
    void cutsABatchOfWhichOnlyTheEndReachedTheDisk() throws Exception {
        byte[] torn = batch(1, "lost", "there", "there too");
        Arrays.fill(torn, 0, 40, (byte) 0);
        assertThat(reopened(segment(batch(0, "one"), torn))).containsExactly("one");
    }

    @Test
    void refusesAFlippedBitBeforeWhatWasSyncedLater() throws Exception {
        byte[] whole = segment(batch(0, "one"), batch(1, "two"), batch(2, "three"));
        int secondBegins = RecordFormat.HEADER_BYTES + batch(0, "one").length;
        int secondEnds = secondBegins + batch(1, "two").length;
        for (int at = RecordFormat.HEADER_BYTES; at < secondEnds; at++) {
            byte[] damaged = whole.clone();
            damaged[at] ^= 1;
            int begins = at < secondBegins ? RecordFormat.HEADER_BYTES : secondBegins;
            assertThatThrownBy(() -> reopened(damaged))
                    .isInstanceOf(JournalException.class)
                    .hasMessageContaining(file(0) + " is corrupt at byte " + begins + ": ");
        }
    }

    @Test
    void refusesAFlippedBitInTheHeader() throws Exception {
        byte[] whole = segment(batch(0, "one"));
        for (int at = 0; at < RecordFormat.HEADER_BYTES; at++) {
            byte[] damaged = whole.clone();
            damaged[at] ^= 1;
            assertThatThrownBy(() -> reopened(damaged))
                    .isInstanceOf(JournalException.class)
                    .hasMessageContaining("corrupt at byte 0");
        }
    }

    @Test
    void refusesATornSegmentThatIsNotTheLast() throws Exception {
        byte[] first = segment(batch(0, "one"), batch(1, "two"));
        Files.write(file(2), header(2));
        assertThatThrownBy(() -> reopened(Arrays.copyOf(first, first.length - 1)))
                .isInstanceOf(JournalException.class)
                .hasMessageContaining(file(0).toString());
    }

    @Test
    void refusesAMissingSegment() throws Exception {
        Files.write(file(7), header(7));
        assertThatThrownBy(() -> reopened(segment(batch(0, "one"), batch(1, "two"))))
                .isInstanceOf(JournalException.class)
                .hasMessageContaining("it ends before offset 2, the next segment begins at 7");
    }

    @Test
    void ignoresWhatAFailedSyncLeftBeyondTheNextSegmentsFirstOffset() throws Exception {
        byte[] rest = batch(1, "never acknowledged", "torn");
        byte[] abandoned = segment(batch(0, "one"), Arrays.copyOf(rest, rest.length - 3));
        Files.write(file(1), concat(header(1), batch(1, "two")));
        assertThat(reopened(abandoned)).containsExactly("one", "two");
    }

    @Test
    void refusesWhenAConsumerHadCommittedWhatIsGone() throws Exception {
        try (Journal journal = open();
                JournalReader reader = journal.reader("telemetry")) {
            JournalContract.offerSessions(journal, 3);
            reader.commit(3);
        }
        byte[] whole = Files.readAllBytes(file(0));
        assertThatThrownBy(() -> reopened(Arrays.copyOf(whole, whole.length - 1)))
                .isInstanceOf(JournalException.class)
                .hasMessageContaining("ends at offset 2, consumer telemetry had committed 3");
    }

    @Test
    void recoversFromAnyDamageToTheUnsyncedPart() throws Exception {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        byte[] synced = segment(batch(0, "one", "two", "three"), batch(3, "four"));
        for (int round = 0; round < 300; round++) {
            byte[] last = batch(4, "a".repeat(random.nextInt(200)), "b".repeat(random.nextInt(200)), "c");
            int from = random.nextInt(last.length);
            byte[] noise = new byte[random.nextInt(last.length - from) + 1];
            if (random.nextBoolean()) {
                random.nextBytes(noise);
            }
            System.arraycopy(noise, 0, last, from, noise.length);
            List<String> found = reopened(concat(synced, Arrays.copyOf(last, random.nextInt(last.length) + 1)));
            assertThat(found).startsWith("one", "two", "three", "four").hasSizeBetween(4, 7);
        }
    }

    // ---- segments by hand

    private List<String> reopened(byte[] content) throws Exception {
        Files.write(file(0), content);
        List<String> found = new ArrayList<>();
        try (LocalJournal journal = open()) {
            int count = (int) journal.health().nextOffset();
            try (JournalReader reader = journal.reader("check")) {
                if (count > 0) {
                    found.addAll(JournalContract.texts(JournalContract.pollAll(reader, count)));
                }
            }
            // It goes on where the good part ends.
            JournalContract.offerSessions(journal, 1);
            assertThat(journal.health().nextOffset()).isEqualTo(count + 1);
        }
        long grown = Files.size(file(0));
        try (LocalJournal journal = open()) {
            assertThat(journal.health().nextOffset()).isEqualTo(found.size() + 1);
        }
        cutLastRecord(grown);
        return found;
    }

    /** So that the file's size is what recovery left. */
    private void cutLastRecord(long size) throws IOException {
        Path last;
        try (Stream<Path> files = Files.list(directory)) {
            last = files.filter(Segment::isSegment).sorted().toList().getLast();
        }
        if (last.equals(file(0))) {
            byte[] all = Files.readAllBytes(last);
            Files.write(last, Arrays.copyOf(all, (int) size - batch(0, "s-0").length));
        }
    }

    private LocalJournal open() throws IOException {
        return LocalJournal.open(JournalConfig.in(directory), new SimpleMeterRegistry());
    }

    private Path file(long base) {
        return directory.resolve(Segment.fileName(base));
    }

    private static byte[] segment(byte[]... batches) {
        return concat(header(0), concat(batches));
    }

    private static byte[] header(long base) {
        ByteBuffer buffer = ByteBuffer.allocate(RecordFormat.HEADER_BYTES);
        new RecordFormat().putHeader(buffer, base);
        return buffer.array();
    }

    /** Entries written and synced at once, the first with the offset. */
    private static byte[] batch(long offset, String... texts) {
        ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
        for (int i = 0; i < texts.length; i++) {
            Offered entry = new Offered(
                    5,
                    new AssetId("truck-1"),
                    EntryKind.SESSION_OPENED,
                    new byte[0],
                    PayloadFormat.JSON,
                    texts[i].getBytes(UTF_8),
                    null,
                    UNHEARD);
            new RecordFormat().putRecord(buffer, entry, offset + i, i);
        }
        return Arrays.copyOf(buffer.array(), buffer.position());
    }

    private static byte[] concat(byte[]... parts) {
        ByteBuffer buffer = ByteBuffer.allocate(
                Stream.of(parts).mapToInt(part -> part.length).sum());
        for (byte[] part : parts) {
            buffer.put(part);
        }
        return buffer.array();
    }
}
