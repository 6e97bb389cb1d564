package dev.muster.simulator;

import dev.muster.simulator.Management.UnreachableException;
import dev.muster.simulator.client.ClientSettings;
import dev.muster.simulator.enrol.ClaimToken;
import dev.muster.simulator.enrol.EnrolmentException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command line of the simulator. */
@Command(
        name = "muster sim",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Simulates a fleet: every asset enrols with a key of its own and reports over mutual TLS.",
            "Without addresses and tokens it uses the server that runs on this machine.%n"
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:every asset enrolled and connected",
            "1:some did not",
            "2:wrong usage",
            "5:the server does not answer"
        })
final class SimCommand implements Callable<Integer> {
    private static final Duration DRAIN = Duration.ofSeconds(10);
    private static final Duration ENROL_PROGRESS = Duration.ofSeconds(2);

    private final CountDownLatch stop;

    @Spec
    private @Nullable CommandSpec spec;

    @Option(names = "--assets", defaultValue = "10", paramLabel = "N", description = "How many assets (default 10).")
    private int assets;

    @Option(
            names = "--types",
            defaultValue = "vehicle=60,pos=20,sensor=20",
            paramLabel = "MIX",
            description = "Types with weights (default ${DEFAULT-VALUE}); known: vehicle, pos, sensor, edge-gpu,"
                    + " linux-device.")
    private String types = "";

    @Option(names = "--seed", defaultValue = "1", paramLabel = "S", description = "Same seed, same fleet (default 1).")
    private long seed;

    @Option(
            names = "--rate",
            defaultValue = "1",
            paramLabel = "R",
            description = "Messages a second and asset (default 1); a vehicle's are telemetry and position by turns.")
    private double rate;

    @Option(
            names = "--duration",
            paramLabel = "TIME",
            converter = Durations.class,
            description = "Ends after this time, e.g. 5m; without it, on Ctrl-C.")
    private @Nullable Duration duration;

    @Option(
            names = "--backlog",
            defaultValue = "0s",
            paramLabel = "TIME",
            converter = Durations.class,
            description = "History that each asset sends first, e.g. 1h.")
    private Duration backlog = Duration.ZERO;

    @Option(
            names = "--heartbeat",
            defaultValue = "30s",
            paramLabel = "TIME",
            converter = Durations.class,
            description = "Interval of heartbeats (default 30s).")
    private Duration heartbeat = Duration.ZERO;

    @Option(
            names = "--first",
            defaultValue = "0",
            paramLabel = "N",
            description = "Index of the first asset, to share one fleet among several processes.")
    private int first;

    @Option(names = "--prefix", defaultValue = "", description = "Put before every asset id.")
    private String prefix = "";

    @Option(names = "--server", paramLabel = "URL", description = "Management address; also MUSTER_SERVER.")
    private @Nullable String server;

    @Option(names = "--token", paramLabel = "TOKEN", description = "API token; better as MUSTER_TOKEN.")
    private @Nullable String token;

    @Option(names = "--data-dir", defaultValue = ".muster", description = "Of a server on this machine (.muster).")
    private Path dataDir = Path.of(".muster");

    @Option(names = "--mqtt", paramLabel = "HOST:PORT", description = "MQTT address of the server.")
    private @Nullable String mqtt;

    @Option(names = "--device", paramLabel = "URL", description = "Device HTTPS address of the server.")
    private @Nullable String device;

    @Option(
            names = "--claim-token",
            paramLabel = "TOKEN",
            description = "Enrols all assets with this one; else one is created for each type.")
    private @Nullable String claimToken;

    @Option(
            names = {"--state-dir", "--state"},
            paramLabel = "DIR",
            description = "Keeps keys, certificates, configuration and software of each asset over restarts.")
    private @Nullable Path stateDir;

    @Option(
            names = "--acked-log",
            paramLabel = "FILE",
            description = "One line for each acknowledged message: asset, ts, kind, hash.")
    private @Nullable Path ackedLog;

    @Option(names = "--in-flight", defaultValue = "16", description = "Unacknowledged messages an asset (default 16).")
    private int inFlight;

    @Option(names = "--buffer", defaultValue = "1000", description = "Messages an asset keeps (default 1000).")
    private int buffer;

    @Option(
            names = "--max-backoff",
            defaultValue = "30s",
            paramLabel = "TIME",
            converter = Durations.class,
            description = "Longest wait before a reconnect (default 30s).")
    private Duration maxBackoff = Duration.ZERO;

    @Option(names = "--threads", defaultValue = "2", description = "Event loops (default 2).")
    private int threads;

    @Option(names = "--connecting", defaultValue = "128", description = "Connections opened at a time (default 128).")
    private int connecting;

    @Option(names = "--enrolling", defaultValue = "16", description = "Enrolments at a time (default 16).")
    private int enrolling;

    @Option(
            names = "--progress",
            defaultValue = "5s",
            paramLabel = "TIME",
            converter = Durations.class,
            description = "Interval of progress lines (default 5s).")
    private Duration progress = Duration.ZERO;

    @Mixin
    private final BehaviourFlags behaviour = new BehaviourFlags();

    @Option(names = "--json", description = "Progress and summary as JSON, one object a line.")
    private boolean json;

    SimCommand(CountDownLatch stop) {
        this.stop = stop;
    }

