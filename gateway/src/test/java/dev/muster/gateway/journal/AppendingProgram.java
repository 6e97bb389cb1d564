package dev.muster.gateway.journal;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.muster.protocol.AssetId;
import dev.muster.protocol.PayloadFormat;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Semaphore;
import java.util.zip.CRC32C;

/**
 * A process that appends until it is killed. Prints {@code a OFFSET HASH} for each acknowledged entry, and
 * {@code c OFFSET} before each commit of its consumer.
 */
final class AppendingProgram {
    private static final int THREADS = 3;

    private AppendingProgram() {}

    /** Arguments: directory, {@link JournalConfig.Acknowledge}, seed. */
    public static void main(String[] args) throws Exception {
        System.setOut(System.err); // the log's lines
        LocalJournal journal = LocalJournal.open(
                config(Path.of(args[0]), JournalConfig.Acknowledge.valueOf(args[1])), new SimpleMeterRegistry());
        FileOutputStream out = new FileOutputStream(FileDescriptor.out);
        long seed = Long.parseLong(args[2]);
        for (int t = 0; t < THREADS; t++) {
            AssetId asset = new AssetId("asset-" + t);
            Random random = new Random(seed + t);
            Thread.ofPlatform().start(() -> append(journal, asset, random, out));
        }
        consume(journal, new Random(seed), out);
    }

    /** Small segments, so that rounds of a second see many of them come and go; one when there are no syncs. */
    static JournalConfig config(Path directory, JournalConfig.Acknowledge acknowledge) {
        boolean synced = acknowledge != JournalConfig.Acknowledge.WHEN_WRITTEN;
        return JournalConfig.in(directory)
                .with(acknowledge)
                .with(new JournalConfig.Files(synced ? 256 << 10 : 64 << 20, 128 << 20))
                .with(new JournalConfig.Entries(16 << 10, 64 << 10))
                .with(new JournalConfig.Pace(Duration.ofMillis(2), Duration.ofMillis(20), Duration.ofMillis(50)));
    }

    static String hash(byte[] payload) {
        CRC32C crc = new CRC32C();
        crc.update(payload);
        return Long.toHexString(crc.getValue());
    }

    private static void append(Journal journal, AssetId asset, Random random, FileOutputStream out) {
        Semaphore window = new Semaphore(64);
        while (true) {
            byte[] payload = new byte[random.nextInt(random.nextInt(50) == 0 ? 10_000 : 300)];
            random.nextBytes(payload);
            window.acquireUninterruptibly();
            Journal.Ack ack = new Journal.Ack() {
                @Override
                public void durable(long offset) {
                    print(out, "a " + offset + " " + hash(payload));
                    window.release();
                }

                @Override
                public void failed(JournalFailure failure) {
                    print(out, "f " + failure.message());
                    window.release();
                }
            };
            if (!journal.offer(5, asset, EntryKind.SESSION_OPENED, "", PayloadFormat.JSON, payload, null, ack)) {
                window.release();
                Thread.onSpinWait();
            }
        }
    }

    private static void consume(Journal journal, Random random, FileOutputStream out) throws InterruptedException {
        JournalReader reader = journal.reader("consumer");
        while (true) {
            List<JournalEntry> entries = reader.poll(500, Duration.ofMillis(50));
            if (!entries.isEmpty() && random.nextInt(3) == 0) {
                long next = entries.getLast().offset() + 1;
                print(out, "c " + next);
                reader.commit(next);
            }
        }
    }

    /** Straight to the pipe: what was acknowledged must be known when the process is killed. */
    private static void print(FileOutputStream out, String line) {
        try {
            out.write((line + "\n").getBytes(US_ASCII));
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
