package dev.muster.protocol;

/** The kind of an uplink; {@link #code} is its stable number in stored journals and never changes or is reused. */
public enum UplinkKind {
    HELLO(1),
    HEARTBEAT(2),
    TELEMETRY(3),
    POSITION(4),
    STATE_REPORTED(5),
    EVENTS(6),
    LOGS(7),
    COMMAND_RESULT(8);

    private static final UplinkKind[] BY_CODE = new UplinkKind[9];

    static {
        for (UplinkKind kind : values()) {
            BY_CODE[kind.code] = kind;
        }
    }

    private final int code;

    UplinkKind(int code) {
        this.code = code;
    }

    public int code() {
        return code;
    }

    public static UplinkKind ofCode(int code) {
        if (code < 1 || code >= BY_CODE.length) {
            throw new IllegalArgumentException("uplink kind code " + code + " is not known; 1 to 8 are");
        }
        return BY_CODE[code];
    }
}
