package dev.muster.gateway.packed;

import java.util.Arrays;

/** Any bytes as a packed payload: unpacked up to the bound, or refused. The first byte chooses the coding. */
public final class UnpackFuzz {
    private static final int MOST = 64 * 1024;
    private static final ContentCoding[] CODINGS = ContentCoding.values();

    private UnpackFuzz() {}

    public static void fuzzerTestOneInput(byte[] data) {
        if (data.length == 0) {
            return;
        }
        try {
            byte[] payload =
                    CODINGS[(data[0] & 0xff) % CODINGS.length].unpack(Arrays.copyOfRange(data, 1, data.length), MOST);
            if (payload.length > MOST) {
                throw new AssertionError(payload.length + " bytes came out");
            }
        } catch (UnpackException refused) {
            if (refused.getMessage() == null) {
                throw new AssertionError("refused without a reason", refused);
            }
        }
    }
}
