package dev.muster.simulator.demo;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.muster.simulator.DeviceOptions;
import dev.muster.simulator.Endpoints;
import dev.muster.simulator.Fleet;
import dev.muster.simulator.FleetOptions;
import dev.muster.simulator.HardwareMix;
import dev.muster.simulator.Management;
import dev.muster.simulator.device.Behaviour;
import dev.muster.simulator.device.DeviceState;
import dev.muster.simulator.device.Fault;
import dev.muster.simulator.device.Pace;
import dev.muster.simulator.device.Share;
import dev.muster.simulator.enrol.EnrolmentException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The demonstration from the start of the server to its end, in order; each step that a person could type is typed. */
final class Demo implements AutoCloseable {
    static final String GOOD = "delivery-app-1-5";
    static final String BAD = "pos-app-1-6";

    private static final String FAULT = "app@1.6.0: failing=60%";
    /** Main messages a second and asset. */
    private static final double RATE = 0.2;
    /** How many times faster than usual the assets install and restart. */
    private static final double PACE = 5;

    private static final Duration CONNECTED = Duration.ofMinutes(5);
    private static final int ROLLED_BACK = 1;
    private static final int ARTIFACT_BYTES = 64 * 1024;

    /** A signal ended it on the way. */
    static final class Stopped extends DemoFailed {
        private static final long serialVersionUID = 1L;

        Stopped() {
            super("stopped");
        }
    }

    private final DemoFolder folder;
    private final Ports ports;
    private final Steps steps;
    private final Path root;
    private final Programs programs;
    private final DemoServer server;
    private final Set<Claim> broken;
    private final CountDownLatch stop = new CountDownLatch(1);
    private final Object ending = new Object();
    private @Nullable Fleet fleet;
    private @Nullable Guest guest;
    private boolean ended;

    /** @param broken claims that are to be made untrue on the way */
    Demo(DemoFolder folder, Ports ports, Steps steps, Set<Claim> broken) throws DemoFailed {
        this.broken = Set.copyOf(broken);
        this.folder = folder;
        this.ports = ports;
        this.steps = steps;
        this.root = Programs.root();
        this.programs = new Programs(Programs.launcher());
        this.server = new DemoServer(folder);
    }

