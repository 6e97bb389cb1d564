package dev.muster.agent.logs;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Reads whole lines from a place in a file on. A line that is longer than {@link #MAX_LINE_BYTES} is cut, at the border of a
 * character, and passed over to its end; it takes no more memory than a short one.
 */
final class LineSplitter {
    /** So many bytes are at most as many characters, and that is what the server takes of a body. */
    static final int MAX_LINE_BYTES = 16 * 1024;

    /** A file without line ends is cut into lines of this length, so that it is not read again and again. */
    static final int MAX_UNENDED_BYTES = 256 * 1024;

    private static final int CHUNK = 16 * 1024;

    private LineSplitter() {}

    /** @param next the offset behind the last of the lines */
    record Lines(List<Line> lines, long next) {}

    /**
     * @param end the file is read up to here
     * @param evenWithoutEnd whether what follows the last line end is a line too: nothing more will be written
     */
    static Lines read(FileChannel file, long from, long end, int maxLines, int maxBytes, boolean evenWithoutEnd)
            throws IOException {
        List<Line> lines = new ArrayList<>();
        ByteBuffer chunk = ByteBuffer.allocate((int) Math.min(CHUNK, Math.max(1, end - from)));
        byte[] line = new byte[256];
        int length = 0;
        long start = from;
        long at = from;
        long budget = maxBytes;
        while (at < end && lines.size() < maxLines && budget > 0) {
            chunk.clear().limit((int) Math.min(chunk.capacity(), end - at));
            int count = file.read(chunk, at);
            if (count < 0) {
                break;
            }
            for (int i = 0; i < count && lines.size() < maxLines && budget > 0; i++) {
                byte b = chunk.get(i);
                at++;
                if (b == '\n' || length >= MAX_UNENDED_BYTES) {
                    lines.add(line(line, length, start));
                    budget -= Math.min(length, MAX_LINE_BYTES) + 64L;
                    start = at;
                    length = 0;
                } else {
                    if (length < MAX_LINE_BYTES) {
                        if (length == line.length) {
                            line = Arrays.copyOf(line, Math.min(MAX_LINE_BYTES, line.length * 2));
                        }
                        line[length] = b;
                    }
                    length++;
                }
            }
        }
        if (evenWithoutEnd && at >= end && at > start && lines.size() < maxLines) {
            lines.add(line(line, length, start));
            start = at;
        }
        return new Lines(lines, start);
    }

    private static Line line(byte[] bytes, int length, long start) {
        boolean cut = length > MAX_LINE_BYTES;
        int end = Math.min(length, MAX_LINE_BYTES);
        if (cut) {
            while (end > 0 && (bytes[end - 1] & 0xC0) == 0x80) {
                end--; // not in the middle of a character
            }
            end = Math.max(0, end - 1);
        } else if (end > 0 && bytes[end - 1] == '\r') {
            end--;
        }
        return new Line(start, new String(bytes, 0, end, StandardCharsets.UTF_8), cut);
    }
}
