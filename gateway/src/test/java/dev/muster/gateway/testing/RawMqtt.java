package dev.muster.gateway.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.util.HexFormat;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/** A client that sends any bytes: what good clients never do, and what they do, byte by byte. */
public final class RawMqtt implements AutoCloseable {
    public static final int CONNECT = 1;
    public static final int CONNACK = 2;
    public static final int PUBLISH = 3;
    public static final int PUBACK = 4;
    public static final int SUBSCRIBE = 8;
    public static final int SUBACK = 9;
    public static final int UNSUBSCRIBE = 10;
    public static final int UNSUBACK = 11;
    public static final int PINGREQ = 12;
    public static final int PINGRESP = 13;
    public static final int DISCONNECT = 14;
    private static final int TIMEOUT_MILLIS = 15_000;

    private final Socket socket;
    private final DataInputStream in;
    private boolean v5;

    private RawMqtt(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new DataInputStream(socket.getInputStream());
    }

    /** @param protocols of TLS, none for those of the JDK */
    public static RawMqtt open(SSLContext tls, int port, String... protocols) throws IOException {
        Socket plain = new Socket();
        plain.connect(new InetSocketAddress("127.0.0.1", port), TIMEOUT_MILLIS);
        SSLSocket socket = (SSLSocket) tls.getSocketFactory().createSocket(plain, "127.0.0.1", port, true);
        if (protocols.length > 0) {
            socket.setEnabledProtocols(protocols);
        }
        socket.setSoTimeout(TIMEOUT_MILLIS);
        socket.startHandshake();
        return new RawMqtt(socket);
    }

    /** Without TLS. */
    public static RawMqtt openPlain(int port) throws IOException {
        Socket socket = new Socket();
        socket.connect(new InetSocketAddress("127.0.0.1", port), TIMEOUT_MILLIS);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        return new RawMqtt(socket);
    }

    /** A control packet as it came. */
    public record Packet(int type, int flags, byte[] body) {
        public int at(int index) {
            return body[index] & 0xff;
        }

        public int packetId() {
            return at(0) << 8 | at(1);
        }

        /** Of a PUBACK: 0 when it is left out. */
        public int reason() {
            return body.length < 3 ? 0 : at(2);
        }

        public boolean retain() {
            return (flags & 1) != 0;
        }

        public int qos() {
            return flags >> 1 & 3;
        }

        public String text() {
            return new String(body, UTF_8);
        }

        @Override
        public String toString() {
            return "Packet[" + type + " " + HexFormat.of().formatHex(body) + "]";
        }
    }

    public String tlsVersion() {
        return ((SSLSocket) socket).getSession().getProtocol();
    }

    // ---- sending

    public void send(int type, int flags, byte[] body) {
        var bytes = new ByteArrayOutputStream();
        bytes.write(type << 4 | flags);
        writeLength(bytes, body.length);
        bytes.writeBytes(body);
        sendBytes(bytes.toByteArray());
    }

