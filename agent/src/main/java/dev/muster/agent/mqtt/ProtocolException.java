package dev.muster.agent.mqtt;

import java.io.IOException;

/** The server sent what is not MQTT 5, or not allowed here. */
public final class ProtocolException extends IOException {
    private static final long serialVersionUID = 1L;

    public ProtocolException(String message) {
        super(message);
    }
}
