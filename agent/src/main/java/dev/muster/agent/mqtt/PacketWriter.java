package dev.muster.agent.mqtt;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Encodes the packets of a client (OASIS MQTT 5.0, sections 3.1 to 3.14), each as the bytes of the wire. */
public final class PacketWriter {
    public static final int MAX_PACKET_ID = 65_535;

    private static final int VERSION = 5;
    private static final int CLEAN_START = 0x02;
    private static final int RECEIVE_MAXIMUM = 0x21;
    private static final int MAXIMUM_PACKET_SIZE = 0x27;

    private PacketWriter() {}

    /** A clean start without will, user name or password: who connects is in the certificate. */
    public static byte[] connect(String clientId, int keepAliveSeconds, int receiveMaximum, int maximumPacketSize) {
        var body = new Body();
        body.text("MQTT").u8(VERSION).u8(CLEAN_START).u16(keepAliveSeconds);
        var properties = new Body();
        properties
                .u8(RECEIVE_MAXIMUM)
                .u16(receiveMaximum)
                .u8(MAXIMUM_PACKET_SIZE)
                .u32(maximumPacketSize);
        body.variable(properties.size()).bytes(properties.toByteArray()).text(clientId);
        return packet(0x10, body);
    }

    /** QoS 1, not retained, no properties: the payload is JSON. */
    public static byte[] publish(String topic, int packetId, byte[] payload) {
        var body = new Body();
        body.text(topic).u16(packetId).variable(0).bytes(payload);
        return packet(0x32, body);
    }

    public static byte[] puback(int packetId) {
        return packet(0x40, new Body().u16(packetId));
    }

    public static byte[] subscribe(int packetId, List<String> topics) {
        var body = new Body().u16(packetId).variable(0);
        for (String topic : topics) {
            body.text(topic).u8(1);
        }
        return packet(0x82, body);
    }

    public static byte[] pingreq() {
        return packet(0xC0, new Body());
    }

    /** A normal end: the server discards a will. */
    public static byte[] disconnect() {
        return packet(0xE0, new Body());
    }

    private static byte[] packet(int header, Body body) {
        var whole = new Body();
        whole.u8(header).variable(body.size()).bytes(body.toByteArray());
        return whole.toByteArray();
    }

    private static final class Body extends ByteArrayOutputStream {
        Body u8(int value) {
            write(value);
            return this;
        }

        Body u16(int value) {
            return u8(value >>> 8).u8(value);
        }

        Body u32(int value) {
            return u16(value >>> 16).u16(value);
        }

        /** A variable byte integer (1.5.5). */
        Body variable(int value) {
            int rest = value;
            while (rest > 0x7F) {
                write((rest & 0x7F) | 0x80);
                rest >>>= 7;
            }
            return u8(rest);
        }

        Body text(String value) {
            byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
            return u16(utf8.length).bytes(utf8);
        }

        Body bytes(byte[] value) {
            writeBytes(value);
            return this;
        }
    }
}