    public void sendBytes(byte[] bytes) {
        try {
            socket.getOutputStream().write(bytes);
            socket.getOutputStream().flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What a CONNECT says. */
    public static final class Connect {
        public int version = 5;
        public String name = "MQTT";
        public String clientId = "any";
        public int keepAlive = 60;
        public boolean clean = true;
        public byte[] properties = {};
        public @Nullable String willTopic;
        public byte[] will = {};
        public byte[] willProperties = {};
        public int willQos = 1;
        public @Nullable String user;
        public @Nullable String password;
    }

    /** Sends CONNECT and returns what comes back. */
    public @Nullable Packet connect(Consumer<Connect> changes) {
        var connect = new Connect();
        changes.accept(connect);
        v5 = connect.version == 5;
        var body = new ByteArrayOutputStream();
        string(body, connect.name);
        body.write(connect.version);
        int flags = connect.clean ? 2 : 0;
        if (connect.willTopic != null) {
            flags |= 4 | connect.willQos << 3;
        }
        flags |= (connect.user == null ? 0 : 0x80) | (connect.password == null ? 0 : 0x40);
        body.write(flags);
        body.write(connect.keepAlive >> 8);
        body.write(connect.keepAlive);
        if (v5) {
            properties(body, connect.properties);
        }
        string(body, connect.clientId);
        if (connect.willTopic != null) {
            if (v5) {
                properties(body, connect.willProperties);
            }
            string(body, connect.willTopic);
            body.write(connect.will.length >> 8);
            body.write(connect.will.length);
            body.writeBytes(connect.will);
        }
        for (String credential : new String[] {connect.user, connect.password}) {
            if (credential != null) {
                string(body, credential);
            }
        }
        send(CONNECT, 0, body.toByteArray());
        return read();
    }

    public RawMqtt connected(int version) {
        Packet ack = connect(it -> it.version = version);
        if (ack == null || ack.type() != CONNACK || ack.at(1) != 0) {
            throw new IllegalStateException("CONNECT was answered by " + ack);
        }
        return this;
    }

    public void publish(int qos, int packetId, String topic, String payload) {
        publish(qos << 1, packetId, topic, new byte[0], payload.getBytes(UTF_8));
    }

    public void publish(int flags, int packetId, String topic, byte[] properties, byte[] payload) {
        var body = new ByteArrayOutputStream();
        string(body, topic);
        if ((flags & 6) != 0) {
            body.write(packetId >> 8);
            body.write(packetId);
        }
        if (v5) {
            properties(body, properties);
        }
        body.writeBytes(payload);
        send(PUBLISH, flags, body.toByteArray());
    }

    public void pubAck(int packetId) {
        send(PUBACK, 0, new byte[] {(byte) (packetId >> 8), (byte) packetId});
    }

    public void ping() {
        send(PINGREQ, 0, new byte[0]);
    }

    /** Subscribes to one filter and returns the code of its SUBACK. */
    public int subscribe(int packetId, String filter, int options) {
        return subscribe(packetId, filter, options, new byte[0]).body()[v5 ? 3 : 2] & 0xff;
    }

    public Packet subscribe(int packetId, String filter, int options, byte[] properties) {
        var body = new ByteArrayOutputStream();
        body.write(packetId >> 8);
        body.write(packetId);
        if (v5) {
            properties(body, properties);
        }
        string(body, filter);
        body.write(options);
        send(SUBSCRIBE, 2, body.toByteArray());
        return expect(v5 && properties.length > 0 ? DISCONNECT : SUBACK);
    }

    public int unsubscribe(int packetId, String filter) {
        var body = new ByteArrayOutputStream();
        body.write(packetId >> 8);
        body.write(packetId);
        if (v5) {
            properties(body, new byte[0]);
        }
        string(body, filter);
        send(UNSUBSCRIBE, 2, body.toByteArray());
        Packet ack = expect(UNSUBACK);
        return v5 ? ack.at(3) : 0;
    }

    // ---- receiving

    /** The next packet; null when the connection has ended. */
    public @Nullable Packet read() {
        try {
            int first = in.read();
            if (first < 0) {
                return null;
            }
            int length = 0;
            for (int shift = 0; ; shift += 7) {
                int next = in.readUnsignedByte();
                length |= (next & 0x7f) << shift;
                if (next < 0x80) {
                    break;
                }
            }
            byte[] body = new byte[length];
            in.readFully(body);
            return new Packet(first >> 4, first & 15, body);
        } catch (EOFException | SocketException ended) {
            return null;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public Packet expect(int type) {
        Packet packet = read();
        if (packet == null || packet.type() != type) {
            throw new AssertionError("expected packet type " + type + ", came " + packet);
        }
        return packet;
    }

    /** A DISCONNECT with this code, and then the end. */
    public void expectDisconnect(int code) {
        Packet packet = expect(DISCONNECT);
        if (packet.at(0) != code) {
            throw new AssertionError("expected reason 0x%x, came 0x%x".formatted(code, packet.at(0)));
        }
        expectEnd();
    }

    public void expectEnd() {
        Packet packet = read();
        if (packet != null) {
            throw new AssertionError("expected the end, came " + packet);
        }
    }

    /** Nothing else was on the way: a PINGRESP is the next to come. */
    public void expectNothing() {
        ping();
        expect(PINGRESP);
    }

    /** Cut, without a farewell of MQTT. */
    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    // ---- bytes

    public static byte[] stringProperty(int id, String value) {
        var out = new ByteArrayOutputStream();
        out.write(id);
        string(out, value);
        return out.toByteArray();
    }

    public static byte[] userProperty(String name, String value) {
        var out = new ByteArrayOutputStream();
        out.write(0x26);
        string(out, name);
        string(out, value);
        return out.toByteArray();
    }

    private static void string(ByteArrayOutputStream out, String text) {
        byte[] bytes = text.getBytes(UTF_8);
        out.write(bytes.length >> 8);
        out.write(bytes.length);
        out.writeBytes(bytes);
    }

    private static void properties(ByteArrayOutputStream out, byte[] properties) {
        writeLength(out, properties.length);
        out.writeBytes(properties);
    }

    private static void writeLength(ByteArrayOutputStream out, int length) {
        int rest = length;
        do {
            int digit = rest & 0x7f;
            rest >>= 7;
            out.write(rest > 0 ? digit | 0x80 : digit);
        } while (rest > 0);
    }
}
