package dev.muster.simulator.client;

import dev.muster.protocol.AssetId;
import dev.muster.simulator.client.Outbox.Sent;
import dev.muster.simulator.enrol.AssetIdentity;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.mqtt.MqttDecoder;
import io.netty.handler.codec.mqtt.MqttEncoder;
import io.netty.handler.timeout.IdleStateHandler;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One asset's MQTT 5 client: mutual TLS, QoS 1, a bounded window in flight and a bounded buffer behind it.
 *
 * <p>It reconnects with full-jitter back-off until stopped; what was not acknowledged is sent again, unchanged and in
 * order, on the next session. All state belongs to one event loop; the public methods may be called from any thread.
 */
public final class AssetClient {
    /** The server's disk is full: the same again later (docs/protocol.md, section 4). */
    private static final int NO_ROOM = 0x97;

    private static final long AGAIN_MILLIS = 1_000;

    private static final Duration STABLE_AFTER = Duration.ofSeconds(5);

    private final ClientNetwork network;
    private volatile AssetIdentity identity;
    private final ClientSettings settings;
    private final ClientListener listener;
    private final int index;
    private final EventLoop loop;
    private final Backoff backoff;
    private final Outbox outbox;
    private final CompletableFuture<Void> firstConnection = new CompletableFuture<>();
    private final CompletableFuture<Void> stopped = new CompletableFuture<>();

    private @Nullable Channel channel;
    private @Nullable MqttSession session;
    private boolean stopping;
    private boolean away;
    private boolean connectPending;
    private volatile boolean connected;

    /** @param index of the client in its fleet; chooses its source address and seeds its back-off */
    public AssetClient(
            ClientNetwork network,
            AssetIdentity identity,
            ClientSettings settings,
            ClientListener listener,
            int index) {
        this.network = network;
        this.identity = identity;
        this.settings = settings;
        this.listener = listener;
        this.index = index;
        this.loop = network.nextLoop();
        this.backoff = new Backoff(
                settings.backoffBase(), settings.backoffCap(), new SplittableRandom(System.nanoTime() ^ (index * 31L)));
        this.outbox = new Outbox(settings.maxInFlight(), settings.maxBuffered());
    }

    public AssetId id() {
        return identity.id();
    }

    public AssetIdentity identity() {
        return identity;
    }

    /** Another certificate of the same asset; the next connection is made with it. */
    public void renewed(AssetIdentity next) {
        if (!next.id().equals(identity.id())) {
            throw new IllegalArgumentException(
                    "the certificate is of asset " + next.id() + ", not of " + identity.id());
        }
        identity = next;
    }

    /** The loop on which this client's listener is called and on which its work is best scheduled. */
    public EventLoop loop() {
        return loop;
    }

    public boolean isConnected() {
        return connected;
    }

    /** Done with the first CONNACK that says success; never fails by itself. */
    public CompletableFuture<Void> firstConnection() {
        return firstConnection;
    }

    public void start() {
        loop.execute(this::connect);
    }

    /** Cuts the connection without a word and makes no other until {@link #comeBack}; what is buffered is kept. */
    public void goAway() {
        loop.execute(() -> {
            away = true;
            if (channel != null) {
                channel.close();
            }
        });
    }

    /** Ends {@link #goAway}: connects at once. */
    public void comeBack() {
        loop.execute(() -> {
            away = false;
            if (channel == null) {
                connect();
            }
        });
    }

    /** Takes the message into the buffer and sends it as soon as the session and the window allow. */
    public void publish(Message message) {
        if (loop.inEventLoop()) {
            enqueue(message);
        } else {
            loop.execute(() -> enqueue(message));
        }
    }

    /** Cuts the connection without a word, as a lost network does; the client comes back by itself. */
    public void cut() {
        loop.execute(() -> {
            if (channel != null) {
                channel.close();
            }
        });
    }

    /** Waits at most {@code drain} for outstanding acknowledgements, then disconnects; does not come back. */
    public CompletableFuture<Void> stop(Duration drain) {
        loop.execute(() -> {
            if (stopping) {
                return;
            }
            stopping = true;
            long deadline = System.nanoTime() + drain.toNanos();
            awaitDrained(deadline);
        });
        return stopped;
    }

    private void awaitDrained(long deadline) {
        if (outbox.isEmpty() || away || System.nanoTime() - deadline >= 0) {
            finish();
        } else {
            loop.schedule(() -> awaitDrained(deadline), 20, TimeUnit.MILLISECONDS);
        }
    }

