package dev.muster.gateway.signal;

import java.nio.charset.StandardCharsets;

/** Reads what {@link Writing} wrote. */
final class Reading {
    private final byte[] bytes;
    private int at;

    Reading(byte[] bytes, int version) {
        this.bytes = bytes;
        long found = number();
        if (found != version) {
            throw new IllegalArgumentException(
                    "signals are written in version " + found + ", this program reads version " + version);
        }
    }

    long number() {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            int next = next();
            value |= (next & 0x7fL) << shift;
            if ((next & 0x80) == 0) {
                return value;
            }
        }
        throw new IllegalArgumentException("a number of signals has more than ten bytes");
    }

    /** How many follow, an index, a length: no more than there are bytes. */
    int count() {
        long count = number();
        if (count < 0 || count > bytes.length) {
            throw new IllegalArgumentException("signals count to " + count + " in " + bytes.length + " bytes");
        }
        return (int) count;
    }

    long fixed() {
        long value = 0;
        for (int i = 0; i < 8; i++) {
            value = value << 8 | next();
        }
        return value;
    }

    double real() {
        return Double.longBitsToDouble(fixed());
    }

    String text() {
        int length = count();
        if (length > bytes.length - at) {
            throw new IllegalArgumentException("signals end in the middle of a text");
        }
        String text = new String(bytes, at, length, StandardCharsets.UTF_8);
        at += length;
        return text;
    }

    private int next() {
        if (at == bytes.length) {
            throw new IllegalArgumentException("signals end in the middle");
        }
        return bytes[at++] & 0xff;
    }
}
