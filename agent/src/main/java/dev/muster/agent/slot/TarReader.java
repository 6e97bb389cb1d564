package dev.muster.agent.slot;

import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads a tar archive from front to back: POSIX ustar, pax headers ({@code path}, {@code linkpath}, {@code size}) and GNU long
 * names. Sparse files and multiple volumes are refused as kinds that are not known.
 *
 * @see <a href="https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html">POSIX.1-2024, pax: ustar and pax formats</a>
 */
final class TarReader {
    private static final int BLOCK = 512;
    private static final int MAX_HEADER_DATA = 64 * 1024;

    private final InputStream in;
    private long left;
    private int padding;

    TarReader(InputStream in) {
        this.in = in;
    }

    enum Kind {
        FILE,
        FOLDER,
        SYMBOLIC_LINK,
        HARD_LINK,
        OTHER
    }

    /** @param linkTarget empty unless it is a link */
    record Entry(Kind kind, String name, String linkTarget, int mode, long size) {}

    /** The next entry, at the beginning of its content; null at the end of the archive. */
    @Nullable Entry next() throws IOException {
        Map<String, String> extended = new HashMap<>();
        while (true) {
            skipContent();
            byte[] header = in.readNBytes(BLOCK);
            if (header.length == 0 || isZero(header)) {
                return null;
            }
            if (header.length < BLOCK) {
                throw new EOFException("the archive ends within a header");
            }
            verify(header);
            left = number(header, 124, 12);
            padding = (int) ((BLOCK - left % BLOCK) % BLOCK);
            switch (header[156]) {
                case 'x' -> extended.putAll(pax(headerData()));
                case 'g' -> headerData();
                case 'L' -> extended.put("path", cString(headerData()));
                case 'K' -> extended.put("linkpath", cString(headerData()));
                default -> {
                    return entry(header, extended);
                }
            }
        }
    }

    private Entry entry(byte[] header, Map<String, String> extended) throws IOException {
        if (extended.containsKey("size")) {
            left = Long.parseLong(extended.get("size"));
            padding = (int) ((BLOCK - left % BLOCK) % BLOCK);
        }
        String name = extended.containsKey("path") ? extended.get("path") : name(header);
        String target = extended.containsKey("linkpath") ? extended.get("linkpath") : text(header, 157, 100);
        Kind kind = kind(header[156], name);
        if (kind != Kind.FILE && kind != Kind.OTHER && left > 0) {
            throw new IOException("entry '" + name + "' of the archive has content and cannot have any");
        }
        return new Entry(kind, name, target, (int) number(header, 100, 8), left);
    }

    private static Kind kind(byte type, String name) {
        return switch (type) {
            case 0, '0', '7' -> name.endsWith("/") ? Kind.FOLDER : Kind.FILE;
            case '1' -> Kind.HARD_LINK;
            case '2' -> Kind.SYMBOLIC_LINK;
            case '5' -> Kind.FOLDER;
            default -> Kind.OTHER;
        };
    }

    private static String name(byte[] header) {
        String name = text(header, 0, 100);
        boolean ustar = text(header, 257, 5).equals("ustar") && header[262] == 0;
        String prefix = ustar ? text(header, 345, 155) : "";
        return prefix.isEmpty() ? name : prefix + "/" + name;
    }

    /** Of the entry that {@link #next} gave; ends with it. */
    InputStream content() {
        return new FilterInputStream(in) {
            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] buffer, int offset, int length) throws IOException {
                if (left == 0) {
                    return -1;
                }
                int n = in.read(buffer, offset, (int) Math.min(length, left));
                if (n < 0) {
                    throw new EOFException("the archive ends within a file");
                }
                left -= n;
                return n;
            }

            @Override
            public void close() {
                // the archive goes on
            }
        };
    }

    private void skipContent() throws IOException {
        in.skipNBytes(left + padding);
        left = 0;
        padding = 0;
    }

    private byte[] headerData() throws IOException {
        if (left > MAX_HEADER_DATA) {
            throw new IOException(
                    "the archive has a header of " + left + " bytes, at most " + MAX_HEADER_DATA + " are allowed");
        }
        byte[] data = in.readNBytes((int) left);
        if (data.length < left) {
            throw new EOFException("the archive ends within a header");
        }
        left = 0;
        return data;
    }

    /** Records of the form {@code "LENGTH KEY=VALUE\n"}. */
    private static Map<String, String> pax(byte[] data) throws IOException {
        Map<String, String> records = new HashMap<>();
        int at = 0;
        while (at < data.length && data[at] != 0) {
            int space = at;
            while (space < data.length && data[space] >= '0' && data[space] <= '9') {
                space++;
            }
            int length = space - at > 0 && space - at < 7
                    ? Integer.parseInt(new String(data, at, space - at, StandardCharsets.US_ASCII))
                    : 0;
            if (length <= space - at + 2 || at + length > data.length) {
                throw new IOException("the archive has an extended header that cannot be read");
            }
            String line = new String(data, space + 1, at + length - space - 2, StandardCharsets.UTF_8);
            int equals = line.indexOf('=');
            if (equals < 0) {
                throw new IOException("the archive has an extended header that cannot be read");
            }
            records.put(line.substring(0, equals), line.substring(equals + 1));
            at += length;
        }
        String size = records.get("size");
        if (size != null && !size.matches("[0-9]{1,15}")) {
            throw new IOException("the archive has a file of the size '" + size + "'");
        }
        return records;
    }

    private static void verify(byte[] header) throws IOException {
        long sum = 0;
        for (int i = 0; i < BLOCK; i++) {
            sum += i >= 148 && i < 156 ? ' ' : header[i] & 0xff;
        }
        String stored = text(header, 148, 8).strip();
        if (!stored.matches("[0-7]{1,7}") || Long.parseLong(stored, 8) != sum) {
            throw new IOException(
                    "it is compressed and no tar archive, or a damaged one: a header has the wrong checksum");
        }
    }

    /** Octal digits; or base 256 where the first bit is set, as GNU writes large ones. */
    private static long number(byte[] header, int offset, int length) throws IOException {
        if ((header[offset] & 0x80) != 0) {
            long value = header[offset] & 0x3f;
            for (int i = 1; i < length; i++) {
                if (value >= 1L << 47) {
                    throw new IOException("the archive has a number that is too large");
                }
                value = value << 8 | (header[offset + i] & 0xff);
            }
            return value;
        }
        String digits = text(header, offset, length).strip();
        if (!digits.matches("[0-7]{0,12}")) {
            throw new IOException("the archive has a number that cannot be read");
        }
        return digits.isEmpty() ? 0 : Long.parseLong(digits, 8);
    }

    private static String cString(byte[] data) {
        return text(data, 0, data.length);
    }

    private static String text(byte[] bytes, int offset, int length) {
        int end = offset;
        while (end < offset + length && bytes[end] != 0) {
            end++;
        }
        return new String(bytes, offset, end - offset, StandardCharsets.UTF_8);
    }

    private static boolean isZero(byte[] block) {
        for (byte b : block) {
            if (b != 0) {
                return false;
            }
        }
        return true;
    }
}
