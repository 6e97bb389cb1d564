package dev.muster.gateway.journal;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads a segment through after a start and says what of it is good.
 *
 * <p>Only what was never synced may be missing or torn: the end of the last segment, and in an earlier one what lies
 * beyond the first offset of its successor (a segment is abandoned there after a failed sync).
 */
final class SegmentRecovery {
    private static final Logger log = LoggerFactory.getLogger(SegmentRecovery.class);

    private final RecordFormat format = new RecordFormat();

    /**
     * A segment that is followed by another.
     *
     * @param next the first offset of its successor
     * @throws JournalException when a record below {@code next} is missing or damaged
     */
    Segment complete(Path file, long next) throws IOException {
        return read(file, next, false);
    }

    /** The last segment; a torn end is cut off and the cut synced. */
    Segment last(Path file, ChannelOpener opener) throws IOException {
        Segment segment = read(file, Long.MAX_VALUE, true);
        long torn = Files.size(file) - segment.bytes();
        if (torn > 0) {
            log.warn(
                    "journal segment {}: cut {} bytes after offset {} that were never synced, so never acknowledged",
                    file,
                    torn,
                    segment.end());
            try (FileChannel channel = opener.open(file, StandardOpenOption.WRITE)) {
                channel.truncate(segment.bytes());
                channel.force(true);
            }
        }
        return segment;
    }

    private Segment read(Path file, long next, boolean mayBeTorn) throws IOException {
        Segment segment = new Segment(file, Segment.baseOf(file));
        try (SegmentCursor cursor = SegmentCursor.open(file, 0)) {
            String problem = cursor.readHeader(segment.base());
            if (problem != null) {
                throw JournalException.corrupt(file, 0, problem);
            }
            while (segment.end() < next && cursor.onRecord() && cursor.offset() == segment.end()) {
                cursor.skip();
                segment.extendTo(segment.end() + 1, cursor.position());
            }
            if (segment.end() < next && !(mayBeTorn && isTorn(file, segment))) {
                throw JournalException.corrupt(file, segment.bytes(), whatIsWrong(cursor, segment.end(), next));
            }
        }
        return segment;
    }

    private static String whatIsWrong(SegmentCursor cursor, long expected, long next) throws IOException {
        if (cursor.onRecord()) {
            return "a record of offset " + cursor.offset() + " where " + expected + " belongs";
        }
        String problem = cursor.problem();
        return problem == null
                ? "it ends before offset " + expected + ", the next segment begins at " + next
                : "offset " + expected + ": " + problem + ", and what follows it had been synced later";
    }

    /** False when some record behind the bad place was written after that place had been synced. */
    private boolean isTorn(Path file, Segment segment) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
                Arena arena = Arena.ofConfined()) {
            long from = segment.bytes();
            long remaining = channel.size() - from;
            if (remaining <= 0) {
                return true;
            }
            ByteBuffer rest = channel.map(FileChannel.MapMode.READ_ONLY, from, remaining, arena)
                    .asByteBuffer();
            int least = RecordFormat.FRAME_BYTES + RecordFormat.FIXED_BYTES;
            for (int at = 1; at <= rest.limit() - least; at++) {
                rest.position(at);
                long syncedBelow = RecordFormat.offset(rest) - RecordFormat.indexInBatch(rest);
                // An offset that is one segment's bytes ahead is no offset; so nearly no checksum is computed in vain.
                if (syncedBelow > segment.end()
                        && syncedBelow <= segment.end() + remaining
                        && format.recordProblem(rest) == null) {
                    return false;
                }
            }
            return true;
        }
    }
}
