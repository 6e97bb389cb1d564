package dev.muster.gateway.journal;

import java.nio.file.Path;
import java.util.Arrays;

/**
 * What is known of one file of the journal: which offsets are durable in it, and roughly where.
 *
 * <p>Grown by the writer, read by the readers.
 */
final class Segment {
    private static final String SUFFIX = ".segment";
    private static final int BYTES_BETWEEN_MARKS = 256 << 10;

    private final Path path;
    private final long base;
    private long end;
    private long bytes;

    /** Pairs of offset and position, ascending; the first is that of the first record. */
    private long[] marks = new long[16];

    private int markCount;

    Segment(Path path, long base) {
        this.path = path;
        this.base = base;
        this.end = base;
        this.bytes = RecordFormat.HEADER_BYTES;
        addMark(base, RecordFormat.HEADER_BYTES);
    }

    static String fileName(long base) {
        return "%020d%s".formatted(base, SUFFIX);
    }

    static boolean isSegment(Path file) {
        return file.getFileName().toString().matches("\\d{20}\\.segment");
    }

    static long baseOf(Path file) {
        return Long.parseLong(file.getFileName().toString().replace(SUFFIX, ""));
    }

    Path path() {
        return path;
    }

    long base() {
        return base;
    }

    /** The offset after the last durable record. */
    synchronized long end() {
        return end;
    }

    /** The position after the last durable record. */
    synchronized long bytes() {
        return bytes;
    }

    synchronized void extendTo(long end, long bytes) {
        if (this.bytes - marks[2 * markCount - 1] >= BYTES_BETWEEN_MARKS) {
            addMark(this.end, this.bytes);
        }
        this.end = end;
        this.bytes = bytes;
    }

    /** The position of a record at or before the offset, not far from it. */
    synchronized long positionAtOrBefore(long offset) {
        int low = 0;
        int high = markCount - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (marks[2 * middle] <= offset) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return marks[2 * low + 1];
    }

    private void addMark(long offset, long position) {
        if (2 * markCount == marks.length) {
            marks = Arrays.copyOf(marks, 2 * marks.length);
        }
        marks[2 * markCount] = offset;
        marks[2 * markCount + 1] = position;
        markCount++;
    }

    @Override
    public String toString() {
        return path.getFileName() + " [" + base + ", " + end() + ")";
    }
}
