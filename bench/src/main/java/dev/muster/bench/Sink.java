package dev.muster.bench;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.mqtt.MqttConnectReturnCode;
import io.netty.handler.codec.mqtt.MqttDecoder;
import io.netty.handler.codec.mqtt.MqttEncoder;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageBuilders;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The least that acknowledges MQTT, over mutual TLS or plain: decodes, answers, forgets. What ingest is held against. */
@Command(name = "sink", hidden = true, description = "The bare MQTT sink, in a process of its own.")
final class Sink implements Callable<Integer> {
    @Option(names = "--keys", description = "PKCS #12 of the server's key and chain; without it there is no TLS.")
    private @Nullable Path keys;

    @Option(names = "--loops", required = true, description = "Event loops.")
    private int loops;

    @Override
    public Integer call() throws Exception {
        boolean epoll = Epoll.isAvailable();
        SslContext tls = keys == null ? null : tls(keys);
        try (MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(
                loops, epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory())) {
            Channel listening = new ServerBootstrap()
                    .group(group)
                    .channel(epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class)
                    .option(ChannelOption.SO_BACKLOG, 4096)
                    .childOption(ChannelOption.TCP_NODELAY, true)
                    .childHandler(new ChannelInitializer<>() {
                        @Override
                        protected void initChannel(Channel channel) {
                            if (tls != null) {
                                channel.pipeline().addLast(tls.newHandler(channel.alloc()));
                            }
                            channel.pipeline()
                                    .addLast(new MqttDecoder(256 * 1024))
                                    .addLast(MqttEncoder.INSTANCE)
                                    .addLast(new Acknowledging());
                        }
                    })
                    .bind(new InetSocketAddress("127.0.0.1", 0))
                    .sync()
                    .channel();
            System.out.println("port " + ((InetSocketAddress) listening.localAddress()).getPort());
            System.in.readAllBytes(); // until whoever started this ends
        }
        return 0;
    }

    private static SslContext tls(Path keys) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(keys)) {
            store.load(in, BenchCa.PASSWORD);
        }
        X509Certificate leaf = (X509Certificate) store.getCertificateChain("server")[0];
        X509Certificate ca = (X509Certificate) store.getCertificateChain("server")[1];
        return SslContextBuilder.forServer((PrivateKey) store.getKey("server", BenchCa.PASSWORD), leaf)
                .sslProvider(OpenSsl.isAvailable() ? SslProvider.OPENSSL : SslProvider.JDK)
                .protocols("TLSv1.3", "TLSv1.2")
                .trustManager(ca)
                .clientAuth(ClientAuth.REQUIRE)
                .build();
    }

    private static final class Acknowledging extends SimpleChannelInboundHandler<MqttMessage> {
        @Override
        protected void channelRead0(ChannelHandlerContext context, MqttMessage message) {
            switch (message.fixedHeader().messageType()) {
                case CONNECT ->
                    context.writeAndFlush(MqttMessageBuilders.connAck()
                            .returnCode(MqttConnectReturnCode.CONNECTION_ACCEPTED)
                            .build());
                case PUBLISH -> {
                    if (message.fixedHeader().qosLevel() == MqttQoS.AT_LEAST_ONCE) {
                        context.write(
                                MqttMessageBuilders.pubAck()
                                        .packetId(((MqttPublishMessage) message)
                                                .variableHeader()
                                                .packetId())
                                        .build(),
                                context.voidPromise());
                    }
                }
                case PINGREQ -> context.writeAndFlush(MqttMessage.PINGRESP);
                default -> {
                    // the generator sends nothing else that wants an answer
                }
            }
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            context.flush();
        }
    }
}
