package dev.muster.agent.buffer;

import dev.muster.protocol.UplinkKind;

/** How important a message is. Sent in this order, given up in the opposite one; within a lane the order is kept. */
public enum Lane {
    STATE("state"),
    EVENTS("events"),
    BULK("bulk");

    private final String fileName;

    Lane(String fileName) {
        this.fileName = fileName;
    }

    String fileName() {
        return fileName;
    }

    public static Lane of(UplinkKind kind) {
        return switch (kind) {
            case HELLO, STATE_REPORTED, COMMAND_RESULT -> STATE;
            case EVENTS -> EVENTS;
            case HEARTBEAT, TELEMETRY, POSITION, LOGS -> BULK;
        };
    }
}
