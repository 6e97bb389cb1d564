package dev.muster.simulator.client;

import dev.muster.simulator.enrol.AssetIdentity;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.OpenSslSessionContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * What all clients of one process share: event loops, the TLS context, the server's address, and a bound on the
 * connections being established at the same time.
 *
 * <p>TLS sessions are never resumed: a resumed session would carry the certificate of the asset that opened it.
 */
public final class ClientNetwork implements AutoCloseable {
    /** Below the 28,000 ephemeral ports of Linux for one pair of addresses. */
    static final int CONNECTIONS_PER_SOURCE = 20_000;

    private final EventLoopGroup loops;
    private final boolean epoll;
    private final InetSocketAddress server;
    private final List<X509Certificate> trusted;
    private final boolean spreadSources;
    private final AssetKeys keys = new AssetKeys();
    private final @Nullable SslContext shared;
    private final ConnectPermits permits;

    /**
     * @param trusted the CAs that may vouch for the server; none where there is no TLS
     * @param fleet clients that will be made; above 25,000 to a loopback server they connect from several loopback
     *     addresses
     * @param maxConnecting connections being established at the same time
     */
    public ClientNetwork(
            InetSocketAddress server, List<X509Certificate> trusted, int threads, int fleet, int maxConnecting) {
        this.epoll = Epoll.isAvailable();
        this.loops = new MultiThreadIoEventLoopGroup(
                threads,
                new DefaultThreadFactory("sim-loop", true),
                epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
        this.server = resolved(server);
        this.trusted = List.copyOf(trusted);
        this.spreadSources = fleet > 25_000 && this.server.getAddress().isLoopbackAddress();
        this.shared = OpenSsl.isAvailable() && !trusted.isEmpty() ? sharedContext() : null;
        this.permits = new ConnectPermits(maxConnecting);
    }

    public InetSocketAddress server() {
        return server;
    }

    public EventLoop nextLoop() {
        return loops.next();
    }

    /** To the server, from the client's source address; pipeline and handlers are the caller's. */
    public Bootstrap bootstrap(EventLoop loop, Duration connectTimeout, int clientIndex) {
        Bootstrap bootstrap = new Bootstrap()
                .group(loop)
                .channel(epoll ? EpollSocketChannel.class : NioSocketChannel.class)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, Math.toIntExact(connectTimeout.toMillis()))
                .remoteAddress(server);
        if (spreadSources) {
            bootstrap.localAddress(sourceOf(clientIndex));
            if (epoll) {
                bootstrap.option(EpollChannelOption.IP_BIND_ADDRESS_NO_PORT, true);
            }
        }
        return bootstrap;
    }

    /** 127.0.0.1 for the first 20,000 clients, 127.0.0.2 for the next, … */
    static InetSocketAddress sourceOf(int clientIndex) {
        int block = clientIndex / CONNECTIONS_PER_SOURCE;
        byte[] address = {127, 0, (byte) (block / 250), (byte) (1 + block % 250)};
        try {
            return new InetSocketAddress(InetAddress.getByAddress(address), 0);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an IPv4 address has four bytes", e);
        }
    }

    /** Mutual TLS as this asset. */
    public SslHandler sslHandler(ByteBufAllocator allocator, AssetIdentity identity, Duration timeout) {
        SslContext context = shared == null ? contextOf(identity) : shared;
        SslHandler handler = context.newHandler(allocator, server.getHostString(), server.getPort());
        handler.setHandshakeTimeoutMillis(timeout.toMillis());
        if (shared != null) {
            keys.register(handler.engine(), identity);
            handler.handshakeFuture().addListener(done -> keys.forget(handler.engine()));
        }
        return handler;
    }

    ConnectPermits permits() {
        return permits;
    }

    private SslContext sharedContext() {
        try {
            SslContext context =
                    clientContext(SslProvider.OPENSSL).keyManager(keys).build();
            ((OpenSslSessionContext) context.sessionContext()).setSessionCacheEnabled(false);
            return context;
        } catch (SSLException e) {
            throw new IllegalStateException("cannot prepare TLS for the simulated clients", e);
        }
    }

    /** Without BoringSSL each asset has a context of its own, because the JDK's would resume another asset's session. */
    private SslContext contextOf(AssetIdentity identity) {
        try {
            return clientContext(SslProvider.JDK)
                    .keyManager(identity.key(), identity.chain())
                    .build();
        } catch (SSLException e) {
            throw new IllegalStateException("cannot prepare TLS for asset " + identity.id(), e);
        }
    }

    private SslContextBuilder clientContext(SslProvider provider) {
        return SslContextBuilder.forClient()
                .sslProvider(provider)
                .protocols("TLSv1.3", "TLSv1.2")
                .trustManager(trusted)
                .endpointIdentificationAlgorithm("HTTPS");
    }

    private static InetSocketAddress resolved(InetSocketAddress address) {
        InetSocketAddress resolved =
                address.isUnresolved() ? new InetSocketAddress(address.getHostString(), address.getPort()) : address;
        if (resolved.isUnresolved()) {
            throw new IllegalArgumentException("host " + address.getHostString() + " cannot be resolved");
        }
        return resolved;
    }

    @Override
    public void close() {
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly(10, TimeUnit.SECONDS);
    }

    /** A bound on connections being established; those beyond it wait their turn. */
    static final class ConnectPermits {
        private final Queue<Runnable> waiting = new ArrayDeque<>();
        private int free;

        ConnectPermits(int permits) {
            this.free = permits;
        }

        /** Runs the task now or when a permit is released, in order of asking. The queue holds at most one entry per client. */
        void acquire(Runnable task) {
            synchronized (this) {
                if (free == 0) {
                    waiting.add(task);
                    return;
                }
                free--;
            }
            task.run();
        }

        void release() {
            Runnable next;
            synchronized (this) {
                next = waiting.poll();
                if (next == null) {
                    free++;
                    return;
                }
            }
            next.run();
        }
    }
}
