package dev.muster.gateway.packed;

import io.airlift.compress.MalformedInputException;
import io.airlift.compress.snappy.SnappyDecompressor;
import java.util.Arrays;

/** One block of snappy without frames, as Prometheus sends it. */
public final class Snappy {
    private Snappy() {}

    /** @param most bytes that may come out; no more are unpacked */
    public static byte[] unpack(byte[] packed, int most) throws UnpackException {
        try {
            int length = SnappyDecompressor.getUncompressedLength(packed, 0);
            if (length > most) {
                throw UnpackException.tooLarge(most);
            }
            // At best three bytes become 64: a length that cannot be true is not believed.
            if (length < 0 || length > packed.length * 64L) {
                throw UnpackException.malformed("the payload is not readable as snappy: its length cannot be true");
            }
            byte[] out = new byte[length];
            int written = new SnappyDecompressor().decompress(packed, 0, packed.length, out, 0, length);
            return written == length ? out : Arrays.copyOf(out, written);
        } catch (MalformedInputException | ArithmeticException | IndexOutOfBoundsException e) {
            throw UnpackException.malformed("the payload is not readable as snappy: " + e.getMessage());
        }
    }
}
