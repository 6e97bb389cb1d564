package dev.muster.agent.session;

import dev.muster.agent.budget.Bandwidth;
import dev.muster.agent.buffer.DiskBuffer;
import dev.muster.agent.buffer.Entry;
import dev.muster.agent.mqtt.Packet;
import dev.muster.agent.mqtt.PacketReader;
import dev.muster.agent.mqtt.PacketWriter;
import dev.muster.agent.mqtt.ProtocolException;
import dev.muster.protocol.AssetId;
import dev.muster.protocol.PayloadFormat;
import dev.muster.protocol.Topics;
import dev.muster.protocol.Uplink;
import dev.muster.protocol.UplinkCodec;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;

/**
 * One MQTT 5 session over one socket (OASIS MQTT 5.0): the caller's thread writes, another one reads. What the server
 * acknowledges is settled in the buffer; what it has not acknowledged at the end is on its way no longer.
 */
final class Session {
    private static final System.Logger LOG = System.getLogger(Session.class.getName());
    private static final int SUBSCRIBE_ID = PacketWriter.MAX_PACKET_ID;
    private static final int MAX_IN_FLIGHT = 32;
    private static final int MAX_IN_FLIGHT_BYTES = 512 * 1024;
    private static final int RECEIVE_MAXIMUM = 16;
    /** A desired document that is larger comes as an address. */
    private static final int MAXIMUM_PACKET_SIZE = 272 * 1024;

    private static final int MAX_DIRECT = 8;
    private static final long LONGEST_PAUSE_MILLIS = 1000;
    private static final long FIRST_RETRY_SECONDS = 2;
    private static final long LAST_RETRY_SECONDS = 60;

    private final AssetId id;
    private final Socket socket;
    private final DiskBuffer buffer;
    private final Bandwidth uploads;
    private final InboundQueue inbound;
    private final LinkFigures figures;
    private final OutputStream out;
    private final PacketReader in;
    private final Map<Integer, Sent> inFlight = new HashMap<>();
    private final Queue<Uplink> direct = new ArrayDeque<>();
    private int inFlightBytes;
    private int lastPacketId;
    private int window = MAX_IN_FLIGHT;
    private long largest = MAXIMUM_PACKET_SIZE;
    private int keepAliveSeconds;
    private long lastWrite;
    private long notBefore;
    private long retrySeconds = FIRST_RETRY_SECONDS;
    private @Nullable SessionEnd end;

    /** @param entry null for a message that is not kept when it gets lost */
    private record Sent(@Nullable Entry entry, int bytes) {}

    /** @param socket after its TLS handshake */
    Session(
            AssetId id,
            Socket socket,
            DiskBuffer buffer,
            Bandwidth uploads,
            InboundQueue inbound,
            LinkFigures figures,
            int keepAliveSeconds)
            throws IOException {
        this.id = id;
        this.socket = socket;
        this.buffer = buffer;
        this.uploads = uploads;
        this.inbound = inbound;
        this.figures = figures;
        this.keepAliveSeconds = keepAliveSeconds;
        this.out = socket.getOutputStream();
        this.in = new PacketReader(new BufferedInputStream(socket.getInputStream(), 4096), MAXIMUM_PACKET_SIZE);
        this.notBefore = System.nanoTime();
        this.lastWrite = notBefore;
    }

    /** CONNECT, hello, SUBSCRIBE. @return null when the session stands */
    @Nullable SessionEnd establish(Uplink.Hello hello) throws IOException {
        write(PacketWriter.connect(id.value(), keepAliveSeconds, RECEIVE_MAXIMUM, MAXIMUM_PACKET_SIZE));
        Packet answer = in.read();
        if (answer instanceof Packet.Disconnect(int code, String reason, int comeBackSeconds)) {
            return SessionEnd.ofCode("DISCONNECT", code, reason, comeBackSeconds);
        }
        if (!(answer instanceof Packet.Connack connack)) {
            throw new ProtocolException("the server answered CONNECT with " + (answer == null ? "nothing" : answer));
        }
        if (connack.reasonCode() != 0) {
            return SessionEnd.ofCode("CONNACK", connack.reasonCode(), connack.reason(), connack.comeBackSeconds());
        }
        window = Math.min(MAX_IN_FLIGHT, connack.receiveMaximum());
        largest = Math.min(MAXIMUM_PACKET_SIZE, connack.maximumPacketSize());
        if (connack.serverKeepAliveSeconds() > 0) {
            keepAliveSeconds = connack.serverKeepAliveSeconds();
        }
        socket.setSoTimeout(keepAliveSeconds * 1500);
        write(PacketWriter.subscribe(SUBSCRIBE_ID, List.of(Topics.desired(id), Topics.commands(id))));
        offer(hello);
        return null;
    }

