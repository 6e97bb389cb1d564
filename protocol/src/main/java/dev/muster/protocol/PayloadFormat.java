package dev.muster.protocol;

/** How a payload is written; {@link #code} is stored in journals. JSON unless the MQTT 5 content type says CBOR. */
public enum PayloadFormat {
    JSON((byte) 0, "application/json"),
    CBOR((byte) 1, "application/cbor");

    private final byte code;
    private final String contentType;

    PayloadFormat(byte code, String contentType) {
        this.code = code;
        this.contentType = contentType;
    }

    public byte code() {
        return code;
    }

    public String contentType() {
        return contentType;
    }

    public static PayloadFormat ofCode(byte code) {
        return switch (code) {
            case 0 -> JSON;
            case 1 -> CBOR;
            default -> throw new IllegalArgumentException("payload format " + code + " is not known");
        };
    }
}
