package dev.muster.gateway.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/** Reads the records of one segment in order. Used by one thread. */
final class SegmentCursor implements AutoCloseable {
    private static final int BUFFER_BYTES = 256 << 10;

    private final Path path;
    private final FileChannel channel;
    private final RecordFormat format = new RecordFormat();
    private ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES).limit(0);
    /** Where in the file the buffer's limit is. */
    private long filled;

    private long limit = Long.MAX_VALUE;

    private @Nullable String problem;

    private SegmentCursor(Path path, FileChannel channel, long position) {
        this.path = path;
        this.channel = channel;
        this.filled = position;
    }

    static SegmentCursor open(Path path, long position) throws IOException {
        return new SegmentCursor(path, FileChannel.open(path, StandardOpenOption.READ), position);
    }

    /** Nothing beyond the position is read: what is not durable yet may still be taken back and written anew. */
    void limitTo(long position) {
        limit = position;
    }

    /** Null when the header is good; then the cursor stands on the first record. */
    @Nullable String readHeader(long baseOffset) throws IOException {
        require(RecordFormat.HEADER_BYTES);
        String found = format.headerProblem(buffer, baseOffset);
        if (found == null) {
            buffer.position(buffer.position() + RecordFormat.HEADER_BYTES);
        }
        return found;
    }

    /** Whether a good record begins here; when not, {@link #problem} says why: null at the end of the file. */
    boolean onRecord() throws IOException {
        problem = null;
        int there = require(RecordFormat.FRAME_BYTES);
        if (there >= RecordFormat.FRAME_BYTES) {
            long whole = (long) RecordFormat.FRAME_BYTES + Math.max(0, RecordFormat.length(buffer));
            // Only what is not in the buffer is a question to the file: else its length is damaged, or the record is
            // cut.
            if (whole > there && whole <= Math.min(limit, channel.size()) - position()) {
                require((int) whole);
            }
        }
        problem = there == 0 ? null : format.recordProblem(buffer);
        return there > 0 && problem == null;
    }

    @Nullable String problem() {
        return problem;
    }

    /** Where in the file the cursor stands. */
    long position() {
        return filled - buffer.remaining();
    }

    Path path() {
        return path;
    }

    long offset() {
        return RecordFormat.offset(buffer);
    }

    StoredRecord take() {
        return RecordFormat.take(buffer);
    }

    void skip() {
        buffer.position(buffer.position() + RecordFormat.FRAME_BYTES + RecordFormat.length(buffer));
    }

    /** Reads until so many bytes are in the buffer, or the file ends; returns how many are. */
    private int require(int bytes) throws IOException {
        if (buffer.remaining() < bytes) {
            ByteBuffer target = bytes <= buffer.capacity()
                    ? buffer.compact()
                    : ByteBuffer.allocate(bytes + BUFFER_BYTES).put(buffer);
            target.limit((int) Math.min(target.capacity(), target.position() + limit - filled));
            while (target.position() < bytes) {
                int read = channel.read(target, filled);
                if (read <= 0) {
                    break;
                }
                filled += read;
            }
            buffer = target.flip();
        }
        return buffer.remaining();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