    /** Until the session is over, or the caller's thread is interrupted. */
    SessionEnd run() throws InterruptedException {
        Thread reader = new Thread(this::read, "session-reader");
        reader.setDaemon(true);
        reader.start();
        SessionEnd over;
        try {
            writeUntilOver();
        } catch (IOException e) {
            finish(lost(e));
        } finally {
            closeSocket();
            reader.join();
            buffer.sessionLost();
        }
        synchronized (this) {
            over = end == null ? new SessionEnd(SessionEnd.Kind.LOST, "the connection ended") : end;
        }
        return over;
    }

    /** Sends a message that is not worth keeping when it cannot be sent: a sign of life. */
    synchronized void offer(Uplink uplink) {
        if (direct.size() < MAX_DIRECT) {
            direct.add(uplink);
        }
        buffer.wake();
    }

    /** Ends the session: the first reason counts. */
    synchronized void finish(SessionEnd reason) {
        if (end == null) {
            end = reason;
        }
        buffer.wake();
    }

    private synchronized boolean over() {
        return end != null;
    }

    private void writeUntilOver() throws IOException, InterruptedException {
        while (!over()) {
            keepAlive();
            if (!writeDirect() && !writeBuffered()) {
                buffer.awaitAppended(LONGEST_PAUSE_MILLIS);
            }
        }
        if (!socket.isClosed()) {
            write(PacketWriter.disconnect());
        }
    }

    private void keepAlive() throws IOException {
        if (System.nanoTime() - lastWrite > TimeUnit.SECONDS.toNanos(keepAliveSeconds) * 3 / 4) {
            write(PacketWriter.pingreq());
        }
    }

    private boolean writeDirect() throws IOException, InterruptedException {
        Uplink uplink;
        synchronized (this) {
            uplink = inFlight.size() < window ? direct.poll() : null;
        }
        if (uplink == null) {
            return false;
        }
        publish(Topics.uplink(id, uplink.kind(), ""), UplinkCodec.encode(uplink, PayloadFormat.JSON), null);
        return true;
    }

    private boolean writeBuffered() throws IOException, InterruptedException {
        if (!mayWrite()) {
            return false;
        }
        Entry entry = buffer.next();
        if (entry == null) {
            return false;
        }
        publish(Topics.uplink(id, entry.kind(), entry.subtopic()), entry.payload(), entry);
        return true;
    }

    private synchronized boolean mayWrite() {
        return inFlight.size() < window && inFlightBytes < MAX_IN_FLIGHT_BYTES && System.nanoTime() - notBefore >= 0;
    }

    private void publish(String topic, byte[] payload, @Nullable Entry entry) throws IOException, InterruptedException {
        int packetId;
        synchronized (this) {
            packetId = freePacketId();
        }
        byte[] packet = PacketWriter.publish(topic, packetId, payload);
        if (packet.length > largest) {
            discard(entry, "its packet has " + packet.length + " bytes, the server takes " + largest);
            return;
        }
        pay(packet.length);
        synchronized (this) {
            inFlight.put(packetId, new Sent(entry, packet.length));
            inFlightBytes += packet.length;
        }
        write(packet);
    }

    private int freePacketId() {
        do {
            lastPacketId = lastPacketId >= SUBSCRIBE_ID - 1 ? 1 : lastPacketId + 1;
        } while (inFlight.containsKey(lastPacketId));
        return lastPacketId;
    }

    /** Waits for the bandwidth, and keeps the session alive meanwhile. */
    private void pay(int bytes) throws IOException, InterruptedException {
        long debt = uploads.reserve(bytes);
        while (debt > 0 && !over()) {
            TimeUnit.NANOSECONDS.sleep(Math.min(debt, TimeUnit.MILLISECONDS.toNanos(LONGEST_PAUSE_MILLIS)));
            keepAlive();
            debt = uploads.debtNanos();
        }
    }

    private void write(byte[] packet) throws IOException {
        synchronized (out) {
            out.write(packet);
            out.flush();
        }
        lastWrite = System.nanoTime();
        figures.sent(packet.length);
    }

