package dev.muster.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Readings of eight metrics over MQTT with QoS 1 into a real server, acknowledged when on disk, then counted by query; beside a
 * bare sink that acknowledges and forgets, and without TLS beside Mosquitto with one subscriber.
 */
@Command(name = "ingest", mixinStandardHelpOptions = true, description = "Messages into the whole server per second.")
final class IngestBench implements Callable<Integer> {
    @Option(names = "--plain", description = "Without TLS, with tokens, on loopback; Mosquitto is measured, too.")
    private boolean plain;

    @Option(
            names = "--late",
            paramLabel = "SHARE",
            description = "Measure again with so many readings late by one hour to three days, for example 2%%.")
    private @Nullable String late;

    @Option(
            names = "--backlog",
            description = "One asset in a hundred uploads readings of a week ago; how long the others wait.")
    private boolean backlog;

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

    @Option(names = "--only-server", description = "Leave the references out.")
    private boolean onlyServer;

    @Option(names = "--profile", description = "Print what the server does meanwhile; costs a few per cent.")
    private boolean profile;

    @Option(names = "--top", defaultValue = "5", description = "Lines of each part of the profile (default 5).")
    private int top;

    @Option(names = "--keep", description = "Keep the data directory and the server's log.")
    private boolean keep;

    /** One session in so many uploads a backlog. */
    private static final int ONE_IN = 100;

    private static final Duration PATIENCE = Duration.ofMinutes(4);

    private record Result(double perSecond, double cpuMicros, double residentMiB, Histogram latency) {}

