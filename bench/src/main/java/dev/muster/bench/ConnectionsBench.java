package dev.muster.bench;

import dev.muster.simulator.enrol.AssetIdentity;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Sessions over mutual TLS held by a real server with a sign of life each minute: what each costs in memory, and how fast all come
 * back when all were cut at once; beside a bare sink with the same client, which is the machine's limit of such handshakes.
 */
@Command(name = "connections", mixinStandardHelpOptions = true, description = "Memory per session; a reconnect storm.")
final class ConnectionsBench implements Callable<Integer> {
    @Option(names = "--sessions", defaultValue = "18000", description = "At the end (default 18000).")
    private int sessions;

    @Option(names = "--from", defaultValue = "5000", description = "Where the slope of memory begins (default 5000).")
    private int from;

    @Option(names = "--settle", defaultValue = "70", description = "Seconds before memory is read (default 70).")
    private int settle;

    @Option(names = "--keep", description = "Keep the data directory and the server's log.")
    private boolean keep;

    private static final int AT_A_TIME = 128;
    /** Certificates of the sink's sessions: whose they are is nothing to it. */
    private static final int STRANGERS = 100;

    @Override
    public Integer call() throws Exception {
        Path directory = Files.createTempDirectory("muster-bench");
        Figures figures = new Figures("connections", System.out);
        figures.setting(
                "sessions", sessions + ", MQTT 5 over TLS 1.3 with client certificates, ECDSA P-256, from 4 addresses");
        figures.setting("heartbeat", "each minute, QoS 0");
        figures.setting("load", Programs.loadAverage());
        try {
            double limit = sink(directory, figures);
            double storm = server(directory, figures);
            figures.figure("connections.storm-to-limit", storm / limit, "ratio");
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

    private double sink(Path directory, Figures figures) throws Exception {
        BenchCa ca = new BenchCa();
        List<AssetIdentity> some = ca.identities(STRANGERS);
        List<Credential> credentials = new ArrayList<>();
        for (int i = 0; i < sessions; i++) {
            credentials.add(new Credential.Certificate(some.get(i % STRANGERS)));
        }
        try (SinkProcess sink = new SinkProcess(directory, ca, 2, false);
                Crowd crowd = new Crowd(sink.address(), List.of(ca.certificate()), credentials)) {
            crowd.growTo(sessions, AT_A_TIME);
            double perSecond = sessions / crowd.storm(() -> true);
            figures.figure("reference.sink.storm", perSecond, "sessions/s, all at once");
            return perSecond;
        }
    }

    private double server(Path directory, Figures figures) throws Exception {
        List<String> flags = List.of("--device-attempts-per-minute=1000000");
        try (MusterServer server = MusterServer.start(directory.resolve("data"), flags)) {
            List<AssetIdentity> identities = Fleet.enrol(server, sessions);
            InetSocketAddress address = server.mqtt();
            List<X509Certificate> cas = identities.getFirst().cas();
            try (Crowd crowd = new Crowd(
                    address,
                    cas,
                    identities.stream().map(Credential.Certificate::new).toList())) {
                crowd.growTo(from, AT_A_TIME);
                double before = settled(server.process());
                crowd.growTo(sessions, AT_A_TIME);
                double after = settled(server.process());
                figures.figure("connections.held", crowd.connected(), "sessions");
                figures.figure("connections.memory-from", before / 1024, "MiB resident, the server's JVM, at " + from);
                figures.figure("connections.memory-to", after / 1024, "MiB resident, the server's JVM, at " + sessions);
                figures.figure(
                        "connections.per-session", (after - before) / (sessions - from), "KiB resident per session");
                double cpu = Programs.cpuMicros(server.process());
                double seconds = crowd.storm(() -> server.metric("muster_mqtt_sessions") == 0);
                cpu = Programs.cpuMicros(server.process()) - cpu;
                figures.figure("connections.storm", sessions / seconds, "sessions/s, all at once");
                figures.figure("connections.storm.seconds", seconds, "s until the last was there");
                figures.figure("connections.storm.attempts", crowd.attempts(), "connections opened for it");
                figures.figure("connections.storm.cpu", cpu / sessions, "µs CPU of server and children per session");
                figures.figure(
                        "connections.storm.refused",
                        server.metric("muster_mqtt_connections_refused_total"),
                        "connections turned away before their handshake");
                crowd.failures().forEach((reason, count) -> System.out.println("turned away " + count + " " + reason));
                return sessions / seconds;
            }
        }
    }

    /** KiB resident, once what is no longer needed has been collected. */
    private double settled(Process process) throws Exception {
        Thread.sleep(Duration.ofSeconds(settle));
        Profile.jcmd(process.pid(), "GC.run");
        Thread.sleep(Duration.ofSeconds(5));
        return Programs.residentKiB(process.pid());
    }
}
