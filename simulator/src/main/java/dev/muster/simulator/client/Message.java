package dev.muster.simulator.client;

import dev.muster.protocol.PayloadFormat;
import org.jspecify.annotations.Nullable;

/**
 * A message to publish at QoS 1; the same object is handed back when it is acknowledged, dropped or refused.
 *
 * @param tag the caller's own, returned untouched
 */
public record Message(
        String topic,
        byte[] payload,
        PayloadFormat format,
        @Nullable Object tag) {

    public static Message json(String topic, byte[] payload) {
        return new Message(topic, payload, PayloadFormat.JSON, null);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }

    @Override
    public String toString() {
        return "Message[" + topic + ", " + payload.length + " bytes]";
    }
}