    @Override
    public Integer call() throws Exception {
        Path directory = Files.createTempDirectory("muster-bench");
        Figures figures = new Figures("ingest", System.out);
        figures.setting("connections", connections);
        figures.setting("window", window);
        figures.setting("seconds", seconds + " after " + warmUp + " to warm up");
        figures.setting("payload", Payloads.length(0) + " bytes of JSON, 8 metrics");
        figures.setting(
                "transport",
                (plain ? "MQTT 5, QoS 1, no TLS, tokens" : "MQTT 5, QoS 1, TLS 1.3 with client certificates")
                        + ", keep-alive 60 s, loopback");
        figures.setting("generator", "same machine, event loops " + loops);
        figures.setting("load", Programs.loadAverage());
        try {
            if (backlog) {
                measureBacklog(directory, figures);
            } else if (late != null) {
                measureLate(directory, figures);
            } else {
                measureOnTime(directory, figures);
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

    // ---- on time, beside the references

    private void measureOnTime(Path directory, Figures figures) throws Exception {
        Result sink = onlyServer ? null : measureSink(directory, figures);
        Result mosquitto = onlyServer || onlySink || !plain ? null : measureMosquitto(directory, figures);
        if (onlySink) {
            return;
        }
        try (MusterServer server = start(directory)) {
            Fleet fleet = Fleet.make(server, connections, plain);
            Instant begun = Instant.now();
            try (Load load = fleet.load(window, loops, 0)) {
                Path recording = profile ? directory.resolve("ingest.jfr") : null;
                Result result = measure(load, server.process(), recording);
                report(figures, "ingest", result);
                compare(figures, "ingest.to-sink", result, sink);
                compare(figures, "ingest.to-mosquitto", result, mosquitto);
                figures.figure("ingest.acknowledged-in-all", load.acknowledged(), "messages");
                figures.figure(
                        "ingest.counted-by-query",
                        fleet.requireStored(begun.minusSeconds(60), load.acknowledged(), PATIENCE),
                        "messages");
            }
        }
    }

    private static void compare(Figures figures, String name, Result result, @Nullable Result reference) {
        if (reference != null) {
            figures.figure(name, result.perSecond / reference.perSecond, "ratio");
        }
    }

    private Result measureSink(Path directory, Figures figures) throws Exception {
        try (SinkProcess sink = new SinkProcess(directory, loops, plain);
                Load load = sink.load(connections, window, loops)) {
            Result result = measure(load, sink.process(), null);
            report(figures, "reference.sink", result);
            return result;
        }
    }

    private @Nullable Result measureMosquitto(Path directory, Figures figures) throws Exception {
        Optional<Path> program = Mosquitto.program();
        if (program.isEmpty()) {
            figures.setting("reference.mosquitto", "not measured: there is no mosquitto; install Debian's package");
            return null;
        }
        try (Mosquitto mosquitto = Mosquitto.start(program.get(), directory);
                Load load = mosquitto.load(connections, window, loops)) {
            figures.setting(
                    "reference.mosquitto",
                    "persistence, one subscriber of QoS 1; acknowledges what is not on disk yet");
            Result result = measure(load, mosquitto.process(), null);
            report(figures, "reference.mosquitto", result);
            return result;
        }
    }

    private Result measure(Load load, Process process, @Nullable Path recording) throws Exception {
        load.connect();
        load.saturate();
        Thread.sleep(Duration.ofSeconds(warmUp));
        Profile recorded = recording == null ? null : Profile.start(process, recording);
        long before = load.acknowledged();
        double cpu = Programs.cpuMicros(process);
        double own = Programs.ownCpuMicros();
        long begun = System.nanoTime();
        Thread.sleep(Duration.ofSeconds(seconds));
        long count = load.acknowledged() - before;
        double took = (System.nanoTime() - begun) / 1e9;
        double cpuMicros = (Programs.cpuMicros(process) - cpu) / count;
        System.out.printf(Locale.ROOT, "generator %.2f us/message%n", (Programs.ownCpuMicros() - own) / count);
        if (recorded != null) {
            recorded.stop(System.out, top);
        }
        load.drain();
        double resident = Programs.residentMiB(process);
        load.openLoop(rate, Duration.ofSeconds(3));
        Histogram latency = load.openLoop(rate, Duration.ofSeconds(seconds));
        load.requireUndisturbed();
        return new Result(count / took, cpuMicros, resident, latency);
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

    // ---- late

    private void measureLate(Path directory, Figures figures) throws Exception {
        int perMille = perMille(String.valueOf(late));
        figures.setting("late", perMille / 10.0 + "% late by one hour to three days, spread over that time");
        try (MusterServer server = start(directory)) {
            Fleet fleet = Fleet.make(server, connections, plain);
            double onTime = untilStored(figures, "on-time", server, fleet, 0);
            double withLate = untilStored(figures, "late", server, fleet, perMille);
            figures.figure("late.to-on-time", withLate / onTime, "ratio of messages stored per second");
        }
    }

    /**
     * Messages stored per second, from the first one until the telemetry store has applied the last: acknowledged is what is in
     * the journal, so that a store that falls behind shows only here.
     */
    private double untilStored(Figures figures, String name, MusterServer server, Fleet fleet, int perMille)
            throws Exception {
        try (Load load = fleet.load(window, loops, perMille)) {
            load.connect();
            Instant since = Instant.now();
            long begun = System.nanoTime();
            load.saturate();
            Thread.sleep(Duration.ofSeconds(warmUp + seconds));
            load.drain();
            double acknowledged = load.acknowledged() / ((System.nanoTime() - begun) / 1e9);
            server.awaitApplied(PATIENCE);
            double stored = load.acknowledged() / ((System.nanoTime() - begun) / 1e9);
            load.requireUndisturbed();
            figures.figure(name + ".acknowledged", acknowledged, "messages/s");
            figures.figure(name + ".stored", stored, "messages/s until all could be queried");
            if (perMille > 0) {
                // What the measurement before stored is on time, and so before this one's earliest on-time reading.
                long all = fleet.stored(Instant.now().minus(Duration.ofDays(8)));
                figures.figure(name + ".counted-by-query", all, "messages of both measurements");
                requireAll(load.acknowledged() + onTimeCount, all);
            } else {
                onTimeCount = fleet.requireStored(since.minusSeconds(60), load.acknowledged(), PATIENCE);
            }
            return stored;
        }
    }

    private long onTimeCount;

    private static void requireAll(long acknowledged, long stored) {
        if (acknowledged != stored) {
            throw new IllegalStateException(
                    acknowledged + " messages were acknowledged, " + stored + " are found by query");
        }
    }

    private static int perMille(String share) {
        String number = share.endsWith("%") ? share.substring(0, share.length() - 1) : share;
        double percent = Double.parseDouble(number);
        if (percent <= 0 || percent > 100) {
            throw new IllegalArgumentException("--late is " + share + "; a share such as 2% is allowed");
        }
        return (int) Math.round(percent * 10);
    }

    // ---- a backlog

    private void measureBacklog(Path directory, Figures figures) throws Exception {
        figures.setting(
                "backlog", "1 of " + ONE_IN + " sessions, window " + window + ", readings of a week ago, 1 s apart");
        try (MusterServer server = start(directory)) {
            Fleet fleet = Fleet.make(server, connections, plain);
            Instant since = Instant.now().minus(Duration.ofDays(8));
            try (Load load = fleet.load(window, loops, 0)) {
                load.connect();
                load.openLoop(rate, Duration.ofSeconds(warmUp), ONE_IN);
                Histogram alone = load.openLoop(rate, Duration.ofSeconds(seconds), ONE_IN);
                load.drain();
                long before = load.acknowledged();
                load.uploadBacklog(ONE_IN);
                Histogram beside = load.openLoop(rate, Duration.ofSeconds(seconds), ONE_IN);
                load.drain();
                long uploaded = load.acknowledged() - before - (long) rate * seconds;
                load.requireUndisturbed();
                figures.figure("backlog.uploaded", uploaded / (double) seconds, "messages/s of the backlog");
                waits(figures, "others.without", alone);
                waits(figures, "others.beside", beside);
                figures.figure(
                        "others.beside-to-without",
                        beside.getValueAtPercentile(99) / (double) alone.getValueAtPercentile(99),
                        "ratio of p99");
                figures.figure(
                        "backlog.counted-by-query",
                        fleet.requireStored(since, load.acknowledged(), PATIENCE),
                        "messages of all");
            }
        }
    }

    private static void waits(Figures figures, String name, Histogram latency) {
        figures.figure(name + ".p50", latency.getValueAtPercentile(50) / 1e6, "ms from the intended time to PUBACK");
        figures.figure(name + ".p99", latency.getValueAtPercentile(99) / 1e6, "ms");
    }

    private MusterServer start(Path directory) throws Exception {
        return MusterServer.start(
                directory.resolve("data"), plain ? List.of("--mqtt-plain-listen=127.0.0.1:0") : List.of());
    }
}
