package dev.muster.protocol;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Any bytes as the payload of any topic: decoded, or refused as malformed. The first two bytes choose kind and format. */
public final class UplinkFuzz {
    private static final UplinkKind[] KINDS = UplinkKind.values();
    private static final PayloadFormat[] FORMATS = PayloadFormat.values();

    private UplinkFuzz() {}

    public static void fuzzerTestOneInput(byte[] data) {
        if (data.length < 2) {
            return;
        }
        compare(Arrays.copyOfRange(data, 2, data.length));
        UplinkKind kind = KINDS[(data[0] & 0xff) % KINDS.length];
        PayloadFormat format = FORMATS[(data[1] & 0xff) % FORMATS.length];
        try {
            Uplink uplink = UplinkCodec.decode(kind, "c-1", format, Arrays.copyOfRange(data, 2, data.length));
            if (uplink.kind() != kind) {
                throw new AssertionError(kind + " was decoded as " + uplink.kind());
            }
        } catch (MalformedPayloadException refused) {
            if (refused.getMessage() == null) {
                throw new AssertionError("refused without a reason", refused);
            }
        }
    }

    /** Two readers of telemetry say the same: whether it was read the short way. */
    static boolean compare(byte[] payload) {
        @Nullable Uplink other;
        try { // first: it is the one that learns names
            other = UplinkCodec.decodeAny(UplinkKind.TELEMETRY, "", PayloadFormat.JSON, payload);
        } catch (MalformedPayloadException _) {
            other = null;
        }
        Uplink plain = PlainTelemetry.read(payload);
        if (plain != null && !plain.equals(other)) {
            throw new AssertionError(plain + " is otherwise " + (other == null ? "refused" : "read as " + other));
        }
        return plain != null;
    }
}