    @Override
    public Integer call() throws InterruptedException {
        Progress lines = new Progress(json, System.out);
        try (Fleet fleet = new Fleet(options(), endpoints())) {
            enrol(fleet, lines);
            declareHardware(fleet);
            fleet.connect();
            control(fleet, lines);
            run(fleet, lines);
            fleet.stop(DRAIN);
            FleetReport report = fleet.report();
            lines.summary(report);
            return report.allTookPart() ? 0 : 1;
        } catch (IllegalArgumentException e) {
            throw usage(e.getMessage());
        } catch (UnreachableException e) {
            lines.error(e.getMessage());
            return 5;
        } catch (EnrolmentException e) {
            lines.error(e.getMessage());
            return e.getCause() == null ? 1 : 5;
        } catch (IOException e) {
            lines.error(String.valueOf(e.getMessage()));
            return 1;
        }
    }

    private void enrol(Fleet fleet, Progress lines) throws IOException, EnrolmentException, InterruptedException {
        Thread watcher = Thread.ofVirtual().start(() -> watch(fleet, lines));
        try {
            fleet.enrol(tokens());
        } finally {
            watcher.interrupt();
            watcher.join();
        }
    }

    private void control(Fleet fleet, Progress lines) {
        if (!behaviour.control()) {
            return;
        }
        Thread reader = new Thread(
                () -> {
                    try {
                        new FleetControl(fleet, seed)
                                .run(new InputStreamReader(System.in, StandardCharsets.UTF_8), lines::control);
                    } catch (IOException e) {
                        lines.error("commands are not read any more: " + e.getMessage());
                    }
                },
                "sim-control");
        reader.setDaemon(true);
        reader.start();
    }

    private static void watch(Fleet fleet, Progress lines) {
        try {
            while (true) {
                Thread.sleep(ENROL_PROGRESS);
                lines.progress(fleet.report(), fleet.statistics().recentLatency());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run(Fleet fleet, Progress lines) throws InterruptedException {
        long end = duration == null ? Long.MAX_VALUE : System.nanoTime() + duration.toNanos();
        while (true) {
            long left = duration == null ? Long.MAX_VALUE : end - System.nanoTime();
            if (left <= 0 || stop.await(Math.min(left, progress.toNanos()), TimeUnit.NANOSECONDS)) {
                return;
            }
            lines.progress(fleet.report(), fleet.statistics().recentLatency());
        }
    }

    private FleetOptions options() {
        ClientSettings client = ClientSettings.standard()
                .withBackoff(Duration.ofMillis(Math.min(500, maxBackoff.toMillis())), maxBackoff)
                .withBuffer(inFlight, buffer);
        return new FleetOptions(
                assets,
                first,
                TypeMix.parse(types),
                seed,
                prefix,
                rate,
                backlog,
                heartbeat,
                threads,
                connecting,
                enrolling,
                client,
                stateDir,
                ackedLog,
                behaviour.options());
    }

    private Endpoints endpoints() throws IOException {
        ServerFiles local = ServerFiles.in(dataDir);
        String mqttAddress = mqtt == null ? local.mqtt() : mqtt;
        String deviceAddress = device == null ? local.device() : device;
        if (mqttAddress == null || deviceAddress == null) {
            throw new UnreachableException(
                    "no server runs on " + dataDir + "; start one with muster server, or give --mqtt and --device",
                    null);
        }
        return Endpoints.of(deviceAddress, mqttAddress);
    }

    private TokenSource tokens() throws IOException {
        if (claimToken != null) {
            ClaimToken given = ClaimToken.parse(claimToken);
            return (type, uses) -> given;
        }
        ServerFiles local = ServerFiles.in(dataDir);
        Map<String, String> environment = System.getenv();
        String url = firstOf(server, environment.get("MUSTER_SERVER"), local.http());
        String apiToken = firstOf(token, environment.get("MUSTER_TOKEN"), local.adminToken());
        return (type, uses) -> {
            if (url == null || apiToken == null) {
                throw new UnreachableException(
                        "no " + (url == null ? "server" : "API token") + " found in flags, environment or " + dataDir
                                + "; give --server and --token, or --claim-token",
                        null);
            }
            return new Management(URI.create(url), apiToken, prefix).tokenFor(type, uses);
        };
    }

    /** Tells the server which hardware each asset is, where there is a server to tell and something to say. */
    private void declareHardware(Fleet fleet) throws IOException, InterruptedException {
        if (!behaviour.declaresHardware()) {
            return;
        }
        ServerFiles local = ServerFiles.in(dataDir);
        Map<String, String> environment = System.getenv();
        String url = firstOf(server, environment.get("MUSTER_SERVER"), local.http());
        String apiToken = firstOf(token, environment.get("MUSTER_TOKEN"), local.adminToken());
        if (url == null || apiToken == null) {
            throw new UnreachableException(
                    "--hardware is told to the server, and no " + (url == null ? "server" : "API token")
                            + " was found in flags, environment or " + dataDir + "; give --server and --token",
                    null);
        }
        new Management(URI.create(url), apiToken, prefix).declareHardware(fleet.hardware());
    }

    private static @Nullable String firstOf(@Nullable String... values) {
        for (String value : values) {
            if (value != null && !value.isBlank()) {
                return value;
            }
        }
        return null;
    }

    private ParameterException usage(@Nullable String message) {
        if (spec == null) {
            throw new IllegalStateException("the command line was not prepared");
        }
        return new ParameterException(spec.commandLine(), String.valueOf(message));
    }
}
