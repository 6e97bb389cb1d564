package dev.muster.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * How long a reading takes at half of the load that the server bears: to its PUBACK, and until a query finds it.
 *
 * <p>The load is measured first, and is what the whole way bears, not what the journal takes while the stores fall behind; of
 * messages that come alone in their packets, as they do in the open loop, which cost the kernel more than those of full
 * windows. What a query finds is asked as everybody asks it, over HTTP, again and again for a reading that a session of its
 * own has published; the time counts from the publishing.
 */
@Command(name = "latency", mixinStandardHelpOptions = true, description = "Milliseconds to PUBACK and to readable.")
final class LatencyBench implements Callable<Integer> {
    @Option(names = "--tls", description = "Over TLS with client certificates instead of without TLS with tokens.")
    private boolean tls;

    @Option(names = "--connections", defaultValue = "1000", description = "Sessions (default 1000).")
    private int connections;

    @Option(
            names = "--window",
            defaultValue = "1",
            description = "Unacknowledged per session while the load is measured (default 1: messages come alone).")
    private int window;

    @Option(names = "--seconds", defaultValue = "30", description = "Of the measurement (default 30).")
    private int seconds;

    @Option(names = "--warm-up", defaultValue = "10", description = "Seconds before each measurement (default 10).")
    private int warmUp;

    @Option(names = "--rate", description = "Messages per second, instead of half of what is measured.")
    private int rate;

    @Option(names = "--keep", description = "Keep the data directory and the server's log.")
    private boolean keep;

    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final Duration PAUSE = Duration.ofMillis(10);

    @Override
    public Integer call() throws Exception {
        Path directory = Files.createTempDirectory("muster-bench");
        Figures figures = new Figures("latency", System.out);
        figures.setting("connections", connections);
        figures.setting("transport", (tls ? "TLS 1.3" : "no TLS") + ", MQTT 5, QoS 1, loopback");
        figures.setting("load", Programs.loadAverage());
        List<String> flags = tls ? List.of() : List.of("--mqtt-plain-listen=127.0.0.1:0");
        try (MusterServer server = MusterServer.start(directory.resolve("data"), flags)) {
            // One more than send the load: it is the one whose readings are asked for.
            Fleet fleet = Fleet.make(server, connections + 1, !tls);
            try (Load load = fleet.load(window, 1, 0)) {
                measure(server, load, figures);
            }
            figures.write(Programs.root());
            return 0;
        } finally {
            if (keep) {
                System.out.println("kept " + directory);
            } else {
                Programs.delete(directory);
            }
        }
    }

    private void measure(MusterServer server, Load load, Figures figures) throws Exception {
        load.connect();
        int perSecond = rate > 0 ? rate : half(server, load, figures);
        figures.setting("rate", perSecond + " messages/s, open loop, from the intended time");
        load.openLoop(perSecond, Duration.ofSeconds(warmUp), connections + 1);
        AtomicBoolean over = new AtomicBoolean();
        Histogram readable = new Histogram(PATIENCE.toNanos(), 3);
        CompletableFuture<Void> asking = CompletableFuture.runAsync(() -> ask(server, load, over, readable));
        Histogram acknowledged = load.openLoop(perSecond, Duration.ofSeconds(seconds), connections + 1);
        over.set(true);
        asking.join();
        load.drain();
        load.requireUndisturbed();
        tell(figures, "latency.acknowledged", acknowledged, "ms from the intended time to PUBACK");
        tell(figures, "latency.readable", readable, "ms from publishing until a query finds it");
        figures.figure("latency.readable.count", readable.getTotalCount(), "readings asked for");
    }

    /** Of what it takes for as long as one likes: a rate at which readings are not only acknowledged but can be queried. */
    private int half(MusterServer server, Load load, Figures figures) throws Exception {
        takenUntilReadable(server, load, Duration.ofSeconds(warmUp));
        double all = takenUntilReadable(server, load, Duration.ofSeconds(Math.min(seconds, 10)));
        figures.figure(
                "latency.sustained",
                all,
                "messages/s, " + window + " unacknowledged per session, until the last can be queried");
        return (int) (all / 2);
    }

    /** Messages a second, the time counted in which the consumers catch up. */
    private static double takenUntilReadable(MusterServer server, Load load, Duration sending) throws Exception {
        long before = load.acknowledged();
        long begun = System.nanoTime();
        load.saturate();
        Thread.sleep(sending);
        load.drain();
        server.awaitApplied(PATIENCE);
        return (load.acknowledged() - before) / ((System.nanoTime() - begun) / 1e9);
    }

    /** One reading after the other: publishes it and asks until it is found. */
    private static void ask(MusterServer server, Load load, AtomicBoolean over, Histogram readable) {
        try {
            long last = 0;
            while (!over.get()) {
                long ts = Math.max(last + 1, System.currentTimeMillis());
                last = ts;
                long begun = System.nanoTime();
                load.publishFirst(ts);
                String question = "/api/v1/assets/" + load.firstAsset() + "/telemetry?metrics=speed&from="
                        + Instant.ofEpochMilli(ts) + "&to=" + Instant.ofEpochMilli(ts + 1);
                while (server.get(question)
                        .path("series")
                        .path(0)
                        .path("points")
                        .isEmpty()) {
                    if (System.nanoTime() - begun > PATIENCE.toNanos()) {
                        throw new IllegalStateException("a reading is not found after " + PATIENCE);
                    }
                    Thread.sleep(PAUSE);
                }
                readable.recordValue(System.nanoTime() - begun);
                Thread.sleep(20);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void tell(Figures figures, String name, Histogram latency, String unit) {
        figures.figure(name + ".p50", latency.getValueAtPercentile(50) / 1e6, unit);
        figures.figure(name + ".p99", latency.getValueAtPercentile(99) / 1e6, "ms");
        figures.figure(name + ".p99.9", latency.getValueAtPercentile(99.9) / 1e6, "ms");
    }
}