    private void finish() {
        Channel open = channel;
        if (open == null || !open.isActive()) {
            stopped.complete(null);
            return;
        }
        if (session != null) {
            session.sendDisconnect();
        }
        open.close().addListener(done -> stopped.complete(null));
    }

    private boolean finished() {
        return stopped.isDone() || (stopping && (outbox.isEmpty() || away));
    }

    private void enqueue(Message message) {
        Message dropped = outbox.offer(message);
        if (dropped != null) {
            listener.dropped(this, dropped);
        }
        if (session != null) {
            session.pump();
        }
    }

    private void connect() {
        if (finished() || away || connectPending) {
            return;
        }
        connectPending = true;
        network.permits().acquire(() -> loop.execute(this::connectWithPermit));
    }

    private void connectWithPermit() {
        connectPending = false;
        if (finished() || away || channel != null) {
            network.permits().release();
            return;
        }
        Bootstrap bootstrap = network.bootstrap(loop, settings.connectTimeout(), index);
        Attempt attempt = new Attempt();
        bootstrap.handler(new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel ch) {
                ChannelPipeline pipeline = ch.pipeline();
                pipeline.addLast(network.sslHandler(ch.alloc(), identity, settings.connectTimeout()));
                pipeline.addLast(MqttEncoder.INSTANCE);
                pipeline.addLast(new MqttDecoder(1 << 20));
                long keepAlive = settings.keepAlive().toMillis();
                pipeline.addLast(new IdleStateHandler(keepAlive * 3 / 2, keepAlive * 3 / 4, 0, TimeUnit.MILLISECONDS));
                pipeline.addLast(new MqttSession(identity.id(), settings, outbox, attempt));
            }
        });
        ChannelFuture connecting = bootstrap.connect();
        Channel opened = connecting.channel();
        channel = opened;
        connecting.addListener(done -> {
            if (!done.isSuccess()) {
                attempt.failed(String.valueOf(done.cause()));
            }
        });
        opened.closeFuture().addListener(closed -> attempt.closed());
    }

    /** One try to connect and the session that may come of it; its callbacks run on the client's loop. */
    private final class Attempt implements MqttSession.Events {
        private boolean permitHeld = true;
        private boolean established;
        private boolean over;
        private @Nullable String reason;
        private long establishedAt;
        private Duration comeBack = Duration.ZERO;

        @Override
        public void established(MqttSession mqtt) {
            releasePermit();
            established = true;
            establishedAt = System.nanoTime();
            session = mqtt;
            connected = true;
            listener.connected(AssetClient.this);
            firstConnection.complete(null);
            mqtt.pump();
        }

        @Override
        public void acknowledged(Sent sent, long nanos) {
            listener.acknowledged(AssetClient.this, sent.message(), nanos);
        }

        @Override
        public void refused(Sent sent, int reasonCode) {
            if (reasonCode == NO_ROOM) {
                loop.schedule(() -> enqueue(sent.message()), AGAIN_MILLIS, TimeUnit.MILLISECONDS);
                return;
            }
            listener.refused(AssetClient.this, sent.message(), reasonCode);
        }

        @Override
        public void received(String topic, byte[] payload) {
            listener.received(AssetClient.this, topic, payload);
        }

        @Override
        public void failed(String why) {
            if (reason == null) {
                reason = why;
            }
        }

        @Override
        public void comeBackAfter(Duration wait) {
            comeBack = wait;
        }

        private void closed() {
            if (over) {
                return;
            }
            over = true;
            releasePermit();
            session = null;
            channel = null;
            connected = false;
            outbox.sessionLost();
            String why = reason == null ? "the connection was closed by the other side" : reason;
            if (established) {
                if (System.nanoTime() - establishedAt > STABLE_AFTER.toNanos()) {
                    backoff.reset();
                }
                listener.disconnected(AssetClient.this, why);
            } else {
                listener.connectFailed(AssetClient.this, why);
            }
            if (finished()) {
                stopped.complete(null);
            } else if (!away && !loop.isShuttingDown()) {
                loop.schedule(AssetClient.this::connect, backoff.next(comeBack).toMillis(), TimeUnit.MILLISECONDS);
            }
        }

        private void releasePermit() {
            if (permitHeld) {
                permitHeld = false;
                network.permits().release();
            }
        }
    }
}
