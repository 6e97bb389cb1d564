package dev.muster.gateway.packed;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Walks over the frames of a zstd stream (RFC 8878 §3.1) without unpacking, because each header says how much memory its
 * window takes and the unpacker believes it.
 */
final class ZstdFrames {
    /** What every decoder should take (RFC 8878 §3.1.1.1.2). */
    static final long MAX_WINDOW = 8L << 20;

    private static final int MAGIC = 0xFD2FB528;
    private static final int SKIPPABLE = 0x184D2A50;
    private static final int BLOCK_RLE = 1;
    private static final int BLOCK_RESERVED = 3;

    private ZstdFrames() {}

    /** @throws IndexOutOfBoundsException when it ends in the middle */
    static void check(byte[] packed) throws UnpackException {
        ByteBuffer in = ByteBuffer.wrap(packed).order(ByteOrder.LITTLE_ENDIAN);
        int at = 0;
        while (at < packed.length) {
            int magic = in.getInt(at);
            if ((magic & 0xFFFFFFF0) == SKIPPABLE) {
                at = beyond(at + 8, in.getInt(at + 4));
            } else if (magic == MAGIC) {
                at = frame(in, at + 4);
            } else {
                throw UnpackException.malformed("the payload is not readable as zstd: a frame begins as none does");
            }
        }
    }

    private static int frame(ByteBuffer in, int start) throws UnpackException {
        int at = start;
        int descriptor = in.get(at++) & 0xff;
        boolean isSingleSegment = (descriptor & 0x20) != 0;
        boolean hasChecksum = (descriptor & 0x04) != 0;
        long window = 0;
        if (!isSingleSegment) {
            int coded = in.get(at++) & 0xff;
            long base = 1L << (10 + (coded >> 3));
            window = base + base / 8 * (coded & 7);
        }
        at += new int[] {0, 1, 2, 4}[descriptor & 3];
        int sizeBytes = new int[] {isSingleSegment ? 1 : 0, 2, 4, 8}[descriptor >> 6];
        if (isSingleSegment) {
            window = switch (sizeBytes) {
                case 1 -> in.get(at) & 0xffL;
                case 2 -> (in.getShort(at) & 0xffffL) + 256;
                case 4 -> in.getInt(at) & 0xffffffffL;
                default -> in.getLong(at);
            };
        }
        if (window < 0 || window > MAX_WINDOW) {
            throw UnpackException.malformed(
                    "the payload is packed by zstd with a window larger than " + MAX_WINDOW + " bytes");
        }
        at += sizeBytes;
        boolean isLast = false;
        while (!isLast) {
            int header = (in.getShort(at) & 0xffff) | (in.get(at + 2) & 0xff) << 16;
            isLast = (header & 1) != 0;
            int type = (header >> 1) & 3;
            if (type == BLOCK_RESERVED) {
                throw UnpackException.malformed("the payload is not readable as zstd: a block of a reserved type");
            }
            at = beyond(at + 3, type == BLOCK_RLE ? 1 : header >> 3);
        }
        return beyond(at, hasChecksum ? 4 : 0);
    }

    private static int beyond(int at, int length) {
        if (length < 0) {
            throw new IndexOutOfBoundsException("a length is larger than all there is");
        }
        return Math.addExact(at, length);
    }
}
