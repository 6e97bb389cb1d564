package dev.muster.agent.mqtt;

import java.util.List;

/** A packet that a server sends to a QoS 1 client (OASIS MQTT 5.0, section 3); what the agent has no use for is left out. */
public sealed interface Packet {

    /**
     * The answer to CONNECT (3.2).
     *
     * @param receiveMaximum QoS 1 messages that may be unacknowledged
     * @param maximumPacketSize in bytes, of packets to the server
     * @param serverKeepAliveSeconds -1 where the server takes the client's
     * @param comeBackSeconds of a refusal: how long to wait; 0 where the server does not say
     */
    record Connack(
            int reasonCode,
            String reason,
            int receiveMaximum,
            long maximumPacketSize,
            int serverKeepAliveSeconds,
            int comeBackSeconds)
            implements Packet {}

    /** @param packetId 0 with QoS 0 */
    record Publish(String topic, int packetId, byte[] payload) implements Packet {}

    record Puback(int packetId, int reasonCode, String reason) implements Packet {}

    record Suback(int packetId, List<Integer> reasonCodes) implements Packet {}

    record Pingresp() implements Packet {}

    /** @param comeBackSeconds how long to wait before the next session; 0 where the server does not say */
    record Disconnect(int reasonCode, String reason, int comeBackSeconds) implements Packet {}
}
