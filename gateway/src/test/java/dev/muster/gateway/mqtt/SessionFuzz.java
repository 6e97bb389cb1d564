package dev.muster.gateway.mqtt;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.muster.gateway.config.DevicePlaneConfig;
import dev.muster.gateway.config.DevicePlaneConfig.PlainMqtt;
import dev.muster.gateway.journal.EntryKind;
import dev.muster.gateway.journal.Journal;
import dev.muster.gateway.journal.JournalHealth;
import dev.muster.gateway.journal.JournalReader;
import dev.muster.gateway.testing.TestAdmission;
import dev.muster.gateway.testing.TestDownlinks;
import dev.muster.gateway.testing.TestPki;
import dev.muster.protocol.AssetId;
import dev.muster.protocol.PayloadFormat;
import dev.muster.protocol.Uplink;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.mqtt.MqttDecoder;
import io.netty.handler.codec.mqtt.MqttEncoder;
import io.netty.util.ReferenceCountUtil;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Map;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * Any bytes from a client, through the whole pipeline of a session: nothing but an answer, a refusal or the end of the session
 * comes of it. The first byte says whether a good CONNECT of version 3.1.1 or 5 stands in front.
 */
public final class SessionFuzz {
    private static final InetSocketAddress ANY = new InetSocketAddress("127.0.0.1", 0);
    private static final Forgetful JOURNAL = new Forgetful();
    private static final MqttServer SERVER = server();

    private SessionFuzz() {}

    public static void fuzzerTestOneInput(byte[] data) {
        if (data.length == 0) {
            return;
        }
        EmbeddedChannel channel = new EmbeddedChannel();
        MqttSession session = new MqttSession(SERVER, new SessionLoop(channel.eventLoop(), JOURNAL), channel, null);
        channel.pipeline()
                .addLast(new PacketSizeGuard(SERVER.bounds.maxPacketBytes()))
                .addLast(new MqttDecoder(SERVER.bounds.maxPacketBytes(), 65_535))
                .addLast(MqttEncoder.INSTANCE)
                .addLast(session);
        switch (data[0] & 3) {
            case 1 -> feed(channel, connect(4));
            case 2 -> feed(channel, connect(5));
            default -> {
                // the client's own CONNECT, or none
            }
        }
        feed(channel, Arrays.copyOfRange(data, 1, data.length));
        channel.close();
        channel.runPendingTasks();
        JOURNAL.answer();
        channel.finishAndReleaseAll();
        if (SERVER.sessions() != 0) {
            throw new AssertionError("a session is left when its connection is gone");
        }
    }

    private static void feed(EmbeddedChannel channel, byte[] bytes) {
        if (channel.isOpen()) {
            channel.writeInbound(Unpooled.wrappedBuffer(bytes));
            JOURNAL.answer();
            channel.runPendingTasks();
            channel.runScheduledPendingTasks();
        }
        for (Object out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
            ReferenceCountUtil.release(out);
        }
    }

    private static byte[] connect(int version) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        text(body, "MQTT");
        body.write(version);
        body.write(0xc2);
        body.write(0);
        body.write(60);
        if (version == 5) {
            body.write(0);
        }
        text(body, "a");
        text(body, "a");
        text(body, "secret-of-a");
        byte[] packet = new byte[body.size() + 2];
        packet[0] = 0x10;
        packet[1] = (byte) body.size();
        System.arraycopy(body.toByteArray(), 0, packet, 2, body.size());
        return packet;
    }

    private static void text(ByteArrayOutputStream to, String text) {
        byte[] bytes = text.getBytes(UTF_8);
        to.write(bytes.length >> 8);
        to.write(bytes.length);
        to.writeBytes(bytes);
    }

    private static MqttServer server() {
        try {
            return MqttServer.start(
                    DevicePlaneConfig.listeningOn(ANY, ANY).with(PlainMqtt.listeningOn(ANY)),
                    new TestPki().server(),
                    JOURNAL,
                    new TestAdmission(),
                    new TestDownlinks(),
                    new SimpleMeterRegistry(),
                    Clock.systemUTC());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Takes everything, answers when told, remembers nothing. */
    private static final class Forgetful implements Journal {
        private final Queue<Runnable> answers = new ArrayDeque<>();
        private long next;

        @Override
        public synchronized boolean offer(
                long receivedAt,
                AssetId asset,
                EntryKind kind,
                String subtopic,
                PayloadFormat format,
                byte[] payload,
                @Nullable Uplink decoded,
                Ack ack) {
            long offset = next++;
            answers.add(() -> ack.durable(offset));
            return true;
        }

        synchronized void answer() {
            for (Runnable answer = answers.poll(); answer != null; answer = answers.poll()) {
                answer.run();
            }
        }

        @Override
        public void whenRoom(Runnable task) {
            throw new IllegalStateException("there is always room");
        }

        @Override
        public JournalReader reader(String consumer) {
            throw new UnsupportedOperationException("remembers nothing");
        }

        @Override
        public void forget(String consumer) {
            throw new UnsupportedOperationException("remembers nothing");
        }

        @Override
        public JournalHealth health() {
            return new JournalHealth(null, 0, next, 0, Long.MAX_VALUE, 0, Map.of());
        }

        @Override
        public void close() {
            // holds nothing
        }
    }
}
