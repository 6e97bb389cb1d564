package dev.muster.bench;

import dev.muster.protocol.AssetId;
import dev.muster.simulator.enrol.AssetIdentity;
import dev.muster.simulator.enrol.ClaimToken;
import dev.muster.simulator.enrol.EstClient;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/**
 * Readings of eight metrics over MQTT with mutual TLS and QoS 1 into a real server, acknowledged when on disk, then
 * counted by query; beside a bare sink that acknowledges and forgets.
 */
@Command(name = "ingest", mixinStandardHelpOptions = true, description = "Messages into the whole server per second.")
final class IngestBench implements Callable<Integer> {
    @Option(names = "--connections", defaultValue = "1000", description = "Sessions (default 1000).")
    private int connections;

    @Option(names = "--window", defaultValue = "20", description = "Unacknowledged per session (default 20).")
    private int window;

    @Option(names = "--seconds", defaultValue = "15", description = "Of each measurement (default 15).")
    private int seconds;

    @Option(names = "--warm-up", defaultValue = "10", description = "Seconds before each measurement (default 10).")
    private int warmUp;

    @Option(names = "--rate", defaultValue = "2000", description = "Messages per second for latencies (default 2000).")
    private int rate;

    @Option(names = "--loops", defaultValue = "1", description = "Event loops of generator and sink (default 1).")
    private int loops;

    @Option(names = "--only-sink", description = "Measure the reference only.")
    private boolean onlySink;

    @Option(names = "--only-server", description = "Leave the reference out.")
    private boolean onlyServer;

    @Option(names = "--profile", description = "Print what the server does meanwhile; costs a few per cent.")
    private boolean profile;

    @Option(names = "--keep", description = "Keep the data directory and the server's log.")
    private boolean keep;

    private static final int TOP = 25;

    private record Result(
            double perSecond, double cpuMicros, double residentMiB, Histogram latency, long acknowledged) {}

    @Override
    public Integer call() throws Exception {
        Path directory = Files.createTempDirectory("muster-bench");
        Figures figures = new Figures("ingest", System.out);
        figures.setting("connections", connections);
        figures.setting("window", window);
        figures.setting("seconds", seconds + " after " + warmUp + " to warm up");
        figures.setting("payload", Payloads.reading(System.currentTimeMillis()).length + " bytes of JSON, 8 metrics");
        figures.setting("transport", "MQTT 5, QoS 1, TLS 1.3 with client certificates, keep-alive 60 s, loopback");
        figures.setting("generator", "same machine, event loops " + loops);
        try {
            @Nullable Result sink = onlyServer ? null : measureSink(directory);
            @Nullable Result server = onlySink ? null : measureServer(directory, figures);
            if (sink != null) {
                report(figures, "reference.sink", sink);
            }
            if (server != null) {
                report(figures, "ingest", server);
            }
            if (sink != null && server != null) {
                figures.figure("ingest.to-sink", server.perSecond / sink.perSecond, "ratio");
            }
            figures.write(Programs.root());
            return 0;
        } finally {
            if (keep) {
                System.out.println("kept " + directory);
            } else {
                delete(directory);
            }
        }
    }

    private void report(Figures figures, String name, Result result) {
        figures.figure(name + ".acknowledged", result.perSecond, "messages/s");
        figures.figure(name + ".cpu", result.cpuMicros, "us/message of its process and children");
        figures.figure(name + ".memory", result.residentMiB, "MiB resident after the load");
        figures.setting(name + ".latency", "open loop at " + rate + " messages/s, from the intended time");
        figures.figure(name + ".latency.p50", result.latency.getValueAtPercentile(50) / 1e6, "ms");
        figures.figure(name + ".latency.p99", result.latency.getValueAtPercentile(99) / 1e6, "ms");
        figures.figure(name + ".latency.p99.9", result.latency.getValueAtPercentile(99.9) / 1e6, "ms");
    }

    private Result measureSink(Path directory) throws Exception {
        try (SinkProcess sink = new SinkProcess(directory, loops)) {
            return measure(sink.address(), sink.cas(), sink.identities(connections), sink.process(), null);
        }
    }

