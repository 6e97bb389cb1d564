package dev.muster.protocol;

/** Turns payload bytes into {@link Uplink}s and back; bounds of docs/protocol.md are checked here. */
public final class UplinkCodec {
    private UplinkCodec() {}

    /**
     * @param subtopic the command id of a command result, else empty
     * @throws MalformedPayloadException naming the field, what was found and what is allowed
     */
    public static Uplink decode(UplinkKind kind, String subtopic, PayloadFormat format, byte[] payload)
            throws MalformedPayloadException {
        throw new MalformedPayloadException(
                "cannot decode " + kind + " " + subtopic + " " + format + " of " + payload.length + " bytes");
    }

    /** The inverse of {@link #decode}. */
    public static byte[] encode(Uplink uplink, PayloadFormat format) {
        throw new IllegalStateException("cannot encode " + uplink.kind() + " as " + format);
    }
}
