package dev.muster.gateway.journal;

import dev.muster.gateway.journal.JournalFailure.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The segment being written, and its successor when it is full or its disk fails. Used by the writer only.
 *
 * <p>After a failed sync nobody knows what of the file is on disk, and a second sync may report success for data that is
 * gone. So what was not durable is cut off, what was is read again, and writing goes on in a new file.
 */
final class ActiveSegment implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ActiveSegment.class);

    private final JournalConfig config;
    private final SyncedDirectory directory;
    private final Segments segments;
    private SegmentFile file;
    /** Between a failed attempt to begin a successor and success: the old file takes nothing any more. */
    private boolean mustRoll;

    ActiveSegment(JournalConfig config, SyncedDirectory directory, Segments segments) throws IOException {
        this.config = config;
        this.directory = directory;
        this.segments = segments;
        this.file = SegmentFile.reopen(directory, segments.last());
    }

    /** Begins a new segment when so many bytes do not fit the present one. */
    void rollUnlessFits(int bytes) throws IOException {
        if (mustRoll || bytes > room()) {
            SegmentFile full = file;
            begin(full.segment().end());
            full.close();
        }
    }

    /** How much the segment still takes; one that is empty takes any entry. */
    long room() {
        long used = file.segment().bytes();
        return used == RecordFormat.HEADER_BYTES
                ? Long.MAX_VALUE
                : config.files().segmentBytes() - used;
    }

    long base() {
        return file.segment().base();
    }

    void write(ByteBuffer records) throws IOException {
        file.write(records);
    }

    /** @throws IOException after which only {@link #beginAnew} helps */
    void sync() throws IOException {
        file.sync();
    }

    void extendTo(long end, int written) {
        file.extendTo(end, written);
        segments.count();
    }

    /** Takes back a write or a successor that failed, and says why it did. */
    JournalFailure takeBack(IOException failure) {
        try {
            file.cutToDurable();
            return isDiskFull(failure) ? diskFull(failure) : inputOutput(failure);
        } catch (IOException e) {
            failure.addSuppressed(e);
            return inputOutput(failure);
        }
    }

    JournalFailure inputOutput(Exception failure) {
        log.error("journal cannot write {}", file.segment().path(), failure);
        return new JournalFailure(
                Reason.IO_ERROR,
                "cannot write journal segment " + file.segment().path() + ": " + failure.getMessage()
                        + "; nothing is acknowledged until writing works again, which is tried by itself; check the disk");
    }

    private JournalFailure diskFull(IOException failure) {
        log.error("journal cannot write {}: {}", file.segment().path(), failure.getMessage());
        return new JournalFailure(
                Reason.DISK_FULL,
                "the disk of " + directory.path() + " is full (" + failure.getMessage()
                        + "); nothing is acknowledged until " + config.entries().batchBytes()
                        + " bytes are free, then it goes on by itself; free space");
    }

    private boolean isDiskFull(IOException failure) throws IOException {
        String message = String.valueOf(failure.getMessage());
        return message.contains("No space left")
                || message.contains("quota exceeded")
                || Files.getFileStore(directory.path()).getUsableSpace()
                        < config.entries().batchBytes();
    }

    /** After the disk was full: succeeds when a whole batch can be written. */
    void probe() throws IOException {
        Path probe = directory.resolve("probe.new");
        Files.deleteIfExists(probe);
        try (FileChannel channel =
                directory.opener().open(probe, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            ByteBuffer zeros = ByteBuffer.allocate(config.entries().batchBytes());
            while (zeros.hasRemaining()) {
                channel.write(zeros);
            }
            directory.sync(channel, false);
        } finally {
            Files.deleteIfExists(probe);
        }
    }

    /** After a failed write or sync: succeeds when all that was durable still is, and a new segment is begun. */
    void beginAnew() throws IOException {
        SegmentFile failed = file;
        Segment durable = failed.segment();
        failed.close();
        try (FileChannel channel = directory.opener().open(durable.path(), StandardOpenOption.WRITE)) {
            channel.truncate(durable.bytes());
            directory.sync(channel, true);
        }
        new SegmentRecovery().complete(durable.path(), durable.end());
        begin(durable.end());
    }

    private void begin(long base) throws IOException {
        mustRoll = true;
        file = SegmentFile.create(directory, base);
        mustRoll = false;
        segments.add(file.segment());
    }

    @Override
    public void close() {
        try {
            file.close();
        } catch (IOException e) {
            log.warn("journal segment {} could not be closed", file.segment().path(), e);
        }
    }
}
