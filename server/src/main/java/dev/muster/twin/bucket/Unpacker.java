package dev.muster.twin.bucket;

import dev.muster.protocol.AssetId;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Reads what {@link Packer} wrote. */
public final class Unpacker {
    private final ByteBuffer bytes;

    public Unpacker(byte[] packed) {
        this.bytes = ByteBuffer.wrap(packed);
    }

    public boolean hasMore() {
        return bytes.hasRemaining();
    }

    public AssetId asset() {
        byte[] id = new byte[bytes.get()];
        bytes.get(id);
        return new AssetId(new String(id, StandardCharsets.US_ASCII));
    }

    public byte single() {
        return bytes.get();
    }

    public long number() {
        long value = 0;
        for (int shift = 0; ; shift += 7) {
            byte next = bytes.get();
            value |= (next & 0x7fL) << shift;
            if (next >= 0) {
                return value >>> 1 ^ -(value & 1);
            }
        }
    }

    public long bits() {
        return bytes.getLong();
    }
}
