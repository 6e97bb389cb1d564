package dev.muster.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;

/** The two packets of MQTT 5 that a generator writes. */
final class Packets {
    private static final int CONNECT = 0x10;
    private static final int PUBLISH_QOS_0 = 0x30;
    private static final int PUBLISH_QOS_1 = 0x32;
    private static final int CLEAN_START = 0x02;
    private static final int WITH_USER_AND_PASSWORD = 0xc0;
    private static final int KEEP_ALIVE_SECONDS = 60;

    private Packets() {}

    /** @param secret empty for a CONNECT without user name and password */
    static void connect(ByteBuf out, String id, String secret) {
        byte[] name = id.getBytes(UTF_8);
        byte[] password = secret.getBytes(UTF_8);
        boolean shows = password.length > 0;
        out.writeByte(CONNECT);
        length(out, 10 + 1 + 2 + name.length + (shows ? 2 + name.length + 2 + password.length : 0));
        text(out, "MQTT".getBytes(UTF_8));
        out.writeByte(5).writeByte(shows ? CLEAN_START | WITH_USER_AND_PASSWORD : CLEAN_START);
        out.writeShort(KEEP_ALIVE_SECONDS).writeByte(0);
        text(out, name);
        if (shows) {
            text(out, name);
            text(out, password);
        }
    }

    /**
     * A reading.
     *
     * @param packetId 0 for QoS 0
     * @param index which of the {@link Payloads}
     */
    static void publish(ByteBuf out, byte[] topic, int packetId, long ts, int index) {
        int id = packetId == 0 ? 0 : 2;
        out.writeByte(packetId == 0 ? PUBLISH_QOS_0 : PUBLISH_QOS_1);
        length(out, 2 + topic.length + id + 1 + Payloads.length(index));
        text(out, topic);
        if (packetId != 0) {
            out.writeShort(packetId);
        }
        out.writeByte(0);
        Payloads.write(out, ts, index);
    }

    /** A sign of life, QoS 0. */
    static void heartbeat(ByteBuf out, byte[] topic) {
        out.writeByte(PUBLISH_QOS_0);
        length(out, 2 + topic.length + 1 + 2);
        text(out, topic);
        out.writeByte(0).writeByte('{').writeByte('}');
    }

    private static void text(ByteBuf out, byte[] text) {
        out.writeShort(text.length).writeBytes(text);
    }

    private static void length(ByteBuf out, int length) {
        int left = length;
        while (left > 127) {
            out.writeByte(left & 0x7f | 0x80);
            left >>>= 7;
        }
        out.writeByte(left);
    }
}
