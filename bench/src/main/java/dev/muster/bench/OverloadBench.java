package dev.muster.bench;

import dev.muster.simulator.client.ClientNetwork;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.EventLoop;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Far more than the server can take, for minutes: clients with QoS 0 that send as much as their sockets take, some with QoS 1 that never
 * read, and beside them sessions with QoS 1 whose windows are always full. The server's memory is watched; then it must serve as before.
 */
@Command(
        name = "overload",
        mixinStandardHelpOptions = true,
        description = "Memory under overload, and what comes after.")
final class OverloadBench implements Callable<Integer> {
    @Option(names = "--sessions", defaultValue = "500", description = "With QoS 1 and a full window (default 500).")
    private int sessions;

    @Option(names = "--floods", defaultValue = "100", description = "With QoS 0, without end (default 100).")
    private int floods;

    @Option(names = "--deaf", defaultValue = "10", description = "With QoS 1, never reading (default 10).")
    private int deaf;

    @Option(names = "--seconds", defaultValue = "120", description = "Of overload (default 120).")
    private int seconds;

    @Option(
            names = "--rate",
            defaultValue = "2000",
            description = "Messages per second before and after (default 2000).")
    private int rate;

    @Option(names = "--keep", description = "Keep the data directory and the server's log.")
    private boolean keep;

    private static final int WINDOW = 64;
    private static final int FIRST_SECONDS = 20;
    private static final Duration STEP = Duration.ofSeconds(2);
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    @Override
    public Integer call() throws Exception {
        Path directory = Files.createTempDirectory("muster-bench");
        Figures figures = new Figures("overload", System.out);
        figures.setting(
                "overload",
                sessions + " sessions of QoS 1 with window " + WINDOW + ", " + floods + " floods of QoS 0, " + deaf
                        + " of QoS 1 that never read, no TLS");
        figures.setting("seconds", seconds);
        figures.setting("load", Programs.loadAverage());
        try (MusterServer server =
                MusterServer.start(directory.resolve("data"), List.of("--mqtt-plain-listen=127.0.0.1:0"))) {
            Fleet fleet = Fleet.make(server, sessions + floods + deaf, true);
            try (Load load = fleet.part(0, sessions).load(WINDOW, 1, 0)) {
                load.connect();
                load.openLoop(rate, Duration.ofSeconds(10));
                Histogram before = load.openLoop(rate, Duration.ofSeconds(10));
                overload(server, fleet, load, figures);
                Histogram meanwhile = catchUp(server, load, figures);
                Histogram after = load.openLoop(rate, Duration.ofSeconds(10));
                load.requireUndisturbed();
                figures.figure("catching-up.p99", meanwhile.getValueAtPercentile(99) / 1e6, "ms to PUBACK");
                figures.figure("before.p99", before.getValueAtPercentile(99) / 1e6, "ms to PUBACK");
                figures.figure("after.p99", after.getValueAtPercentile(99) / 1e6, "ms to PUBACK, the same process");
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

    private void overload(MusterServer server, Fleet fleet, Load load, Figures figures) throws Exception {
        LongAdder sent = new LongAdder();
        long acknowledged = load.acknowledged();
        double early = 0;
        double most = 0;
        double files = 0;
        try (ClientNetwork network = new ClientNetwork(server.mqttPlain(), List.of(), 1, floods + deaf, 100)) {
            List<Credential.Token> tokens = fleet.tokens().subList(sessions, sessions + floods + deaf);
            for (int i = 0; i < tokens.size(); i++) {
                open(network, tokens.get(i), i >= floods, i, sent);
            }
            load.saturate();
            for (int second = 0; second < seconds; second++) {
                Thread.sleep(1_000);
                double resident = Programs.residentKiB(server.process().pid()) / 1024;
                if (second < Math.min(FIRST_SECONDS, seconds / 2)) {
                    early = Math.max(early, resident);
                } else if (resident > most) {
                    most = resident;
                    files = Programs.residentFilesKiB(server.process().pid()) / 1024;
                }
            }
            figures.figure(
                    "overload.wait.p99",
                    server.metric("muster_journal_wait_seconds{quantile=\"0.99\""),
                    "s in front of the disk");
            figures.figure("overload.queued", server.metric("muster_journal_queued"), "entries in front of the disk");
        }
        load.drain();
        figures.figure(
                "overload.acknowledged",
                (load.acknowledged() - acknowledged) / (double) seconds,
                "messages/s of QoS 1");
        figures.figure(
                "overload.flooded", sent.sum() / (double) seconds, "messages/s that the sockets of the floods took");
        figures.figure("overload.memory-early", early, "MiB resident, the server's JVM, most in the first part");
        figures.figure("overload.memory-late", most, "MiB resident, the server's JVM, most in the rest");
        figures.figure("overload.memory-files", files, "MiB of that pages of files, which the kernel takes back");
        for (String reason : List.of("journal_full", "unacknowledged", "client_not_reading")) {
            figures.figure(
                    "overload.pauses." + reason, server.metric("muster_mqtt_pauses_total{reason=\"" + reason), "times");
        }
        figures.figure(
                "overload.refused",
                server.metric("muster_journal_refused_total"),
                "offers that the journal had no room for");
        figures.figure(
                "overload.closed",
                server.metric("muster_mqtt_refusals_total{reason=\"client_not_reading"),
                "that never read");
    }

    /** Messages at the rate go on while the server stores what it took. Returns how long those waited. */
    private Histogram catchUp(MusterServer server, Load load, Figures figures) throws Exception {
        Histogram meanwhile = load.openLoop(rate, STEP);
        long begun = System.nanoTime();
        while (!server.isApplied(STEP)) {
            if (System.nanoTime() - begun > PATIENCE.toNanos()) {
                server.awaitApplied(Duration.ZERO);
            }
            meanwhile.add(load.openLoop(rate, STEP));
        }
        figures.figure(
                "overload.caught-up",
                (System.nanoTime() - begun + STEP.toNanos()) / 1e9,
                "s until all was stored, the rate beside");
        return meanwhile;
    }

    private static void open(
            ClientNetwork network, Credential.Token token, boolean neverReads, int index, LongAdder sent) {
        EventLoop loop = network.nextLoop();
        Bootstrap bootstrap = network.bootstrap(loop, Duration.ofSeconds(20), index);
        new Flood(token, neverReads, index, sent).connect(bootstrap);
    }
}