    /** Ctrl-C and SIGTERM end all of it, wherever it is. */
    void stopOnSignal() {
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            stop.countDown();
                            end();
                        },
                        "demo-signal"));
    }

    void run() throws DemoFailed, IOException, InterruptedException {
        try {
            tell();
        } catch (DemoFailed | IOException e) {
            if (stop.getCount() == 0) {
                throw new Stopped();
            }
            throw e;
        }
    }

    private void tell() throws DemoFailed, IOException, InterruptedException {
        if (!folder.told()) {
            steps.tell("takes two to four minutes, longer on a busy machine; Ctrl-C stops all of it at any time");
        }
        startServer();
        Fleet simulated = new Fleet(options(), Endpoints.of(server.device(), server.mqtt()));
        fleet = simulated;
        if (folder.told()) {
            steps.heading(folder.assets() + " simulated assets connect again; both rollouts were over before");
            connect(simulated);
        } else {
            register(simulated);
            steps.tell("each asset makes its own key, gets its certificate and connects by MQTT over mutual TLS");
            FutureTask<Void> connecting = inBackground(() -> {
                connect(simulated);
                return null;
            });
            publish();
            declare();
            await(connecting);
            awaitVersions();
            rollOut();
            folder.toldToTheEnd();
        }
        steps.heading(folder.assets() + " assets are online, " + GOOD + " is completed, " + BAD + " is rolled back");
    }

    /** Until Ctrl-C, or until the server ends by itself. */
    void untilStopped() throws DemoFailed, InterruptedException {
        while (!stop.await(1, TimeUnit.SECONDS)) {
            if (!server.isRunning() && stop.getCount() > 0) {
                throw new DemoFailed("the server ended by itself; see " + server.log());
            }
        }
    }

    Rest rest() throws IOException {
        return new Rest(URI.create(server.http()), server.token());
    }

    private void startServer() throws DemoFailed, IOException, InterruptedException {
        steps.heading("the server, with its databases, on " + folder.root());
        if (!ports.areTheUsual() && ports.http() != 0) {
            steps.tell("some of the usual ports 8080, 8883 and 8443 are taken: it listens on " + ports.http() + ", "
                    + ports.mqtt() + " and " + ports.device());
        }
        server.start(programs, ports, steps, breaks(Claim.CONSOLE));
        steps.tell("ready: the console is at " + server.http() + "/, its token in " + server.tokenFile());
        steps.tell("in another terminal this makes the commands below work there:");
        steps.command("export MUSTER_SERVER=" + server.http() + " MUSTER_TOKEN=\"$(cat " + server.tokenFile() + ")\"");
    }

    /** Whether it is to be done, and then tells what is done. */
    private boolean breaks(Claim claim) {
        if (broken.contains(claim)) {
            steps.tell("BROKEN ON PURPOSE (" + claim.wire() + "): " + claim.sabotage());
            return true;
        }
        return false;
    }

    private List<Fault> faults() {
        List<Fault> faults = new ArrayList<>();
        if (!breaks(Claim.BAD)) {
            faults.add(Fault.parse(FAULT));
        }
        if (breaks(Claim.GOOD)) {
            faults.add(Fault.parse("app@1.5.0: failing=100%"));
        }
        return faults;
    }

    private FleetOptions options() {
        Behaviour behaviour = new Behaviour(
                Share.parse("2%"),
                Share.parse("50%"),
                Share.NONE,
                Share.NONE,
                Share.NONE,
                Share.NONE,
                Share.NONE,
                Share.parse("10%"),
                faults(),
                List.of(),
                Pace.standard().faster(PACE));
        return FleetOptions.of(folder.assets(), Inventory.TYPES, folder.seed())
                .withRate(RATE)
                .withFiles(folder.file("fleet"), null)
                .withDevices(new DeviceOptions(behaviour, HardwareMix.parse(Inventory.HARDWARE), null));
    }

    private void register(Fleet simulated) throws DemoFailed, IOException, InterruptedException {
        steps.heading(folder.assets() + " assets are registered: type, owner, region, site, hardware, labels");
        Path file = folder.file("assets.csv");
        Files.writeString(file, Inventory.csv(simulated.hardware(), !breaks(Claim.PLACED)));
        muster("import", "assets", file.toString(), "--strict");
    }

    private void connect(Fleet simulated) throws DemoFailed, IOException, InterruptedException {
        FutureTask<Void> enrolling = inBackground(() -> {
            simulated.enrol(new Management(URI.create(server.http()), server.token(), ""));
            return null;
        });
        while (!done(enrolling)) {
            steps.tell("enrolled " + simulated.report().enrolled() + " of " + folder.assets());
        }
        await(enrolling);
        simulated.connect();
        if (!simulated.awaitConnected(CONNECTED)) {
            throw new DemoFailed(simulated.report().connected() + " of " + folder.assets()
                    + " assets are connected after " + CONNECTED.toMinutes() + " min: "
                    + simulated.report().failures());
        }
        if (!simulated.report().allTookPart()) {
            throw new DemoFailed(
                    "not all assets could take part: " + simulated.report().failures());
        }
        steps.tell("all " + simulated.report().connected() + " assets are connected and report");
    }

    /** What an asset runs before is what it can go back to: a rollout leaves out who has not said it. */
    private void awaitVersions() throws DemoFailed, IOException, InterruptedException {
        String silent = "/api/v1/assets?selector="
                + URLEncoder.encode("asset.type in ['vehicle', 'pos'] && !has(asset.software.app)", UTF_8);
        long patience = System.nanoTime() + CONNECTED.toNanos();
        for (int left = rest().all(silent).size();
                left > 0;
                left = rest().all(silent).size()) {
            if (System.nanoTime() > patience) {
                throw new DemoFailed(left + " vans and tills have not said which version of app they run after "
                        + CONNECTED.toMinutes() + " min; the server's log is " + server.log());
            }
            steps.tell(left + " vans and tills have not yet said which version of app they run");
            if (stop.await(2, TimeUnit.SECONDS)) {
                throw new Stopped();
            }
        }
    }

    private void publish() throws DemoFailed, IOException, InterruptedException {
        steps.heading(
                "two releases for the hardware rev-a and rev-b, signed with keys that are thrown away with all else");
        String keys = folder.file("keys").toString();
        muster("release", "keys", "init", "--out", keys, "--component", "app", "--plain");
        for (String version : List.of("1.5.0", "1.6.0")) {
            String release = folder.file("app@" + version + ".release").toString();
            muster(
                    "release",
                    "create",
                    "app@" + version,
                    "--artifact=" + artifact(version, "rev-a") + "=rev-a",
                    "--artifact=" + artifact(version, "rev-b") + "=rev-b",
                    "--out=" + release);
            if (version.equals("1.6.0") && breaks(Claim.PUBLISHED)) {
                verb("release", "publish", release);
                continue;
            }
            muster("release", "sign", release, "--key", keys + "/releases-app.key");
            muster("release", "publish", release);
        }
    }

    /** Stands for a program: what is in it does not matter to who brings it there. */
    private Path artifact(String version, String hardware) throws IOException {
        Path file = folder.file("app-" + version + "-" + hardware + ".bin");
        byte[] content = new byte[ARTIFACT_BYTES];
        new Random(folder.seed() + file.getFileName().toString().hashCode()).nextBytes(content);
        return Files.write(file, content);
    }

    private void declare() throws DemoFailed, IOException, InterruptedException {
        steps.heading("groups, configurations and rollouts as files, checked into the repository");
        muster(
                "apply",
                "-f",
                example("delivery"),
                "-f",
                breaks(Claim.OWN_VERSION) ? withoutRollback() : example("pos"));
    }

    private String withoutRollback() throws IOException {
        Path copy = Files.createDirectories(folder.file("pos"));
        Path examples = root.resolve("examples/pos");
        Files.copy(examples.resolve("fleet.yaml"), copy.resolve("fleet.yaml"));
        String rollout = Files.readString(examples.resolve("rollout.yaml"));
        Files.writeString(copy.resolve("rollout.yaml"), rollout.replace("then: rollback", "then: pause"));
        return copy.toString();
    }

    private void rollOut() throws DemoFailed, IOException, InterruptedException {
        steps.heading("app@1.5.0 for the vans, and app@1.6.0 for the tills, which crashes on six of ten (--fault '"
                + FAULT + "')");
        muster("rollout", "start", GOOD);
        boolean started = verb("rollout", "start", BAD) == 0;
        if (!started && broken.isEmpty()) {
            throw new DemoFailed("rollout " + BAD + " cannot be started; the server's log is " + server.log());
        }
        steps.heading("the tills: the canary is to fail, and each till that was touched to go back to its own version");
        int code = started ? verb("rollout", "watch", BAD) : ROLLED_BACK;
        if (code != ROLLED_BACK && broken.isEmpty()) {
            throw new DemoFailed(
                    "rollout " + BAD + " was to be rolled back, and muster rollout watch ended with " + code);
        }
        muster("explain", "rollout", BAD);
        steps.heading("the vans: each wave opens when the one before has passed its gate");
        code = verb("rollout", "watch", GOOD);
        if (code != 0 && broken.isEmpty()) {
            throw new DemoFailed(
                    "rollout " + GOOD + " was to be completed, and muster rollout watch ended with " + code);
        }
    }

    /** One more asset: enrolled with a claim token of its own, retired, and looked for afterwards. */
    Guest comesAndGoes() throws DemoFailed, IOException, InterruptedException {
        steps.heading("one more asset comes, with a claim token of its own, and is retired");
        Guest asset =
                new Guest(rest(), Endpoints.of(server.device(), server.mqtt()), folder.file("guest"), folder.seed());
        guest = asset;
        if (!asset.arrive(breaks(Claim.ENROLLED))) {
            steps.tell("it could not: " + asset.trouble());
            return asset;
        }
        steps.tell(Guest.ID + " is enrolled and connected");
        List<String> retire =
                new ArrayList<>(List.of("retire", Guest.ID.value(), "--yes", "--wait", "--within", "60s"));
        boolean keep = breaks(Claim.REFUSED);
        if (breaks(Claim.WIPED) || keep) {
            asset.losesItsNetwork();
            retire.set(retire.size() - 1, "5s");
        }
        if (keep) {
            retire.addAll(List.of("--if-unconfirmed", "keep"));
        }
        verb(retire.toArray(String[]::new));
        if (breaks(Claim.TAKEN)) {
            verb("asset", "restore", Guest.ID.value());
        }
        return asset;
    }

    /** What is broken when all has been done; nothing where nothing is to be broken. */
    void sabotageTheEnd() throws DemoFailed, IOException, InterruptedException {
        Fleet simulated = fleet;
        if (simulated == null) {
            throw new IllegalStateException("the demonstration was not told");
        }
        if (breaks(Claim.NOWHERE)) {
            rollOutOnceMore(simulated);
        }
        if (breaks(Claim.ONLINE)) {
            Set<String> sensors = simulated.states().stream()
                    .filter(state -> state.type().equals("sensor"))
                    .limit(3)
                    .map(DeviceState::id)
                    .collect(Collectors.toSet());
            simulated.act(sensors::contains, (device, now) -> device.goAway(now));
        }
    }

    private void rollOutOnceMore(Fleet simulated) throws DemoFailed, IOException, InterruptedException {
        String bad = "app@1.6.0";
        Set<String> well = simulated.states().stream()
                .filter(state -> state.type().equals("pos") && !state.faults().containsKey(bad))
                .map(DeviceState::id)
                .collect(Collectors.toSet());
        List<String> chosen = new ArrayList<>();
        for (JsonNode target : rest().all("/api/v1/rollouts/" + BAD + "/targets")) {
            String id = target.path("asset").asString("");
            if (target.path("attempt").asInt(0) > 0 && well.contains(id)) {
                chosen.add("'" + id + "'");
            }
        }
        if (chosen.isEmpty()) {
            throw new DemoFailed(bad + " crashed on every till that had it: this claim cannot be broken with seed "
                    + folder.seed() + "; try another");
        }
        Path file = folder.file("once-more.yaml");
        Files.writeString(file, """
                apiVersion: muster.dev/v1
                kind: Rollout
                metadata: {name: once-more}
                spec:
                  selector: asset.id in [%s]
                  change: {release: {component: app, version: "1.6.0"}}
                  waves: [{name: all, percent: 100%%}]
                  soak: 1s
                  timeout: 60s
                  evidence: healthy
                """.formatted(String.join(", ", chosen)));
        verb("apply", "-f", file.toString());
        // The gate that sent it back has quarantined it.
        verb("release", "release", bad, "--reason", "broken on purpose");
        verb("rollout", "start", "once-more");
        verb("rollout", "watch", "once-more");
    }

    /** Where to look, and how to end it. */
    void hints() {
        String http = server.http();
        steps.plain("");
        steps.plain("  console   " + http + "/");
        steps.plain("  log in    with the token in " + server.tokenFile() + ":  cat " + server.tokenFile());
        if (withoutScreen()) {
            steps.plain("  no screen here? on your computer:  ssh -L "
                    + URI.create(http).getPort() + ":"
                    + URI.create(http).getAuthority() + " " + System.getProperty("user.name") + "@" + host()
                    + "   then open the address above there");
        }
        steps.plain("  look      " + programs.typed(List.of("explain", "rollout", BAD)));
        steps.plain("            " + programs.typed(List.of("get", "incidents")));
        steps.plain("            " + programs.typed(List.of("incident", "postmortem", "1")));
        steps.plain("            "
                + programs.typed(List.of("rollout", "targets", BAD, "--stage", "rolled_back", "-o", "wide")));
        steps.plain("            " + programs.typed(List.of("drift", "--summary")));
        steps.plain("            (with the export line from above, or --data-dir " + folder.root() + ")");
        steps.plain("  stop      Ctrl-C; started again it goes on with the same fleet");
        steps.plain("  remove    " + programs.typed(List.of("demo", "--clean")));
        steps.plain("");
    }

    private static boolean withoutScreen() {
        return System.getenv("DISPLAY") == null && System.getenv("WAYLAND_DISPLAY") == null;
    }

    private static String host() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "THIS-MACHINE";
        }
    }

    private String example(String fleetName) {
        Path examples = root.resolve("examples").resolve(fleetName);
        Path here = Path.of("").toAbsolutePath();
        return (examples.startsWith(here) ? here.relativize(examples) : examples).toString();
    }

    private void muster(String... arguments) throws DemoFailed, IOException, InterruptedException {
        int code = verb(arguments);
        if (code != 0) {
            throw new DemoFailed("the last command ended with " + code + "; the server's log is " + server.log());
        }
    }

    private int verb(String... arguments) throws DemoFailed, IOException, InterruptedException {
        Map<String, String> settings = Map.of("MUSTER_SERVER", server.http(), "MUSTER_TOKEN", server.token());
        int code = programs.verb(steps, settings, new ArrayList<>(Arrays.asList(arguments)));
        if (stop.getCount() == 0) {
            throw new Stopped();
        }
        return code;
    }

    private static <T> FutureTask<T> inBackground(Callable<T> work) {
        FutureTask<T> task = new FutureTask<>(work);
        Thread thread = new Thread(task, "demo-background");
        thread.setDaemon(true);
        thread.start();
        return task;
    }

    private static boolean done(FutureTask<?> task) throws InterruptedException {
        try {
            task.get(5, TimeUnit.SECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            return true; // told by await
        }
    }

    private static void await(FutureTask<?> task) throws DemoFailed, IOException, InterruptedException {
        try {
            task.get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case DemoFailed failed -> throw failed;
                case EnrolmentException failed ->
                    throw new DemoFailed("the assets cannot enrol: " + failed.getMessage());
                case IOException failed -> throw failed;
                case null, default -> throw new IllegalStateException("the fleet did not start", e);
            }
        }
    }

    @Override
    public void close() {
        end();
    }

    /** Assets first, then the server, so that nothing reconnects to what is going away; both only once. */
    private void end() {
        synchronized (ending) {
            if (ended) {
                return;
            }
            ended = true;
            steps.heading("stopping the fleet and the server, at most a minute");
            programs.stop();
            try {
                if (guest != null) {
                    guest.close();
                }
                if (fleet != null) {
                    if (server.isRunning()) {
                        fleet.stop(Duration.ofSeconds(2));
                    }
                    fleet.close();
                }
            } catch (IOException e) {
                System.err.println("muster demo: the record of the fleet is not whole: " + e.getMessage());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            try {
                server.stop();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            try {
                folder.close();
            } catch (IOException e) {
                System.err.println("muster demo: cannot leave " + folder.root() + " in order: " + e.getMessage());
            }
            steps.tell("stopped");
        }
    }
}
