package dev.muster.bench;

import dev.muster.protocol.AssetId;
import dev.muster.simulator.client.ClientNetwork;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/** The generator: one MQTT session per asset, QoS 1. The same for the server and for what it is held against. */
final class Load implements AutoCloseable, LoadSession.Observer {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final long TICK_NANOS = 1_000_000;
    private static final int MAX_CONNECTING = 200;

    private final ClientNetwork network;
    private final List<Source> sources = new ArrayList<>();
    private final LongAdder acknowledged = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private final LongAdder lost = new LongAdder();
    /** Why attempts failed or sessions ended, and how often; the first hundred kinds. */
    private final Map<String, LongAdder> failures = new ConcurrentHashMap<>();

    private final Semaphore connecting = new Semaphore(MAX_CONNECTING);
    private final CountDownLatch connected;
    private volatile Histogram latencies = new ConcurrentHistogram(PATIENCE.toNanos(), 3);
    private volatile boolean closing;

    /** A session and the loop that it lives on. */
    record Source(LoadSession session, EventLoop loop) {}

    /**
     * @param cas that may vouch for the server; none without TLS
     * @param latePerMille how many of a thousand readings come late
     */
    Load(
            InetSocketAddress server,
            List<X509Certificate> cas,
            List<? extends Credential> credentials,
            int window,
            int loops,
            int latePerMille) {
        this.network = new ClientNetwork(server, cas, loops, credentials.size(), MAX_CONNECTING);
        this.connected = new CountDownLatch(credentials.size());
        for (int i = 0; i < credentials.size(); i++) {
            sources.add(
                    new Source(new LoadSession(credentials.get(i), window, latePerMille, i, this), network.nextLoop()));
        }
    }

    /** Returns when all sessions are there. */
    void connect() throws Exception {
        for (int i = 0; i < sources.size(); i++) {
            connecting.acquire();
            open(sources.get(i), i);
        }
        if (!connected.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            List<AssetId> away = sources.stream()
                    .map(Source::session)
                    .filter(session -> !session.isConnected())
                    .map(session -> session.credential().id())
                    .toList();
            throw new IllegalStateException(
                    away.size() + " of " + sources.size() + " sessions were not accepted in " + PATIENCE
                            + ", among them " + away.subList(0, Math.min(5, away.size())) + "; failures: " + failures);
        }
    }

    private void open(Source source, int index) {
        ChannelFuture opening = network.bootstrap(source.loop, Duration.ofSeconds(20), index)
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        if (source.session.credential() instanceof Credential.Certificate certificate) {
                            channel.pipeline()
                                    .addLast(network.sslHandler(
                                            channel.alloc(), certificate.identity(), Duration.ofSeconds(20)));
                        }
                        channel.pipeline().addLast(source.session);
                    }
                })
                .connect();
        opening.addListener(done -> {
            if (!done.isSuccess()) {
                closed(source.session, String.valueOf(done.cause()));
            }
        });
    }

    AssetId firstAsset() {
        return sources.getFirst().session.credential().id();
    }

    /** The first session sends a reading of this event time. */
    void publishFirst(long ts) {
        Source first = sources.getFirst();
        first.loop.execute(() -> first.session.publishOf(ts));
    }

    long acknowledged() {
        return acknowledged.sum();
    }

    /** Throws when a message was refused or a session ended: then the figures mean nothing. */
    void requireUndisturbed() {
        if (refused.sum() > 0 || lost.sum() > 0) {
            throw new IllegalStateException(
                    refused.sum() + " messages were refused, " + lost.sum() + " sessions lost: " + failures);
        }
    }

    /** Every session keeps its window full, until {@link #drain}. */
    void saturate() {
        sources.forEach(source -> source.loop.execute(() -> source.session.saturate(true)));
    }

    /** The first of every so many sessions uploads readings of a week ago as fast as its window allows. */
    void uploadBacklog(int oneIn) {
        for (int i = 0; i < sources.size(); i += oneIn) {
            Source source = sources.get(i);
            source.loop.execute(() -> source.session.uploadBacklog(true));
        }
    }

    /** Sends no more and waits until all is acknowledged. */
    void drain() throws InterruptedException {
        sources.forEach(source -> source.loop.execute(() -> source.session.uploadBacklog(false)));
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (sources.stream().anyMatch(source -> source.session.outstanding() > 0 || source.session.waiting() > 0)) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException(
                        "not all was acknowledged within " + PATIENCE + "; failures: " + failures);
            }
            Thread.sleep(5);
        }
    }

    Histogram openLoop(int rate, Duration duration) throws InterruptedException {
        Histogram measured = openLoop(rate, duration, Integer.MAX_VALUE);
        drain();
        return measured;
    }

    /**
     * Messages at a fixed rate, spread over the sessions, whatever the other side does; latency counts from the time at
     * which each should have been sent to its acknowledgement. Does not wait for the last ones.
     *
     * @param leftOut the first of every so many sessions sends none
     */
    Histogram openLoop(int rate, Duration duration, int leftOut) throws InterruptedException {
        Histogram measured = new ConcurrentHistogram(PATIENCE.toNanos(), 3);
        latencies = measured;
        List<Source> senders = new ArrayList<>();
        for (int i = 0; i < sources.size(); i++) {
            if (leftOut == Integer.MAX_VALUE || i % leftOut != 0) {
                senders.add(sources.get(i));
            }
        }
        List<EventLoop> loops = senders.stream().map(Source::loop).distinct().toList();
        long count = rate * duration.toSeconds();
        long begun = System.nanoTime();
        long next = 0;
        while (next < count) {
            long early = intended(begun, next, rate) - System.nanoTime();
            if (early > 0) {
                LockSupport.parkNanos(Math.max(early, TICK_NANOS)); // a wake-up per message would cost more than it
            }
            long from = next;
            long to = Math.min(count, Math.max(next, (System.nanoTime() - begun) * rate / 1_000_000_000L + 1));
            loops.forEach(loop -> loop.execute(() -> {
                for (long i = from; i < to; i++) {
                    Source source = senders.get((int) (i % senders.size()));
                    if (source.loop == loop) {
                        source.session.publish(intended(begun, i, rate));
                    }
                }
            }));
            next = to;
        }
        return measured;
    }

    private static long intended(long begun, long message, int rate) {
        return begun + message * 1_000_000_000L / rate;
    }

    // ---- what sessions tell

    @Override
    public void connected(LoadSession session) {
        connecting.release();
        connected.countDown();
    }

    @Override
    public void acknowledged(LoadSession session, int count) {
        acknowledged.add(count);
    }

    @Override
    public void latency(LoadSession session, long intendedNanos) {
        latencies.recordValue(Math.min(System.nanoTime() - intendedNanos, PATIENCE.toNanos()));
    }

    @Override
    public void refused(LoadSession session, int reason) {
        refused.increment();
        failed("PUBLISH was answered by 0x" + Integer.toHexString(reason));
    }

    @Override
    public void closed(LoadSession session, String reason) {
        if (!closing) {
            lost.increment();
            failed(reason);
        }
    }

    private void failed(String reason) {
        if (failures.size() < 100) {
            failures.computeIfAbsent(reason, first -> new LongAdder()).increment();
        }
    }

    @Override
    public void close() {
        closing = true;
        network.close();
    }
}
