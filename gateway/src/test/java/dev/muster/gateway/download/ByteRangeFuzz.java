package dev.muster.gateway.download;

import java.nio.charset.StandardCharsets;

/** Any text as a Range header: what is sent lies within the file. */
public final class ByteRangeFuzz {
    private ByteRangeFuzz() {}

    public static void fuzzerTestOneInput(byte[] data) {
        if (data.length == 0) {
            return;
        }
        long size = data[0] & 0xff;
        String range = "bytes=" + new String(data, 1, data.length - 1, StandardCharsets.ISO_8859_1);
        if (ByteRange.of(range, null, "\"etag\"", size) instanceof ByteRange.Part part
                && (part.offset() < 0 || part.length() < 1 || part.length() > size - part.offset())) {
            throw new AssertionError(part + " of " + size + " bytes");
        }
    }
}
