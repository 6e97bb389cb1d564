package dev.muster.protocol.delta;

import java.nio.charset.StandardCharsets;

/** Lengths and bounds of a delta. */
final class DeltaFormat {
    static final byte[] MAGIC = "MUSTERD1".getBytes(StandardCharsets.US_ASCII);
    static final int HASH = 32;
    static final int HEADER = 8 + HASH + 8 + HASH + 8;
    static final int SEGMENT_HEADER = 8 + 4 + 4 + 4;
    /** Of the base, for one piece. */
    static final int WINDOW = 8 << 20;
    /** Of the result. */
    static final int PIECE = 4 << 20;
    /** What a piece that cannot be packed at all takes. */
    static final int PACKED = PIECE + (PIECE >> 7) + 1024;

    private DeltaFormat() {}
}