    private Result measureServer(Path directory, Figures figures) throws Exception {
        try (MusterServer server = MusterServer.start(directory.resolve("data"))) {
            List<AssetIdentity> identities = enrol(server, connections);
            Instant begun = Instant.now();
            Path recording = profile ? directory.resolve("ingest.jfr") : null;
            Result result =
                    measure(server.mqtt(), identities.getFirst().cas(), identities, server.process(), recording);
            long stored = awaitStored(server, identities, begun, result.acknowledged);
            figures.figure("ingest.acknowledged-in-all", result.acknowledged, "messages");
            figures.figure("ingest.counted-by-query", stored, "messages");
            if (stored != result.acknowledged) {
                throw new IllegalStateException(
                        result.acknowledged + " messages were acknowledged, " + stored + " are found by query");
            }
            return result;
        }
    }

    private Result measure(
            InetSocketAddress address,
            List<X509Certificate> cas,
            List<AssetIdentity> identities,
            Process process,
            @Nullable Path recording)
            throws Exception {
        try (Load load = new Load(address, cas, identities, window, loops)) {
            load.connect();
            load.saturate();
            Thread.sleep(Duration.ofSeconds(warmUp));
            Profile recorded = recording == null ? null : Profile.start(process, recording);
            long before = load.acknowledged();
            double cpu = Programs.cpuMicros(process);
            long begun = System.nanoTime();
            Thread.sleep(Duration.ofSeconds(seconds));
            long count = load.acknowledged() - before;
            double took = (System.nanoTime() - begun) / 1e9;
            double cpuMicros = (Programs.cpuMicros(process) - cpu) / count;
            if (recorded != null) {
                recorded.stop(System.out, TOP);
            }
            load.drain();
            double resident = Programs.residentMiB(process);
            load.openLoop(rate, Duration.ofSeconds(3));
            Histogram latency = load.openLoop(rate, Duration.ofSeconds(seconds));
            load.requireUndisturbed();
            return new Result(count / took, cpuMicros, resident, latency, load.acknowledged());
        }
    }

    static List<AssetIdentity> enrol(MusterServer server, int count) throws Exception {
        ClaimToken token = server.claimToken(count);
        List<Future<AssetIdentity>> enrolling = new ArrayList<>();
        try (EstClient est = EstClient.pinned(server.device(), token);
                ExecutorService workers = Executors.newFixedThreadPool(16)) {
            for (int i = 0; i < count; i++) {
                AssetId id = new AssetId("bench-" + i);
                enrolling.add(workers.submit(() -> est.enrol(id, token)));
            }
            List<AssetIdentity> identities = new ArrayList<>();
            for (Future<AssetIdentity> one : enrolling) {
                identities.add(one.get());
            }
            return identities;
        }
    }

    /** Asks until as many readings are found as were acknowledged, at most two minutes. */
    private static long awaitStored(
            MusterServer server, List<AssetIdentity> identities, Instant begun, long acknowledged) throws Exception {
        long end = System.nanoTime() + Duration.ofMinutes(2).toNanos();
        while (true) {
            long stored = 0;
            for (AssetIdentity identity : identities) {
                stored += stored(server, identity, begun);
            }
            if (stored == acknowledged || System.nanoTime() > end) {
                return stored;
            }
            Thread.sleep(500);
        }
    }

    private static long stored(MusterServer server, AssetIdentity identity, Instant begun)
            throws IOException, InterruptedException {
        JsonNode answer = server.get("/api/v1/assets/" + identity.id() + "/telemetry?metrics=speed&step=PT1H&from="
                + begun.minusSeconds(60) + "&to=" + Instant.now().plusSeconds(3600));
        long count = 0;
        for (JsonNode series : answer.path("series")) {
            for (JsonNode point : series.path("points")) {
                count += point.path("count").asLong(0);
            }
        }
        return count;
    }

    static void delete(Path directory) throws IOException {
        try (var files = Files.walk(directory)) {
            for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
