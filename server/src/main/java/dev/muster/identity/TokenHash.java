package dev.muster.identity;

import java.util.Arrays;

/** The SHA-256 of a token's secret: what the database knows of it. */
public final class TokenHash {
    private final byte[] bytes;

    TokenHash(byte[] bytes) {
        this.bytes = bytes.clone();
    }

    public byte[] bytes() {
        return bytes.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TokenHash hash && Arrays.equals(bytes, hash.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }
}
