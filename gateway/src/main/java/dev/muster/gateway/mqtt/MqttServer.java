package dev.muster.gateway.mqtt;

import dev.muster.gateway.config.DevicePlaneConfig;
import dev.muster.gateway.journal.Journal;
import dev.muster.gateway.journal.JournalFailure;
import dev.muster.gateway.limit.ComeBack;
import dev.muster.gateway.limit.RateLimit;
import dev.muster.gateway.limit.Turns;
import dev.muster.gateway.port.Admission;
import dev.muster.gateway.port.DownlinkSource;
import dev.muster.gateway.port.TlsMaterial;
import dev.muster.protocol.AssetId;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.mqtt.MqttDecoder;
import io.netty.handler.codec.mqtt.MqttEncoder;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** MQTT over mutual TLS, on loopback also without: the listeners, and the live session of each asset. */
public final class MqttServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(MqttServer.class);
    private static final int MAX_CLIENT_ID_LENGTH = 65_535;
    private static final int BACKLOG = 4096;
    private static final int RETURNS_PER_SECOND = 250;
    private static final long CLOSE_SECONDS = 10;
    private static final long QUIET_MILLIS = 50;

    final DevicePlaneConfig.Mqtt bounds;
    final Journal journal;
    final Admission admission;
    final DownlinkSource downlink;
    final MqttMetrics metrics;
    final Clock clock;
    final Handshakes handshakes;
    final RateLimit connects;
    /** Null without a listener that lets clients in without TLS. */
    final @Nullable RateLimit plainAttempts;

    /** For entries whose asset waits for no acknowledgement; a loss is counted. */
    final Journal.Ack unheard = new Journal.Ack() {
        @Override
        public void durable(long offset) {
            // as expected, and nobody to tell
        }

        @Override
        public void failed(JournalFailure failure) {
            metrics.unacknowledged.increment();
        }
    };

    private final Map<AssetId, MqttSession> sessions = new ConcurrentHashMap<>();
    private final Accepting accepting = new Accepting();
    private final AtomicLong lastSession = new AtomicLong();
    private final String sessionPrefix = Long.toString(new SecureRandom().nextLong() & Long.MAX_VALUE, 36) + "-";
    private final AtomicBoolean closed = new AtomicBoolean();
    private final SslProvider tlsProvider;
    /** A thread of its own: behind the handshakes of a storm the kernel's backlog would overflow, and drop the rest. */
    private final EventLoopGroup acceptor;

    private final EventLoopGroup loops;
    private final Map<EventExecutor, SessionLoop> sessionLoops = new HashMap<>();
    private final Channel listener;
    private final @Nullable Channel plainListener;
    private volatile SslContext tls;

    private MqttServer(
            DevicePlaneConfig config,
            TlsMaterial material,
            SslProvider tlsProvider,
            boolean epoll,
            Journal journal,
            Admission admission,
            DownlinkSource downlink,
            MeterRegistry meters,
            Clock clock)
            throws IOException {
        this.bounds = config.mqtt();
        this.journal = journal;
        this.admission = admission;
        this.downlink = downlink;
        this.clock = clock;
        this.metrics = new MqttMetrics(meters, sessions::size);
        DevicePlaneConfig.Arrivals arrivals = bounds.arrivals();
        this.handshakes = new Handshakes(
                new Turns.Bounds(arrivals.handshakes(), arrivals.ofOneSource(), arrivals.waiting()),
                bounds.connectTimeout().multipliedBy(2),
                metrics,
                accepting::look);
        this.connects = new RateLimit(arrivals.connects());
        this.tlsProvider = tlsProvider;
        this.tls = TlsContexts.mutual(material, tlsProvider);
        IoHandlerFactory io = epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
        this.acceptor = new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("mqtt-accept", true), io);
        this.loops = new MultiThreadIoEventLoopGroup(config.eventLoops(), new DefaultThreadFactory("mqtt", true), io);
        for (EventExecutor loop : loops) {
            sessionLoops.put(loop, new SessionLoop((EventLoop) loop, journal));
        }
        Class<? extends ServerChannel> type = epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
        this.listener = listen(config.mqttListen(), type, true);
        accepting.guard(listener, handshakes::isFull);
        DevicePlaneConfig.PlainMqtt plain = config.plainMqtt();
        this.plainAttempts = plain == null ? null : new RateLimit(plain.attempts());
        this.plainListener = plain == null ? null : listen(plain.listen(), type, false);
        if (plainListener != null) {
            accepting.guard(plainListener, () -> false);
        }
    }

    public static MqttServer start(
            DevicePlaneConfig config,
            TlsMaterial material,
            Journal journal,
            Admission admission,
            DownlinkSource downlink,
            MeterRegistry meters,
            Clock clock)
            throws IOException {
        return start(
                config,
                material,
                TlsContexts.provider(),
                Epoll.isAvailable(),
                journal,
                admission,
                downlink,
                meters,
                clock);
    }

    /** The same on a chosen transport and TLS provider. */
    static MqttServer start(
            DevicePlaneConfig config,
            TlsMaterial material,
            SslProvider tlsProvider,
            boolean epoll,
            Journal journal,
            Admission admission,
            DownlinkSource downlink,
            MeterRegistry meters,
            Clock clock)
            throws IOException {
        var server = new MqttServer(config, material, tlsProvider, epoll, journal, admission, downlink, meters, clock);
        LOG.info(
                "mqtt listens on {} with {} event loops, {}, {}",
                server.listener.localAddress(),
                config.eventLoops(),
                epoll ? "epoll" : "nio",
                tlsProvider == SslProvider.JDK ? "tls of the jdk" : "boringssl");
        if (server.plainListener != null) {
            LOG.warn(
                    "mqtt without TLS listens on {}: programs on this machine can read what goes over it",
                    server.plainListener.localAddress());
        }
        return server;
    }

    private Channel listen(InetSocketAddress address, Class<? extends ServerChannel> type, boolean overTls)
            throws IOException {
        ChannelFuture bound = new ServerBootstrap()
                .group(acceptor, loops)
                .channel(type)
                .option(ChannelOption.SO_REUSEADDR, true)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true)
                .childOption(ChannelOption.AUTO_READ, !overTls)
                .childOption(
                        ChannelOption.WRITE_BUFFER_WATER_MARK,
                        new WriteBufferWaterMark(bounds.maxOutboundBytes() / 2, bounds.maxOutboundBytes()))
                .handler(new ChannelInboundHandlerAdapter() {
                    @Override
                    public void channelRead(ChannelHandlerContext ctx, Object child) {
                        accepting.accepted((Channel) child);
                        ctx.fireChannelRead(child);
                    }
                })
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        open(channel, overTls);
                    }
                })
                .bind(address)
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            acceptor.shutdownGracefully(0, 0, TimeUnit.SECONDS);
            loops.shutdownGracefully(0, 0, TimeUnit.SECONDS);
            throw new IOException(
                    "cannot listen for mqtt on " + address + ": "
                            + Objects.requireNonNull(bound.cause()).getMessage()
                            + "; choose another address or port",
                    bound.cause());
        }
        return bound.channel();
    }

    private void open(Channel channel, boolean overTls) {
        DevicePlaneConfig.Arrivals arrivals = bounds.arrivals();
        // A few more than there may be sessions: they are told when to come back.
        if (accepting.connections() > (long) bounds.maxSessions() + arrivals.waiting() + arrivals.handshakes()) {
            metrics.turnedAway(MqttMetrics.TurnedAway.TOO_MANY_CONNECTIONS);
            channel.close();
        } else if (overTls) {
            handshakes.arrived(channel, handshake -> begin(channel, handshake));
        } else {
            begin(channel, null);
        }
    }

    /** @param handshake null without TLS */
    private void begin(Channel channel, Handshakes.@Nullable Handshake handshake) {
        SessionLoop loop = Objects.requireNonNull(sessionLoops.get(channel.eventLoop()));
        if (handshake != null) {
            SslHandler ssl = tls.newHandler(channel.alloc());
            ssl.setHandshakeTimeoutMillis(bounds.connectTimeout().toMillis());
            channel.pipeline().addLast(ssl);
        }
        channel.pipeline()
                .addLast(new PacketSizeGuard(bounds.maxPacketBytes()))
                .addLast(new MqttDecoder(bounds.maxPacketBytes(), MAX_CLIENT_ID_LENGTH))
                .addLast(MqttEncoder.INSTANCE)
                .addLast(new MqttSession(this, loop, channel, handshake));
        channel.config().setAutoRead(true);
    }

    /** All places are taken, and not by an older session of the same asset. */
    boolean isFullFor(AssetId asset) {
        return sessions.size() >= bounds.maxSessions() && !sessions.containsKey(asset);
    }

    /** For a server that stops: its sessions come back at a pace that the next one can take. */
    int comeBackSeconds() {
        return ComeBack.within(1, sessions.size() / RETURNS_PER_SECOND);
    }

    String nextSessionId() {
        return sessionPrefix + Long.toString(lastSession.incrementAndGet(), 36);
    }

    /** The asset's older session, if there is one, is taken over. */
    void register(AssetId asset, MqttSession session) {
        MqttSession older = sessions.put(asset, session);
        if (older != null) {
            older.takenOver();
        }
    }

    void unregister(AssetId asset, MqttSession session) {
        sessions.remove(asset, session);
    }

    public int port() {
        return ((InetSocketAddress) listener.localAddress()).getPort();
    }

    /** 0 when there is no listener without TLS. */
    public int plainPort() {
        return plainListener == null ? 0 : ((InetSocketAddress) plainListener.localAddress()).getPort();
    }

    public int sessions() {
        return sessions.size();
    }

    public int disconnect(AssetId asset, String reason) {
        MqttSession session = sessions.get(asset);
        if (session == null) {
            return 0;
        }
        session.disconnect(reason);
        return 1;
    }

    public void nudge(AssetId asset) {
        MqttSession session = sessions.get(asset);
        if (session != null) {
            session.nudge();
        }
    }

    /** For new connections; live ones keep theirs. */
    public void replaceTls(TlsMaterial material) throws IOException {
        tls = TlsContexts.mutual(material, tlsProvider);
    }

    /** Sessions are told, their closing is journaled, then the threads end. */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        listener.close().awaitUninterruptibly();
        if (plainListener != null) {
            plainListener.close().awaitUninterruptibly();
        }
        // The loops cut whatever is open as soon as they shut down, so the farewells go out before.
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(CLOSE_SECONDS);
        sessionLoops.entrySet().stream()
                .map(each -> each.getKey().submit(() -> each.getValue().closeAll("server shutting down")))
                .toList()
                .forEach(told -> {
                    if (told.awaitUninterruptibly(end - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                        told.getNow()
                                .forEach(closed ->
                                        closed.awaitUninterruptibly(end - System.nanoTime(), TimeUnit.NANOSECONDS));
                    }
                });
        acceptor.shutdownGracefully(0, 0, TimeUnit.SECONDS).awaitUninterruptibly(CLOSE_SECONDS, TimeUnit.SECONDS);
        loops.shutdownGracefully(QUIET_MILLIS, TimeUnit.SECONDS.toMillis(CLOSE_SECONDS), TimeUnit.MILLISECONDS)
                .awaitUninterruptibly(CLOSE_SECONDS + 2, TimeUnit.SECONDS);
    }
}
