package dev.muster.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.gateway.testing.Await;
import dev.muster.gateway.testing.TestPki;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.mqtt.MqttDecoder;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Many sessions at a time, each of another asset over mutual TLS, from several source addresses; the server in an own
 * process.
 *
 * <p>A few hundred by default. The measurement of {@code docs/protocol.md}:
 * {@code ./mvnw -pl gateway -am test -Dtest=ConnectionsTest -Dsurefire.failIfNoSpecifiedTests=false -Dconnections=18000}
 */
class ConnectionsTest {
    private static final int CONNECTIONS = Integer.getInteger("connections", 300);
    private static final int HANDSHAKES_AT_A_TIME = 64;
    private static final int ADDRESSES = 8;
    private static final long MINUTES = 20;

    private final TestPki pki = new TestPki();
    private final AtomicInteger accepted = new AtomicInteger();
    private final AtomicInteger acknowledged = new AtomicInteger();
    private final AtomicInteger lost = new AtomicInteger();
    private final Semaphore handshakes = new Semaphore(HANDSHAKES_AT_A_TIME);

    @Test
    void holdsAllSessionsAndTakesAMessageOfEach(@TempDir Path dir) throws Exception {
        ConnectionsServer.write(dir.resolve("server.p12"), pki.server());
        Process server = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx1g",
                        "-XX:+UseSerialGC",
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        ConnectionsServer.class.getName(),
                        dir.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        var clients = new MultiThreadIoEventLoopGroup(
                2, new DefaultThreadFactory("clients", true), NioIoHandler.newFactory());
        try (BufferedReader says = server.inputReader(StandardCharsets.UTF_8);
                BufferedWriter asks = server.outputWriter(StandardCharsets.UTF_8)) {
            int port = Integer.parseInt(line(says).split(" ")[1]);
            String[] before = report(says, asks);
            long started = System.nanoTime();
            Channel[] channels = connect(clients, port);
            Await.until("all accepted", Duration.ofMinutes(MINUTES), () -> accepted.get() + lost.get() == CONNECTIONS);
            double seconds = (System.nanoTime() - started) / 1e9;
            assertThat(lost).hasValue(0);
            String[] idle = report(says, asks);
            assertThat(Integer.parseInt(idle[1])).isEqualTo(CONNECTIONS);
            for (int i = 0; i < CONNECTIONS; i++) {
                channels[i].writeAndFlush(publish("asset-" + i));
            }
            Await.until(
                    "all acknowledged",
                    Duration.ofMinutes(MINUTES),
                    () -> acknowledged.get() + lost.get() == CONNECTIONS);
            String[] after = report(says, asks);
            assertThat(lost).hasValue(0);
            assertThat(Integer.parseInt(after[1])).isEqualTo(CONNECTIONS);
            figure("sessions", CONNECTIONS, "sessions");
            figure("handshakes", CONNECTIONS / seconds, "per_second");
            figure("resident_without_sessions", Long.parseLong(before[2]), "kB");
            figure("resident_with_idle_sessions", Long.parseLong(idle[2]), "kB");
            figure("resident_after_a_message_each", Long.parseLong(after[2]), "kB");
            figure("resident_per_session", perSession(before[2], after[2]), "kB");
            figure("heap_per_session", perSession(before[3], after[3]), "kB");
        } finally {
            clients.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
            if (!server.waitFor(30, TimeUnit.SECONDS)) {
                server.destroyForcibly().waitFor();
            }
        }
    }

    private static void figure(String name, double value, String unit) {
        System.out.printf("figure connections.%s %.1f %s%n", name, value, unit);
    }

    private static double perSession(String before, String after) {
        return (Long.parseLong(after) - Long.parseLong(before)) / (double) CONNECTIONS;
    }

    private static String[] report(BufferedReader says, BufferedWriter asks) throws Exception {
        asks.write("report\n");
        asks.flush();
        return line(says).split(" ");
    }

    private static String line(BufferedReader says) throws Exception {
        return Objects.requireNonNull(says.readLine(), "the server has ended");
    }

