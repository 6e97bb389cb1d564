package dev.muster.agent.identity;

import java.io.ByteArrayOutputStream;

/** The few constructs of DER (ITU-T X.690) that a certificate request needs. */
final class Der {
    static final int INTEGER = 0x02;
    static final int BIT_STRING = 0x03;
    static final int UTC_TIME = 0x17;
    static final int SEQUENCE = 0x30;
    /** Context-specific, constructed, 0. */
    static final int TAGGED_0 = 0xA0;

    private Der() {}

    /** Tag, length and the parts one after the other; at most 64 KiB. */
    static byte[] of(int tag, byte[]... parts) {
        int length = 0;
        for (byte[] part : parts) {
            length += part.length;
        }
        var out = new ByteArrayOutputStream(length + 4);
        out.write(tag);
        if (length < 0x80) {
            out.write(length);
        } else if (length < 0x100) {
            out.write(0x81);
            out.write(length);
        } else {
            out.write(0x82);
            out.write(length >>> 8);
            out.write(length);
        }
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }
}