    private void read() {
        try {
            Packet packet = in.read();
            while (packet != null && !over()) {
                receive(packet);
                packet = in.read();
            }
            finish(new SessionEnd(SessionEnd.Kind.LOST, "the server closed the connection"));
        } catch (SocketTimeoutException e) {
            finish(new SessionEnd(SessionEnd.Kind.LOST, "nothing was heard for " + keepAliveSeconds * 3 / 2 + " s"));
        } catch (IOException e) {
            finish(lost(e));
        } catch (InterruptedException e) {
            finish(new SessionEnd(SessionEnd.Kind.LOST, "the agent stops"));
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "the reader of the session failed", e);
            finish(new SessionEnd(SessionEnd.Kind.LOST, "the agent failed: " + e));
        }
        closeSocket(); // a writer that is stuck comes loose
    }

    private void receive(Packet packet) throws IOException, InterruptedException {
        switch (packet) {
            case Packet.Publish publish -> received(publish);
            case Packet.Puback(int packetId, int reasonCode, String reason) ->
                acknowledged(packetId, reasonCode, reason);
            case Packet.Suback(int packetId, List<Integer> codes) -> subscribed(codes);
            case Packet.Pingresp() -> {
                // that it came is enough
            }
            case Packet.Disconnect(int code, String reason, int comeBackSeconds) ->
                finish(SessionEnd.ofCode("DISCONNECT", code, reason, comeBackSeconds));
            case Packet.Connack connack -> throw new ProtocolException("the server sent a second CONNACK");
        }
    }

    private void received(Packet.Publish publish) throws IOException, InterruptedException {
        Topics.Downlink downlink = Topics.downlink(id, publish.topic());
        if (downlink == null) {
            LOG.log(System.Logger.Level.WARNING, "a message on topic {0} was not subscribed to", publish.topic());
        } else {
            switch (downlink) {
                case DESIRED -> inbound.desired(publish.payload());
                case COMMANDS -> inbound.command(publish.payload());
            }
        }
        if (publish.packetId() != 0) {
            write(PacketWriter.puback(publish.packetId()));
        }
    }

    private void subscribed(List<Integer> codes) {
        if (codes.stream().anyMatch(code -> code >= 0x80)) {
            finish(new SessionEnd(SessionEnd.Kind.REFUSED, "the server refused the subscriptions with " + codes));
        } else {
            figures.established();
            inbound.connected();
        }
    }

    private void acknowledged(int packetId, int code, String reason) throws IOException {
        Sent sent;
        synchronized (this) {
            sent = inFlight.remove(packetId);
            if (sent != null) {
                inFlightBytes -= sent.bytes();
            }
        }
        Entry entry = sent == null ? null : sent.entry();
        if (code == 0x97 || code == 0x83) {
            later(entry, code, reason);
        } else if (code >= 0x80) {
            discard(entry, "PUBACK 0x" + Integer.toHexString(code) + (reason.isEmpty() ? "" : ", " + reason));
        } else if (entry != null) {
            retrySeconds = FIRST_RETRY_SECONDS;
            buffer.settle(entry);
            figures.stored();
        }
        buffer.wake();
    }

    /** The server has no room or cannot store now; others of the window may be acknowledged meanwhile. */
    private synchronized void later(@Nullable Entry entry, int code, String reason) {
        long seconds = ThreadLocalRandom.current().nextLong(retrySeconds / 2, retrySeconds + 1);
        notBefore = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        retrySeconds = Math.min(LAST_RETRY_SECONDS, retrySeconds * 2);
        LOG.log(
                System.Logger.Level.WARNING,
                "the server could not store a message (0x{0}{1}); sending again in {2} s",
                Integer.toHexString(code),
                reason.isEmpty() ? "" : ", " + reason,
                seconds);
        if (entry != null) {
            buffer.again(entry);
        }
    }

    private void discard(@Nullable Entry entry, String why) throws IOException {
        figures.refused(why);
        if (entry != null) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "a message of kind {0} was refused and is gone: {1}",
                    entry.kind(),
                    why);
            buffer.settle(entry);
        }
    }

    private void closeSocket() {
        try {
            socket.close();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "closing the socket: {0}", e.getMessage());
        }
    }

    /** An alert about our certificate comes with the first read after the handshake in TLS 1.3. */
    static SessionEnd lost(IOException failure) {
        String message = failure.getMessage() == null ? "" : ": " + failure.getMessage();
        boolean certificate = failure instanceof SSLException
                && !(failure.getCause() instanceof java.security.cert.CertificateException)
                && message.contains("Received fatal alert")
                && (message.contains("certificate")
                        || message.contains("unknown_ca")
                        || message.contains("access_denied"));
        String reason = failure.getClass().getSimpleName() + message;
        if (failure instanceof SSLHandshakeException && !certificate) {
            reason += "; is the server the one that the claim token pinned, does --server name it as its certificate"
                    + " does, and is the clock right?";
        }
        return new SessionEnd(certificate ? SessionEnd.Kind.REFUSED : SessionEnd.Kind.LOST, reason);
    }
}
