package dev.muster.bench;

import dev.muster.simulator.client.ClientNetwork;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** Many sessions over mutual TLS that do little: each gives a sign of life in every minute, and comes back when it is cut. */
final class Crowd implements AutoCloseable, LoadSession.Observer {
    private static final int LOOPS = 2;
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    /** Of one attempt: in a storm most wait for their turn in the kernel's queue. */
    private static final Duration ATTEMPT = Duration.ofMinutes(2);

    private static final int ADDRESSES = 4;
    private static final int OF_ADDRESS = 20_000; // as ClientNetwork spreads them
    private static final int MINUTE_MILLIS = 60_000;

    private final ClientNetwork network;
    private final List<LoadSession> sessions = new ArrayList<>();
    private final List<EventLoop> loops = new ArrayList<>();
    private final Map<LoadSession, Integer> indexes = new ConcurrentHashMap<>();
    private final AtomicInteger connected = new AtomicInteger();
    private final LongAdder attempts = new LongAdder();
    private final Map<String, LongAdder> failures = new ConcurrentHashMap<>();
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "heartbeats");
        thread.setDaemon(true);
        return thread;
    });
    private int wanted;
    private int nextHeartbeat;
    private volatile boolean closing;

    Crowd(InetSocketAddress server, List<X509Certificate> cas, List<? extends Credential> credentials) {
        this.network = new ClientNetwork(server, cas, LOOPS, ADDRESSES * OF_ADDRESS, Integer.MAX_VALUE);
        for (int i = 0; i < credentials.size(); i++) {
            LoadSession session = new LoadSession(credentials.get(i), 1, 0, i, this);
            sessions.add(session);
            loops.add(network.nextLoop());
            indexes.put(session, i);
        }
        clock.scheduleAtFixedRate(this::beat, 100, 100, TimeUnit.MILLISECONDS);
    }

    /** Returns when so many are there, at most so many being established at a time. */
    void growTo(int count, int atATime) throws InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (connected.get() < count) {
            while (wanted < count && wanted - connected.get() < atATime) {
                open(wanted++);
            }
            requireInTime(end, count);
            Thread.sleep(1);
        }
    }

    /** What the other side knows of its sessions. */
    interface Sessions {
        boolean gone() throws Exception;
    }

    /**
     * Cuts all and lets all come back at once; returns how many seconds that took.
     *
     * @param before asked until the other side has noticed, so that it never has more sockets than there are sessions
     */
    double storm(Sessions before) throws Exception {
        int count = wanted;
        for (int i = 0; i < count; i++) {
            LoadSession session = sessions.get(i);
            loops.get(i).submit(session::cut).sync();
        }
        connected.set(0);
        attempts.reset();
        failures.clear();
        long noticed = System.nanoTime() + PATIENCE.toNanos();
        while (!before.gone()) {
            requireInTime(noticed, count);
            Thread.sleep(50);
        }
        long begun = System.nanoTime();
        for (int i = 0; i < count; i++) {
            open(i);
        }
        long end = begun + PATIENCE.toNanos();
        while (connected.get() < count) {
            requireInTime(end, count);
            Thread.sleep(1);
        }
        return (System.nanoTime() - begun) / 1e9;
    }

    private void requireInTime(long end, int count) {
        if (System.nanoTime() > end) {
            throw new IllegalStateException(connected.get() + " of " + count + " sessions are there after " + PATIENCE
                    + ", " + attempts + " connections were opened; failures: " + failures);
        }
    }

    long attempts() {
        return attempts.sum();
    }

    int connected() {
        return connected.get();
    }

    private void open(int index) {
        LoadSession session = sessions.get(index);
        attempts.increment();
        network.bootstrap(loops.get(index), ATTEMPT, index % ADDRESSES * OF_ADDRESS)
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        if (session.credential() instanceof Credential.Certificate certificate) {
                            channel.pipeline()
                                    .addLast(network.sslHandler(channel.alloc(), certificate.identity(), ATTEMPT));
                        }
                        channel.pipeline().addLast(session);
                    }
                })
                .connect()
                .addListener(done -> {
                    if (!done.isSuccess()) {
                        closed(session, String.valueOf(done.cause()));
                    }
                });
    }

    /** A tenth of a second's share of the heartbeats. */
    private void beat() {
        int share = Math.max(1, wanted * 100 / MINUTE_MILLIS);
        for (int i = 0; i < share && wanted > 0; i++) {
            int index = nextHeartbeat++ % wanted;
            loops.get(index).execute(sessions.get(index)::heartbeat);
        }
    }

    @Override
    public void connected(LoadSession session) {
        connected.incrementAndGet();
    }

    @Override
    public void acknowledged(LoadSession session, int count) {
        // heartbeats have QoS 0
    }

    @Override
    public void latency(LoadSession session, long intendedNanos) {
        // as above
    }

    @Override
    public void refused(LoadSession session, int reason) {
        // as above
    }

    /** Comes back after a while, as assets do. */
    @Override
    public void closed(LoadSession session, String reason) {
        if (closing) {
            return;
        }
        if (failures.size() < 100) {
            failures.computeIfAbsent(reason, first -> new LongAdder()).increment();
        }
        Integer index = indexes.get(session);
        if (index != null) {
            loops.get(index)
                    .schedule(
                            () -> open(index), ThreadLocalRandom.current().nextInt(500, 1_500), TimeUnit.MILLISECONDS);
        }
    }

    Map<String, LongAdder> failures() {
        return failures;
    }

    @Override
    public void close() {
        closing = true;
        clock.shutdownNow();
        network.close();
    }
}
