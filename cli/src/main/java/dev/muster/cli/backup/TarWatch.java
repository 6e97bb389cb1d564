package dev.muster.cli.backup;

import java.nio.charset.StandardCharsets;

/**
 * Looks at a tar archive that passes: which file is being told, and whether the archive came to its end.
 *
 * <p>POSIX.1-1988 headers of 512 bytes, with the base-256 sizes of large files; that is what the server sends.
 */
final class TarWatch {
    private static final int BLOCK = 512;
    private static final int NAME = 100;
    private static final int SIZE_AT = 124;
    private static final int SIZE_LENGTH = 12;
    private static final int TYPE_AT = 156;

    private final byte[] header = new byte[BLOCK];
    private int inHeader;
    /** Of the file's content and what fills its last block. */
    private long toSkip;

    private String file = "";
    private long files;
    private boolean ended;

    void pass(byte[] bytes, int length) {
        int at = 0;
        while (at < length) {
            if (toSkip > 0) {
                int skipped = (int) Math.min(toSkip, length - at);
                toSkip -= skipped;
                at += skipped;
                continue;
            }
            int taken = Math.min(BLOCK - inHeader, length - at);
            System.arraycopy(bytes, at, header, inHeader, taken);
            inHeader += taken;
            at += taken;
            if (inHeader == BLOCK) {
                inHeader = 0;
                take();
            }
        }
    }

    private void take() {
        if (header[0] == 0) {
            ended = true;
            return;
        }
        ended = false;
        long size = size();
        toSkip = (size + BLOCK - 1) / BLOCK * BLOCK;
        if (header[TYPE_AT] == '0' || header[TYPE_AT] == 0) {
            file = text(0, NAME);
            files++;
        }
    }

    private long size() {
        long size = 0;
        if ((header[SIZE_AT] & 0x80) != 0) {
            for (int i = SIZE_AT + SIZE_LENGTH - Long.BYTES; i < SIZE_AT + SIZE_LENGTH; i++) {
                size = size << 8 | header[i] & 0xff;
            }
            return size;
        }
        for (char digit : text(SIZE_AT, SIZE_LENGTH).strip().toCharArray()) {
            size = size << 3 | digit - '0';
        }
        return size;
    }

    private String text(int at, int atMost) {
        int end = at;
        while (end < at + atMost && header[end] != 0) {
            end++;
        }
        return new String(header, at, end - at, StandardCharsets.UTF_8);
    }

    /** The first 100 characters of the name of the newest one. */
    String file() {
        return file;
    }

    long files() {
        return files;
    }

    boolean ended() {
        return ended && toSkip == 0;
    }
}
