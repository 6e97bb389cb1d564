package dev.muster.simulator.client;

import dev.muster.simulator.enrol.AssetIdentity;
import dev.muster.simulator.enrol.TestCa;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.mqtt.MqttConnectMessage;
import io.netty.handler.codec.mqtt.MqttConnectReturnCode;
import io.netty.handler.codec.mqtt.MqttDecoder;
import io.netty.handler.codec.mqtt.MqttEncoder;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageBuilders;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttProperties.IntegerProperty;
import io.netty.handler.codec.mqtt.MqttProperties.MqttPropertyType;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A broker for tests: mutual TLS, records what it acknowledges, and misbehaves when told to. */
public final class TestBroker implements AutoCloseable {
    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final ChannelGroup sessions = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final Channel listening;

    /** {@code topic payload} in order of arrival, each one acknowledged. */
    public final Queue<String> acknowledged = new ConcurrentLinkedQueue<>();

    /** The same for those taken without an acknowledgement. */
    public final Queue<String> swallowed = new ConcurrentLinkedQueue<>();

    /** Client ids that came with a certificate of another name. */
    public final Set<String> mismatched = ConcurrentHashMap.newKeySet();

    /** Client ids by serial number of their certificates. */
    public final Set<String> serials = ConcurrentHashMap.newKeySet();

    public final Set<String> subscriptions = ConcurrentHashMap.newKeySet();
    public final AtomicInteger connects = new AtomicInteger();
    public final AtomicInteger unacknowledgedNow = new AtomicInteger();
    public volatile boolean silent;
    public volatile boolean refusing;
    public volatile boolean hangingUp;
    public volatile byte publishReason;
    public volatile int receiveMaximum = 65_535;

    public TestBroker(TestCa ca) throws Exception {
        AssetIdentity own = ca.server();
        SslContext tls = SslContextBuilder.forServer(own.key(), own.chain())
                .trustManager(ca.root())
                .clientAuth(ClientAuth.REQUIRE)
                .build();
        listening = new ServerBootstrap()
                .group(loops)
                .channel(NioServerSocketChannel.class)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline()
                                .addLast(
                                        tls.newHandler(channel.alloc()),
                                        MqttEncoder.INSTANCE,
                                        new MqttDecoder(1 << 20),
                                        new Session());
                    }
                })
                .bind(InetAddress.getLoopbackAddress(), 0)
                .sync()
                .channel();
    }

    public InetSocketAddress address() {
        return new InetSocketAddress("127.0.0.1", ((InetSocketAddress) listening.localAddress()).getPort());
    }

    /** Sessions that are open now. */
    public int open() {
        return sessions.size();
    }

    public void cutAll() {
        sessions.close().awaitUninterruptibly();
    }

    public void sendToAll(String topic, String payload) {
        sessions.writeAndFlush(MqttMessageBuilders.publish()
                .topicName(topic)
                .qos(io.netty.handler.codec.mqtt.MqttQoS.AT_LEAST_ONCE)
                .messageId(1)
                .payload(io.netty.buffer.Unpooled.copiedBuffer(payload, StandardCharsets.UTF_8))
                .build());
    }

    @Override
    public void close() {
        listening.close().awaitUninterruptibly();
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    private final class Session extends SimpleChannelInboundHandler<MqttMessage> {

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, MqttMessage message) throws Exception {
            switch (message.fixedHeader().messageType()) {
                case CONNECT -> onConnect(ctx, (MqttConnectMessage) message);
                case PUBLISH -> onPublish(ctx, (MqttPublishMessage) message);
                case SUBSCRIBE ->
                    ((io.netty.handler.codec.mqtt.MqttSubscribeMessage) message)
                            .payload()
                            .topicSubscriptions()
                            .forEach(wanted -> subscriptions.add(wanted.topicFilter()));
                case PINGREQ -> ctx.writeAndFlush(MqttMessage.PINGRESP);
                case DISCONNECT -> ctx.close();
                default -> {}
            }
        }

        private void onConnect(ChannelHandlerContext ctx, MqttConnectMessage connect) throws Exception {
            sessions.add(ctx.channel());
            connects.incrementAndGet();
            if (hangingUp) {
                ctx.close();
                return;
            }
            String id = connect.payload().clientIdentifier();
            X509Certificate certificate = (X509Certificate)
                    ctx.pipeline().get(SslHandler.class).engine().getSession().getPeerCertificates()[0];
            if (!certificate.getSubjectX500Principal().getName().equals("CN=" + id)) {
                mismatched.add(id + " came as " + certificate.getSubjectX500Principal());
            }
            serials.add(certificate.getSerialNumber().toString(16));
            MqttProperties properties = new MqttProperties();
            properties.add(new IntegerProperty(MqttPropertyType.RECEIVE_MAXIMUM.value(), receiveMaximum));
            MqttConnectReturnCode code = refusing
                    ? MqttConnectReturnCode.CONNECTION_REFUSED_NOT_AUTHORIZED_5
                    : MqttConnectReturnCode.CONNECTION_ACCEPTED;
            ctx.writeAndFlush(MqttMessageBuilders.connAck()
                    .returnCode(code)
                    .sessionPresent(false)
                    .properties(properties)
                    .build());
            if (refusing) {
                ctx.close();
            }
        }

        private void onPublish(ChannelHandlerContext ctx, MqttPublishMessage publish) {
            String line = publish.variableHeader().topicName() + " "
                    + publish.payload().toString(StandardCharsets.UTF_8);
            if (silent) {
                swallowed.add(line);
                unacknowledgedNow.incrementAndGet();
                return;
            }
            acknowledged.add(line);
            ctx.writeAndFlush(MqttMessageBuilders.pubAck()
                    .packetId(publish.variableHeader().packetId())
                    .reasonCode(publishReason)
                    .build());
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }
}
