package dev.muster.bench;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/**
 * Polls of hawkBit's DDI into a real server: of registered assets for which there is nothing to do, and the same while each has a
 * deployment. The assets share kept-alive connections and a gateway token, as behind a site's proxy.
 */
@Command(name = "ddi", mixinStandardHelpOptions = true, description = "Polls by hawkBit's DDI per second.")
final class DdiBench implements Callable<Integer> {
    @Option(names = "--targets", defaultValue = "100000", description = "Registered assets (default 100000).")
    private int targets;

    @Option(names = "--connections", defaultValue = "64", description = "Kept-alive connections (default 64).")
    private int connections;

    @Option(names = "--threads", defaultValue = "2", description = "Threads of the generator (default 2).")
    private int threads;

    @Option(names = "--seconds", defaultValue = "15", description = "Of each measurement (default 15).")
    private int seconds;

    @Option(names = "--only-idle", description = "Leave the polls with a deployment out.")
    private boolean onlyIdle;

    @Option(names = "--profile", description = "Also tell where the server's time goes and what it allocates.")
    private boolean profile;

    @Option(names = "--top", defaultValue = "5", description = "So many of each (default 5).")
    private int top;

    @Option(names = "--keep", description = "Keep the data directory and the server's log.")
    private boolean keep;

    private static final String STORE = "muster_ddi_polls_total{from=\"store\"";

    /** By their own first poll, which registers them; the others are copied. */
    private static final int REGISTERED = 500;

    private static final Duration PATIENCE = Duration.ofMinutes(30);

    @Override
    public Integer call() throws Exception {
        Path directory = Files.createTempDirectory("muster-bench");
        Figures figures = new Figures("ddi", System.out);
        figures.setting("targets", targets);
        figures.setting(
                "registered", "one by its poll, the others are copies of its rows, and the server is started anew");
        figures.setting("connections", connections + ", kept alive, one request at a time on each");
        figures.setting("transport", "HTTP/1.1, TLS 1.3, gateway token, loopback");
        figures.setting("seconds", seconds + " after every asset has polled once");
        figures.setting("generator", "same machine, threads " + threads);
        figures.setting("load", Programs.loadAverage());
        List<String> settings =
                List.of("--ddi-gateway-tokens=true", "--ddi-poll-interval=5m", "--device-requests-per-minute=1000000");
        String token = register(figures, directory.resolve("server"), settings);
        try (MusterServer server = MusterServer.start(directory.resolve("server"), settings)) {
            try (PollLoad load = new PollLoad(server.device(), token, targets, connections, threads)) {
                warmUp(figures, "ddi.first-poll", load);
                measure(figures, "ddi.idle", server, load, false);
            }
            if (!onlyIdle) {
                giveDeployments(directory, server);
                try (PollLoad one = new PollLoad(server.device(), token, 1, 1, 1)) {
                    one.first();
                }
                PollingAssets.copyDeployment(server);
                try (PollLoad load = new PollLoad(server.device(), token, targets, connections, threads)) {
                    warmUp(figures, "ddi.first-poll-with-deployment", load);
                    measure(figures, "ddi.with-deployment", server, load, true);
                }
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

    /** @return a token that speaks for all */
    private String register(Figures figures, Path data, List<String> settings) throws Exception {
        try (MusterServer server = MusterServer.start(data, settings)) {
            String wanted = "{\"type\":\"sensor\",\"idPattern\":\"*\"}";
            String token = server.post("/api/v1/gateway-tokens", "application/json", wanted)
                    .path("token")
                    .asString();
            try (PollLoad some = new PollLoad(server.device(), token, "new-", REGISTERED, connections, threads)) {
                long begin = System.nanoTime();
                some.once();
                figures.figure(
                        "ddi.register",
                        REGISTERED / ((System.nanoTime() - begin) / 1e9),
                        "new assets/s, by their first poll");
            }
            try (PollLoad one = new PollLoad(server.device(), token, 1, 1, 1)) {
                one.first();
            }
            long end = System.nanoTime() + PATIENCE.toNanos();
            while (!server.get("/api/v1/assets/" + PollLoad.id(0) + "/twin")
                    .path("desired")
                    .isObject()) {
                if (System.nanoTime() > end) {
                    throw new IllegalStateException("the first asset has no desired state");
                }
                Thread.sleep(100);
            }
            try (PollLoad one = new PollLoad(server.device(), token, 1, 1, 1)) {
                one.first();
            }
            PollingAssets.copy(server, targets);
            return token;
        }
    }

    /** Every asset polls once: its answer is worked out. */
    private void warmUp(Figures figures, String name, PollLoad load) throws Exception {
        long begin = System.nanoTime();
        load.once();
        double passed = (System.nanoTime() - begin) / 1e9;
        figures.figure(name, targets / passed, "polls/s");
    }

    private void measure(Figures figures, String name, MusterServer server, PollLoad load, boolean withDeployment)
            throws Exception {
        Profile recording =
                profile ? Profile.start(server.process(), server.dataDirectory().resolveSibling(name + ".jfr")) : null;
        double stored = server.metric(STORE);
        double cpu = Programs.cpuMicros(server.process());
        double own = Programs.ownCpuMicros();
        PollLoad.Counted counted = load.during(Duration.ofSeconds(seconds));
        double perSecond = counted.polls() / (double) seconds;
        figures.figure(name, perSecond, "polls/s");
        figures.figure(name + ".with-a-deployment", counted.deployments(), "polls");
        figures.figure(name + ".from-the-store", server.metric(STORE) - stored, "polls that memory did not answer");
        figures.figure(name + ".server-cpu", (Programs.cpuMicros(server.process()) - cpu) / counted.polls(), "us/poll");
        figures.figure(name + ".generator-cpu", (Programs.ownCpuMicros() - own) / counted.polls(), "us/poll");
        figures.figure(name + ".resident", Programs.residentMiB(server.process()), "MiB");
        if (recording != null) {
            recording.stop(System.out, top);
        }
        if (withDeployment != (counted.deployments() == counted.polls())) {
            throw new IllegalStateException(counted.deployments() + " of " + counted.polls()
                    + " polls were answered with a deployment, all or none of them should be");
        }
    }

    /** A signed release, and a rollout that gives it to all at once. */
    private void giveDeployments(Path directory, MusterServer server) throws Exception {
        Path artifact = Files.writeString(directory.resolve("app.swu"), "an image");
        new Publishing(server, directory).publish("app", "2.0", artifact);
        server.post("/api/v1/apply", "application/yaml", """
                apiVersion: muster.dev/v1
                kind: Rollout
                metadata: {name: all}
                spec:
                  selector: asset.id.startsWith('poll-')
                  change: {release: {component: app, version: "2.0"}}
                  maxInFlight: %d
                  timeout: 1d
                  evidence: claimed
                  withoutRollbackTarget: allow
                """.formatted(targets));
        server.post("/api/v1/rollouts/all/start", "application/json", "{}");
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            JsonNode counts = server.get("/api/v1/rollouts/all").path("status").path("counts");
            if (counts.path("ordered").asInt() == targets) {
                return;
            }
            if (System.nanoTime() > end) {
                throw new IllegalStateException("after " + PATIENCE + " not all have an order: " + counts);
            }
            Thread.sleep(1_000);
        }
    }

    /** For the generator. */
    static String authority(URI device) {
        return device.getHost() + ":" + device.getPort();
    }
}