    private Channel[] connect(MultiThreadIoEventLoopGroup clients, int port) throws Exception {
        KeyPair key = TestPki.newKey();
        SslContext tls = SslContextBuilder.forClient()
                .sslProvider(OpenSsl.isAvailable() ? SslProvider.OPENSSL : SslProvider.JDK)
                .protocols("TLSv1.3")
                .trustManager(pki.ca())
                .endpointIdentificationAlgorithm("")
                .keyManager(new ByPeerName(pki, key))
                .build();
        var channels = new Channel[CONNECTIONS];
        for (int i = 0; i < CONNECTIONS; i++) {
            if (!handshakes.tryAcquire(MINUTES, TimeUnit.MINUTES)) {
                throw new AssertionError("no handshake ended for " + MINUTES + " minutes");
            }
            String asset = "asset-" + i;
            channels[i] = new Bootstrap()
                    .group(clients)
                    .channel(NioSocketChannel.class)
                    .option(ChannelOption.SO_REUSEADDR, true)
                    .handler(new ChannelInitializer<Channel>() {
                        @Override
                        protected void initChannel(Channel channel) {
                            channel.pipeline()
                                    .addLast(tls.newHandler(channel.alloc(), asset, port))
                                    .addLast(new MqttDecoder())
                                    .addLast(new Client());
                        }
                    })
                    .connect(
                            new InetSocketAddress("127.0.0.1", port),
                            new InetSocketAddress("127.0.0." + (2 + i % ADDRESSES), 0))
                    .channel();
        }
        return channels;
    }

    /** Connects, and counts what it is answered. */
    private final class Client extends SimpleChannelInboundHandler<MqttMessage> {
        private boolean waiting = true;

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof SslHandshakeCompletionEvent handshake && handshake.isSuccess()) {
                // MQTT 3.1.1, clean session, keep-alive 65,535 s, client id "c"
                byte[] connect = {0x10, 13, 0, 4, 'M', 'Q', 'T', 'T', 4, 2, -1, -1, 0, 1, 'c'};
                ctx.writeAndFlush(Unpooled.wrappedBuffer(connect));
            }
        }

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, MqttMessage message) {
            if (message.fixedHeader().messageType() == MqttMessageType.CONNACK) {
                accepted.incrementAndGet();
                goOn();
            } else if (message.fixedHeader().messageType() == MqttMessageType.PUBACK) {
                acknowledged.incrementAndGet();
            }
        }

        @Override
        public void channelUnregistered(ChannelHandlerContext ctx) {
            lost.incrementAndGet();
            goOn();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }

        private void goOn() {
            if (waiting) {
                waiting = false;
                handshakes.release();
            }
        }
    }

    private static ByteBuf publish(String asset) {
        byte[] topic = ("assets/" + asset + "/telemetry").getBytes(UTF_8);
        byte[] payload = "{\"a\":1}".getBytes(UTF_8);
        return Unpooled.buffer()
                .writeByte(0x32)
                .writeByte(2 + topic.length + 2 + payload.length)
                .writeShort(topic.length)
                .writeBytes(topic)
                .writeShort(1)
                .writeBytes(payload);
    }

    /** One key, and a certificate for the asset whose name the engine was given as its peer's. */
    private static final class ByPeerName extends X509ExtendedKeyManager {
        private final TestPki pki;
        private final KeyPair key;

        private ByPeerName(TestPki pki, KeyPair key) {
            this.pki = pki;
            this.key = key;
        }

        @Override
        public String chooseEngineClientAlias(
                String[] keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
            return Objects.requireNonNull(engine).getPeerHost();
        }

        @Override
        public X509Certificate[] getCertificateChain(String alias) {
            return new X509Certificate[] {pki.certify(alias, key.getPublic(), Duration.ofDays(1))};
        }

        @Override
        public PrivateKey getPrivateKey(String alias) {
            return key.getPrivate();
        }

        @Override
        public String[] getClientAliases(String keyType, Principal @Nullable [] issuers) {
            return new String[0];
        }

        @Override
        public @Nullable String chooseClientAlias(
                String[] keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
            return null;
        }

        @Override
        public String[] getServerAliases(String keyType, Principal @Nullable [] issuers) {
            return new String[0];
        }

        @Override
        public @Nullable String chooseServerAlias(
                String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
            return null;
        }
    }
}
