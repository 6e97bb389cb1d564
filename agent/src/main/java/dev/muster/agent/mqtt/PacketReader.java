package dev.muster.agent.mqtt;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Decodes the packets of a server (OASIS MQTT 5.0), one after the other. Used by one thread. */
public final class PacketReader {
    private static final String COME_BACK = "retry-after-seconds";
    private static final Pattern SECONDS = Pattern.compile("[0-9]{1,6}");

    private final InputStream in;
    private final int maximumPacketSize;

    public PacketReader(InputStream in, int maximumPacketSize) {
        this.in = in;
        this.maximumPacketSize = maximumPacketSize;
    }

    /** @return null at the end of the stream */
    public @Nullable Packet read() throws IOException {
        int header = in.read();
        if (header < 0) {
            return null;
        }
        int length = remainingLength();
        if (length > maximumPacketSize) {
            throw new ProtocolException(
                    "the server sent a packet of " + length + " bytes, at most " + maximumPacketSize + " were allowed");
        }
        byte[] body = in.readNBytes(length);
        if (body.length < length) {
            throw new EOFException("the connection ended inside a packet");
        }
        try {
            return decode(header, ByteBuffer.wrap(body));
        } catch (BufferUnderflowException e) {
            throw new ProtocolException("a packet of type " + (header >>> 4) + " is too short");
        }
    }

    private int remainingLength() throws IOException {
        int value = 0;
        for (int shift = 0; shift <= 21; shift += 7) {
            int next = in.read();
            if (next < 0) {
                throw new EOFException("the connection ended inside a packet");
            }
            value |= (next & 0x7F) << shift;
            if (next < 0x80) {
                return value;
            }
        }
        throw new ProtocolException("the length of a packet has more than four bytes");
    }

    private static Packet decode(int header, ByteBuffer body) throws ProtocolException {
        return switch (header >>> 4) {
            case 2 -> connack(body);
            case 3 -> publish(header, body);
            case 4 -> puback(body);
            case 9 -> suback(body);
            case 13 -> new Packet.Pingresp();
            case 14 -> disconnect(body);
            default ->
                throw new ProtocolException(
                        "the server sent a packet of type " + (header >>> 4) + ", which a QoS 1 client never gets");
        };
    }

    private static Packet connack(ByteBuffer body) throws ProtocolException {
        u8(body); // session present: this client always starts clean
        int reasonCode = u8(body);
        Properties properties = Properties.read(body);
        return new Packet.Connack(
                reasonCode,
                properties.reason,
                properties.receiveMaximum,
                properties.maximumPacketSize,
                properties.serverKeepAlive,
                properties.comeBackSeconds);
    }

    private static Packet publish(int header, ByteBuffer body) throws ProtocolException {
        int qos = header >>> 1 & 3;
        if (qos > 1) {
            throw new ProtocolException("the server sent a message of QoS " + qos + ", 1 was subscribed to");
        }
        String topic = text(body);
        int packetId = qos == 0 ? 0 : u16(body);
        Properties.read(body);
        byte[] payload = new byte[body.remaining()];
        body.get(payload);
        return new Packet.Publish(topic, packetId, payload);
    }

    private static Packet puback(ByteBuffer body) throws ProtocolException {
        int packetId = u16(body);
        int reasonCode = body.hasRemaining() ? u8(body) : 0;
        return new Packet.Puback(packetId, reasonCode, Properties.read(body).reason);
    }

    private static Packet suback(ByteBuffer body) throws ProtocolException {
        int packetId = u16(body);
        Properties.read(body);
        List<Integer> codes = new ArrayList<>();
        while (body.hasRemaining()) {
            codes.add(u8(body));
        }
        return new Packet.Suback(packetId, List.copyOf(codes));
    }

    private static Packet disconnect(ByteBuffer body) throws ProtocolException {
        int reasonCode = body.hasRemaining() ? u8(body) : 0;
        Properties properties = Properties.read(body);
        return new Packet.Disconnect(reasonCode, properties.reason, properties.comeBackSeconds);
    }

    private static int u8(ByteBuffer body) {
        return body.get() & 0xFF;
    }

    private static int u16(ByteBuffer body) {
        return body.getShort() & 0xFFFF;
    }

    private static String text(ByteBuffer body) {
        int length = u16(body);
        if (length > body.remaining()) {
            throw new BufferUnderflowException();
        }
        String text = new String(body.array(), body.position(), length, StandardCharsets.UTF_8);
        body.position(body.position() + length);
        return text;
    }

    private static int variable(ByteBuffer body) throws ProtocolException {
        int value = 0;
        for (int shift = 0; shift <= 21; shift += 7) {
            int next = u8(body);
            value |= (next & 0x7F) << shift;
            if (next < 0x80) {
                return value;
            }
        }
        throw new ProtocolException("a variable byte integer has more than four bytes");
    }

    /** The properties (2.2.2.2) that the agent heeds; the others are passed over by their type. */
    private static final class Properties {
        private String reason = "";
        private int receiveMaximum = 65_535;
        private long maximumPacketSize = Integer.MAX_VALUE;
        private int serverKeepAlive = -1;
        private int comeBackSeconds;

        static Properties read(ByteBuffer body) throws ProtocolException {
            var properties = new Properties();
            if (!body.hasRemaining()) {
                return properties;
            }
            int length = variable(body);
            if (length > body.remaining()) {
                throw new BufferUnderflowException();
            }
            int end = body.position() + length;
            while (body.position() < end) {
                properties.one(body);
            }
            if (body.position() != end) {
                throw new ProtocolException("the properties of a packet are longer than they say");
            }
            return properties;
        }

        private void one(ByteBuffer body) throws ProtocolException {
            int id = variable(body);
            switch (id) {
                case 0x1F -> reason = text(body);
                case 0x21 -> receiveMaximum = Math.max(1, u16(body));
                case 0x27 -> maximumPacketSize = body.getInt() & 0xFFFF_FFFFL;
                case 0x13 -> serverKeepAlive = u16(body);
                case 0x01, 0x17, 0x19, 0x24, 0x25, 0x28, 0x29, 0x2A -> u8(body);
                case 0x22, 0x23 -> u16(body);
                case 0x02, 0x11, 0x18 -> body.getInt();
                case 0x0B -> variable(body);
                case 0x03, 0x08, 0x12, 0x15, 0x1A, 0x1C, 0x09, 0x16 -> text(body);
                case 0x26 -> userProperty(text(body), text(body));
                default ->
                    throw new ProtocolException("property 0x" + Integer.toHexString(id) + " is not one of MQTT 5");
            }
        }

        private void userProperty(String name, String value) {
            if (name.equals(COME_BACK) && SECONDS.matcher(value).matches()) {
                comeBackSeconds = Integer.parseInt(value);
            }
        }
    }
}
