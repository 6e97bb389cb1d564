package dev.muster.gateway.journal;

import dev.muster.protocol.UplinkKind;
import org.jspecify.annotations.Nullable;

/** What a journal entry holds: an uplink of some kind, the opening or closing of a session, or signals of a standard. Codes are stored. */
public enum EntryKind {
    HELLO(UplinkKind.HELLO),
    HEARTBEAT(UplinkKind.HEARTBEAT),
    TELEMETRY(UplinkKind.TELEMETRY),
    POSITION(UplinkKind.POSITION),
    STATE_REPORTED(UplinkKind.STATE_REPORTED),
    EVENTS(UplinkKind.EVENTS),
    LOGS(UplinkKind.LOGS),
    COMMAND_RESULT(UplinkKind.COMMAND_RESULT),
    /** Payload: the session id, UTF-8. */
    SESSION_OPENED(64),
    /** Payload: the session id, a space, the reason, UTF-8. */
    SESSION_CLOSED(65),
    /** Payload: a {@code signal.SampleBatch}. */
    SAMPLES(66),
    /** Payload: a {@code signal.SpanBatch}. */
    SPANS(67);

    private static final EntryKind[] ALL = values();
    private static final EntryKind[] OF_UPLINKS = ofUplinks();

    private final int code;
    private final @Nullable UplinkKind uplinkKind;

    EntryKind(UplinkKind uplinkKind) {
        this.code = uplinkKind.code();
        this.uplinkKind = uplinkKind;
    }

    EntryKind(int code) {
        this.code = code;
        this.uplinkKind = null;
    }

    public int code() {
        return code;
    }

    /** Null where the payload is read by its consumer alone. */
    public @Nullable UplinkKind uplinkKind() {
        return uplinkKind;
    }

    public static EntryKind of(UplinkKind kind) {
        return OF_UPLINKS[kind.ordinal()];
    }

    private static EntryKind[] ofUplinks() {
        UplinkKind[] kinds = UplinkKind.values();
        EntryKind[] found = new EntryKind[kinds.length];
        for (UplinkKind kind : kinds) {
            found[kind.ordinal()] = ofCode(kind.code());
        }
        return found;
    }

    public static EntryKind ofCode(int code) {
        for (EntryKind kind : ALL) {
            if (kind.code == code) {
                return kind;
            }
        }
        throw new IllegalArgumentException("journal entry kind " + code + " is not known");
    }
}
