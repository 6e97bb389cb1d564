package dev.muster.twin.bucket;

import dev.muster.protocol.AssetId;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Writes ids and numbers one after the other; {@link Unpacker} reads them. */
public final class Packer {
    private byte[] bytes = new byte[256];
    private int length;

    public Packer put(AssetId asset) {
        byte[] id = asset.value().getBytes(StandardCharsets.US_ASCII);
        room(1 + id.length);
        bytes[length++] = (byte) id.length;
        System.arraycopy(id, 0, bytes, length, id.length);
        length += id.length;
        return this;
    }

    public Packer put(byte value) {
        room(1);
        bytes[length++] = value;
        return this;
    }

    /** A number that is mostly small, of either sign: zigzag, seven bits to a byte. */
    public Packer put(long value) {
        room(10);
        long rest = value << 1 ^ value >> 63;
        while ((rest & ~0x7fL) != 0) {
            bytes[length++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[length++] = (byte) rest;
        return this;
    }

    /** A number of which all bits matter alike. */
    public Packer putBits(long value) {
        room(8);
        for (int shift = 56; shift >= 0; shift -= 8) {
            bytes[length++] = (byte) (value >>> shift);
        }
        return this;
    }

    private void room(int more) {
        if (length + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
        }
    }

    public byte[] packed() {
        return Arrays.copyOf(bytes, length);
    }
}
