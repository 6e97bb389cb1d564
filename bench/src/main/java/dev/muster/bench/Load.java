package dev.muster.bench;

import dev.muster.protocol.AssetId;
import dev.muster.simulator.client.AssetClient;
import dev.muster.simulator.client.ClientListener;
import dev.muster.simulator.client.ClientNetwork;
import dev.muster.simulator.client.ClientSettings;
import dev.muster.simulator.client.Message;
import dev.muster.simulator.enrol.AssetIdentity;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/** The generator: one MQTT session per asset over mutual TLS, QoS 1. The same for the server and for the sink. */
final class Load implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final ClientNetwork network;
    private final List<Source> sources;
    private final int window;
    private final LongAdder acknowledged = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private final LongAdder reconnected = new LongAdder();
    /** Why attempts failed or sessions ended, and how often; the first hundred kinds. */
    private final Map<String, LongAdder> failures = new ConcurrentHashMap<>();

    private volatile boolean saturating;
    private volatile Histogram latencies = new ConcurrentHistogram(PATIENCE.toNanos(), 3);

    Load(InetSocketAddress server, List<X509Certificate> cas, List<AssetIdentity> identities, int window, int loops) {
        this.window = window;
        this.network = new ClientNetwork(server, cas, loops, identities.size(), 200);
        this.sources = IntStream.range(0, identities.size())
                .mapToObj(i -> new Source(identities.get(i), i))
                .toList();
    }

    /** Returns when all sessions are there. */
    void connect() throws Exception {
        sources.forEach(source -> source.client.start());
        try {
            CompletableFuture.allOf(sources.stream()
                            .map(source -> source.client.firstConnection())
                            .toArray(CompletableFuture[]::new))
                    .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            List<AssetId> away = sources.stream()
                    .filter(source -> !source.client.isConnected())
                    .map(source -> source.client.id())
                    .toList();
            throw new IllegalStateException(
                    away.size() + " of " + sources.size() + " sessions were not accepted in " + PATIENCE
                            + ", among them " + away.subList(0, Math.min(5, away.size())) + "; failures: " + failures,
                    e);
        }
    }

    long acknowledged() {
        return acknowledged.sum();
    }

    /** Throws when a message was refused or a session ended: then the figures mean nothing. */
    void requireUndisturbed() {
        if (refused.sum() > 0 || reconnected.sum() > 0) {
            throw new IllegalStateException(
                    refused.sum() + " messages were refused, " + reconnected.sum() + " sessions lost: " + failures);
        }
    }

    /** Every session keeps its window full, until {@link #drain}. */
    void saturate() {
        saturating = true;
        for (Source source : sources) {
            source.client.loop().execute(() -> {
                for (int i = 0; i < window; i++) {
                    source.publish(0);
                }
            });
        }
    }

    /** Sends no more and waits until all is acknowledged. */
    void drain() throws InterruptedException {
        saturating = false;
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (sources.stream().anyMatch(source -> source.outstanding() > 0)) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException("not all was acknowledged within " + PATIENCE);
            }
            Thread.sleep(5);
        }
    }

    /**
     * Messages at a fixed rate, spread over the sessions, whatever the other side does; latency counts from the time at
     * which each should have been sent to its acknowledgement.
     */
    Histogram openLoop(int rate, Duration duration) throws InterruptedException {
        latencies = new ConcurrentHistogram(PATIENCE.toNanos(), 3);
        long count = rate * duration.toSeconds();
        long begun = System.nanoTime();
        for (long i = 0; i < count; i++) {
            long intended = begun + i * 1_000_000_000L / rate;
            long early = intended - System.nanoTime();
            if (early > 0) {
                LockSupport.parkNanos(early);
            }
            Source source = sources.get((int) (i % sources.size()));
            source.client.loop().execute(() -> source.publish(intended));
        }
        drain();
        return latencies;
    }

    @Override
    public void close() throws Exception {
        CompletableFuture.allOf(sources.stream()
                        .map(source -> source.client.stop(Duration.ofSeconds(5)))
                        .toArray(CompletableFuture[]::new))
                .get(30, TimeUnit.SECONDS);
        network.close();
    }

    /** One asset. Its state belongs to its client's loop. */
    private final class Source implements ClientListener {
        private final AssetClient client;
        private final String topic;
        private final Deque<Long> intended = new ArrayDeque<>();
        private long lastTs;
        private volatile int outstanding;

        Source(AssetIdentity identity, int index) {
            ClientSettings settings = ClientSettings.standard().withBuffer(window, 10_000);
            this.client = new AssetClient(network, identity, settings, this, index);
            this.topic = "assets/" + identity.id() + "/telemetry";
        }

        int outstanding() {
            return outstanding;
        }

        /** @param at when it should be sent; 0 when that does not matter */
        @SuppressWarnings("NonAtomicOperationOnVolatileField") // one thread writes
        private void publish(long at) {
            lastTs = Math.max(lastTs + 1, System.currentTimeMillis()); // the key of a reading, so never twice
            intended.add(at);
            outstanding++;
            client.publish(Message.json(topic, Payloads.reading(lastTs)));
        }

        @Override
        @SuppressWarnings("NonAtomicOperationOnVolatileField") // one thread writes
        public void acknowledged(AssetClient client, Message message, long nanos) {
            acknowledged.increment();
            long at = settled();
            if (at > 0) {
                latencies.recordValue(Math.min(System.nanoTime() - at, PATIENCE.toNanos()));
            } else if (saturating) {
                publish(0);
            }
        }

        @Override
        public void refused(AssetClient client, Message message, int reasonCode) {
            refused.increment();
            settled();
        }

        @Override
        public void dropped(AssetClient client, Message message) {
            refused.increment();
            settled();
        }

        @Override
        public void disconnected(AssetClient client, String reason) {
            reconnected.increment();
            failed(reason);
        }

        @Override
        public void connectFailed(AssetClient client, String reason) {
            failed(reason);
        }

        private void failed(String reason) {
            if (failures.size() < 100) {
                failures.computeIfAbsent(reason, first -> new LongAdder()).increment();
            }
        }

        @SuppressWarnings("NonAtomicOperationOnVolatileField") // one thread writes
        private long settled() {
            outstanding--;
            Long at = intended.poll();
            return at == null ? 0 : at;
        }
    }
}
