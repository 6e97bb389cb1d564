package dev.muster.gateway.journal;

import dev.muster.protocol.MalformedPayloadException;
import io.micrometer.core.instrument.Counter;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A consumer's way through a {@link LocalJournal}: from memory when it keeps up, else from the segments. */
final class LocalReader implements JournalReader {
    private static final Logger log = LoggerFactory.getLogger(LocalReader.class);

    /** Of payloads in one poll from disk, so that large entries do not fill the memory. */
    private static final int MAX_POLL_BYTES = 8 << 20;

    private final String consumer;
    private final Segments segments;
    private final RecentEntries recent;
    private final RecentEntries.Reader inMemory;
    private final ConsumerOffsets offsets;
    private final Counter undecodable;
    private final Runnable onClose;
    private long position;
    /** The latest run of skipped entries: committed together with what comes before it. */
    private long skippedFrom = -1;

    private long skippedTo = -1;
    private @Nullable SegmentCursor cursor;
    private volatile boolean closed;

    LocalReader(
            String consumer,
            Segments segments,
            RecentEntries recent,
            ConsumerOffsets offsets,
            Counter undecodable,
            Runnable onClose) {
        this.consumer = consumer;
        this.segments = segments;
        this.recent = recent;
        this.offsets = offsets;
        this.undecodable = undecodable;
        this.onClose = onClose;
        this.position = offsets.committed(consumer);
        this.inMemory = recent.reader(position);
    }

    @Override
    public List<JournalEntry> poll(int maxEntries, Duration wait) throws InterruptedException {
        if (maxEntries < 1) {
            throw new IllegalArgumentException("journal poll of " + maxEntries + " entries; at least 1");
        }
        recent.await(position, wait.toNanos());
        if (closed || recent.isClosed()) {
            throw new IllegalStateException("journal reader " + consumer + " is closed");
        }
        List<JournalEntry> entries = new ArrayList<>();
        if (inMemory.copy(position, maxEntries, entries)) {
            position += entries.size();
            leaveDisk();
            return entries;
        }
        try {
            readFromDisk(maxEntries, recent.next(), entries);
            return entries;
        } catch (ClosedByInterruptException e) {
            Thread.interrupted(); // told by the exception
            leaveDisk();
            throw new InterruptedException("journal reader " + consumer + " was interrupted at offset " + position);
        } catch (IOException e) {
            leaveDisk();
            throw new JournalException(
                    "journal reader " + consumer + " cannot read offset " + position + " in "
                            + segments.holding(position),
                    e);
        }
    }

    private void readFromDisk(int maxEntries, long end, List<JournalEntry> entries) throws IOException {
        int bytes = 0;
        while (position < end && entries.size() < maxEntries && bytes < MAX_POLL_BYTES) {
            StoredRecord record = cursorAtPosition().take();
            position = record.offset() + 1;
            try {
                entries.add(record.decode());
                bytes += record.payload().length;
            } catch (MalformedPayloadException e) {
                skip(record, String.valueOf(e.getMessage()));
            }
        }
    }

    private SegmentCursor cursorAtPosition() throws IOException {
        Segment segment = segments.holding(position);
        if (segment == null) {
            throw new IOException("it is deleted; the oldest entry kept is " + segments.firstOffset());
        }
        SegmentCursor at = cursor;
        if (at == null || !at.path().equals(segment.path())) {
            leaveDisk();
            at = SegmentCursor.open(segment.path(), segment.positionAtOrBefore(position));
            cursor = at;
        }
        at.limitTo(segment.bytes());
        while (at.onRecord() && at.offset() < position) {
            at.skip();
        }
        if (at.problem() != null || !at.onRecord() || at.offset() != position) {
            throw JournalException.corrupt(
                    at.path(), at.position(), "offset " + position + " is not there: " + at.problem());
        }
        return at;
    }

    private void skip(StoredRecord record, String problem) {
        undecodable.increment();
        log.warn(
                "journal consumer {} skips entry {} of asset {}, which this version cannot decode: {}",
                consumer,
                record.offset(),
                record.asset(),
                problem);
        if (record.offset() != skippedTo) {
            skippedFrom = record.offset();
        }
        skippedTo = record.offset() + 1;
        if (committed() >= skippedFrom) {
            offsets.commit(consumer, skippedTo);
        }
    }

    @Override
    public void commit(long nextOffset) {
        if (nextOffset > recent.next()) {
            throw new IllegalArgumentException("journal consumer " + consumer + " cannot commit offset " + nextOffset
                    + ": the next entry is " + recent.next());
        }
        boolean reachesSkipped = nextOffset >= skippedFrom && nextOffset < skippedTo;
        offsets.commit(consumer, reachesSkipped ? skippedTo : nextOffset);
    }

    @Override
    public long position() {
        return position;
    }

    @Override
    public void seek(long offset) {
        long oldest = segments.firstOffset();
        if (offset < oldest || offset > recent.next()) {
            throw new IllegalArgumentException("journal consumer " + consumer + " cannot go to offset " + offset
                    + ": the journal holds " + oldest + " to " + recent.next());
        }
        position = offset;
        leaveDisk();
    }

    @Override
    public long committed() {
        return offsets.committed(consumer);
    }

    private void leaveDisk() {
        SegmentCursor left = cursor;
        cursor = null;
        if (left != null) {
            try {
                left.close();
            } catch (IOException e) {
                log.warn("journal segment {} could not be closed after reading", left.path(), e);
            }
        }
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            inMemory.close();
            leaveDisk();
            onClose.run();
        }
    }
}
