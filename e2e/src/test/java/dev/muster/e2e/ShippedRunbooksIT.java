package dev.muster.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * The faults of the shipped runbooks, {@value #OF_EACH} of most, on assets that are drawn, all at once, injected in the simulator and left
 * alone: how many of the incidents that they open are closed by runbooks, as the server counts it, and what the simulator's own record says
 * of the assets then. The rules page, and are quicker than the shipped ones; the runbooks are as they are.
 * {@code -Dshipped.runbooks=true -Dseed=…}
 */
@EnabledIfSystemProperty(
        named = "shipped.runbooks",
        matches = "true",
        disabledReason = "takes a quarter of an hour; -Dshipped.runbooks=true runs it")
class ShippedRunbooksIT {
    private static final long SEED = Long.getLong("seed", System.nanoTime() % 1_000_000);
    private static final int OF_EACH = 5;
    private static final int GATEWAYS = 2;
    private static final int BEHIND = 5;
    private static final int OF_A_ROLLOUT = 6;
    private static final int ASSETS = 3 * OF_EACH + GATEWAYS * (1 + BEHIND) + 3 * OF_A_ROLLOUT;
    private static final int CLONES = 25;
    private static final double BAR = 0.95;
    private static final Duration BOUND = Duration.ofMinutes(5);
    /** A certificate is renewed when two thirds of its life are over, and credentials are refused within five minutes. */
    private static final Duration MENDED = Duration.ofMinutes(12);

    private static final String SHORT_LIFE = "12m";
    private static final List<String> GOOD = List.of("1.3.0", "1.4.1", "1.4.2");
    private static final String FAILS_AT_START = "1.5.0";
    private static final String CRASHES_LATER = "1.6.0";
    private static final long STARTED = System.nanoTime();

    private static final String RULES = """
            apiVersion: muster.dev/v1
            kind: AlertRule
            metadata: {name: DiskFull}
            spec:
              severity: page
              every: 2s
              for: 0s
              condition: {threshold: {metric: disk.free, below: 400000000, clear: 500000000, staleAfter: 30m}}
              commonCause: {by: []}
            ---
            apiVersion: muster.dev/v1
            kind: AlertRule
            metadata: {name: StaleTelemetry}
            spec:
              selector: asset.type == 'linux-device'
              severity: page
              every: 2s
              for: 5s
              condition: {absence: {longerThan: 30s}}
              commonCause: {by: [gateway], share: 0.5, atLeast: 5}
            ---
            apiVersion: muster.dev/v1
            kind: AlertRule
            metadata: {name: CertificateNearExpiry}
            spec:
              severity: page
              every: 2s
              for: 0s
              condition: {expression: {cel: "asset.certificateExpires < now + duration('72h')"}}
              commonCause: {by: []}
            ---
            apiVersion: muster.dev/v1
            kind: AlertRule
            metadata: {name: Drift}
            spec:
              selector: asset.lifecycle == 'active' && asset.presence == 'online'
              severity: page
              every: 2s
              for: 5s
              condition: {expression: {cel: asset.drift > 0}}
              commonCause: {by: []}
            ---
            apiVersion: muster.dev/v1
            kind: AlertRule
            metadata: {name: ClockSkew}
            spec:
              selector: asset.presence == 'online'
              severity: page
              every: 2s
              for: 5s
              condition: {expression: {cel: asset.clockOffset > 300.0 || asset.clockOffset < -300.0}}
              commonCause: {by: []}
            """;

    private static final String CONFIGURATION = """
            apiVersion: muster.dev/v1
            kind: Group
            metadata: {name: configured}
            spec: {selector: "%s"}
            ---
            apiVersion: muster.dev/v1
            kind: Configuration
            metadata: {name: configured}
            spec:
              target: {group: configured}
              conflict: report
              config:
                reporting: {telemetrySeconds: 7}
                ntp: {enabled: true}
            """;

    private static final String ROLLOUT = """
            apiVersion: muster.dev/v1
            kind: Rollout
            metadata: {name: %s}
            spec:
              selector: "%s"
              change: {release: {component: app, version: "%s"}}
              waves:
                - {name: canary, count: 3}
                - {name: all, percent: 100%%}
              maxInFlight: 10
              soak: 5s
              timeout: 60s
              failures: {threshold: 20%%, minSamples: 2, then: %s}
            """;

    /** Who closes the incidents of which alert. */
    private static final Map<String, String> SHIPPED = Map.of(
            "CertificateNearExpiry", "certificate-near-expiry",
            "StaleTelemetry", "stale-telemetry-gateway",
            "DiskFull", "disk-full",
            "CrashLoop", "crash-loop-after-release",
            "RolloutReverting", "rollout-reverting",
            "Drift", "drift",
            "ClockSkew", "clock-skew");

    private static final Map<String, Integer> INJECTED = new TreeMap<>(Map.of(
            "CertificateNearExpiry", OF_EACH,
            "StaleTelemetry", GATEWAYS,
            "DiskFull", OF_EACH,
            "CrashLoop", 1,
            "RolloutReverting", 2,
            "Drift", OF_EACH,
            "ClockSkew", OF_EACH));

    @TempDir
    Path folder;

    @Test
    void theFaultsOfTheShippedRunbooksAreMendedAndTheirIncidentsClosedWithoutAPerson() throws Exception {
        say("seed %d", SEED);
        Random random = new Random(SEED);
        try (ServerProcess server = new ServerProcess(
                folder.resolve("data"), Map.of(), List.of("--asset-certificate-lifetime=" + SHORT_LIFE))) {
            server.start();
            publish(server);
            try (Simulator near = new Simulator(server, folder, "near-", OF_EACH, "linux-device")) {
                List<String> lapsing = near.awaitOnline(server);
                near.command("lapse 100% until restart");
                server.startAgainWith(List.of());
                say("%s have certificates of %s; the server gives longer ones from now on", lapsing, SHORT_LIFE);
                try (Simulator clones = new Simulator(server, folder, "cloned-", CLONES, "sensor")) {
                    clones.awaitOnline(server);
                    // Somebody starts a copy of some assets, which enrols anew: the first ones show certificates that
                    // are revoked now, until somebody switches them off.
                    try (Simulator copy = new Simulator(server, folder, "cloned-", CLONES, "sensor");
                            Simulator fleet = new Simulator(server, folder, "pi-", ASSETS, "linux-device")) {
                        manyAreRefused(server, clones);
                        Hit hit = Hit.drawn(fleet.awaitOnline(server), random);
                        near.awaitOnline(server);
                        prepare(server, hit);
                        server.apply(RULES);
                        inject(server, fleet, hit, random);
                        awaitClosed(server);
                        judge(server);
                        assertMended(server, fleet, hit, lapsing);
                        theRefusalsAreOverByThemselves(server);
                        assertThat(List.of(near.isRunning(), copy.isRunning())).doesNotContain(false);
                    }
                }
            }
        }
    }

    /** Which assets have which fault. */
    private record Hit(
            List<String> full,
            List<String> drifting,
            List<String> skewed,
            Map<String, List<String>> behind,
            Map<String, List<String>> rollouts) {
        static Hit drawn(List<String> assets, Random random) {
            List<String> shuffled = new ArrayList<>(assets);
            Collections.shuffle(shuffled, random);
            Map<String, List<String>> behind = new TreeMap<>();
            for (int i = 0; i < GATEWAYS; i++) {
                String gateway = taken(shuffled, 1).getFirst();
                behind.put(gateway, taken(shuffled, BEHIND));
            }
            Map<String, List<String>> rollouts = new TreeMap<>();
            for (String name : List.of("bad-north", "bad-south", "crashing")) {
                rollouts.put(name, taken(shuffled, OF_A_ROLLOUT));
            }
            return new Hit(
                    taken(shuffled, OF_EACH), taken(shuffled, OF_EACH), taken(shuffled, OF_EACH), behind, rollouts);
        }

        private static List<String> taken(List<String> from, int count) {
            List<String> some = from.subList(0, count);
            List<String> taken = List.copyOf(some);
            some.clear();
            return taken;
        }
    }

    private void publish(ServerProcess server) throws Exception {
        CommandLine muster = new CommandLine(server, folder.resolve("cli"));
        ReleaseWorkshop workshop = new ReleaseWorkshop(muster, folder.resolve("releases"), "app");
        List<String> versions = new ArrayList<>(GOOD);
        versions.add(FAILS_AT_START);
        versions.add(CRASHES_LATER);
        for (String version : versions) {
            Path artifact = Files.writeString(folder.resolve("app-" + version + ".tar"), "version " + version);
            workshop.publish("app", version, artifact.toString());
        }
        say("published app %s", versions);
    }

    /** What is there before anything is wrong. */
    private static void prepare(ServerProcess server, Hit hit) throws Exception {
        for (Map.Entry<String, List<String>> gateway : hit.behind().entrySet()) {
            for (String asset : gateway.getValue()) {
                server.apply("""
                        apiVersion: muster.dev/v1
                        kind: Asset
                        metadata: {name: %s, labels: {gateway: %s}}
                        spec: {type: linux-device}
                        """.formatted(asset, gateway.getKey()));
            }
        }
        server.apply(CONFIGURATION.formatted(selector(hit.drifting())));
        Await.that(
                "they run what was desired",
                BOUND,
                () -> items(server, "/api/v1/drift?state=all&limit=500").stream()
                                .filter(each -> hit.drifting()
                                        .contains(each.path("asset").asString()))
                                .filter(each -> each.path("state").asString().equals("in_sync"))
                                .count()
                        == OF_EACH);
        hit.rollouts().forEach((name, assets) -> {
            boolean crashes = name.equals("crashing");
            apply(
                    server,
                    ROLLOUT.formatted(
                            name,
                            selector(assets),
                            crashes ? CRASHES_LATER : FAILS_AT_START,
                            crashes ? "pause" : "rollback"));
        });
    }

    private static void apply(ServerProcess server, String yaml) {
        try {
            server.apply(yaml);
        } catch (Exception e) {
            throw new AssertionError(yaml, e);
        }
    }

    private static String selector(List<String> assets) {
        return "asset.id in [" + assets.stream().map(id -> "'" + id + "'").collect(Collectors.joining(", ")) + "]";
    }

    /** In an order and with pauses that are drawn. */
    private static void inject(ServerProcess server, Simulator fleet, Hit hit, Random random) throws Exception {
        List<Callable<String>> faults = new ArrayList<>();
        hit.full().forEach(asset -> faults.add(() -> fleet.command("fill " + asset)));
        // In a field that is only reported: what the type's baseline enforces is taken back by the reconciliation,
        // before anybody is told.
        hit.drifting().forEach(asset -> {
            int seconds = 8 + random.nextInt(1_000);
            faults.add(() -> fleet.command("drift " + asset + " /reporting/telemetrySeconds=" + seconds));
        });
        // Ahead: a clock that jumps back is seen with the next boot only, since its reports may be old ones that come
        // late.
        hit.skewed().forEach(asset -> {
            int minutes = 10 + random.nextInt(10_000);
            faults.add(() -> fleet.command("skew " + asset + " " + minutes + "m"));
        });
        hit.behind()
                .forEach((gateway, behind) -> faults.add(() -> {
                    for (String asset : behind) {
                        fleet.command("offline " + asset + " until " + gateway);
                    }
                    return "offline: everybody behind " + gateway;
                }));
        // Both at once: the first that goes back puts the release into quarantine, and no other rollout begins with it.
        for (List<String> together : List.of(List.of("bad-north", "bad-south"), List.of("crashing"))) {
            faults.add(() -> {
                for (String name : together) {
                    server.post("/api/v1/rollouts/" + name + "/start", Map.of());
                }
                return "rollouts " + together;
            });
        }
        Collections.shuffle(faults, random);
        for (Callable<String> fault : faults) {
            say("  %s", fault.call());
            Thread.sleep(random.nextLong(2_000));
        }
    }

    /** Their alert is a ticket, and opens no incident. */
    private static void manyAreRefused(ServerProcess server, Simulator clones) throws Exception {
        Await.until(
                "an alert tells that many are refused",
                BOUND,
                () -> items(server, "/api/v1/alerts?limit=1000").stream()
                        .filter(alert -> alert.path("name").asString().equals("AuthFailures"))
                        .findFirst());
        clones.close();
        say("%d clones were refused, and are switched off", CLONES);
    }

    /** The runbook is to touch nobody, and to see it. */
    private static void theRefusalsAreOverByThemselves(ServerProcess server) throws Exception {
        JsonNode run = Await.until(
                "the run of auth-failures has ended",
                MENDED,
                () -> items(server, "/api/v1/runbook-runs?runbook=auth-failures").stream()
                        .filter(each -> !each.path("phase").asString().equals("running"))
                        .findFirst());
        say("auth-failures: %s", run.path("phase").asString());
        assertThat(run.path("phase").asString()).isEqualTo("succeeded");
    }

    /** Or until it has taken too long: what is open then counts as not closed. */
    private static void awaitClosed(ServerProcess server) throws Exception {
        Instant end = Instant.now().plus(MENDED);
        int injected = INJECTED.values().stream().mapToInt(Integer::intValue).sum();
        while (Instant.now().isBefore(end)) {
            List<JsonNode> incidents = items(server, "/api/v1/incidents?limit=500");
            long closed = incidents.stream()
                    .filter(each -> each.path("state").asString().equals("resolved"))
                    .count();
            if (closed >= injected && closed == incidents.size()) {
                return;
            }
            Thread.sleep(1_000);
        }
    }

    private static void judge(ServerProcess server) throws Exception {
        List<JsonNode> incidents = items(server, "/api/v1/incidents?limit=500");
        for (JsonNode each : incidents) {
            String state = each.path("state").asString();
            if (!state.equals("resolved")) {
                say(
                        "  %s %s is %s: %s",
                        each.path("name").asString(),
                        each.path("class").asString(),
                        state,
                        each.path("title").asString());
            }
        }
        JsonNode figures = server.get("/api/v1/incidents/figures?days=1");
        Map<String, JsonNode> classes = new HashMap<>();
        figures.path("classes").forEach(each -> classes.put(each.path("name").asString(), each));
        int all = 0;
        int alone = 0;
        for (Map.Entry<String, Integer> fault : INJECTED.entrySet()) {
            String name = fault.getKey();
            JsonNode told = classes.get(name);
            int open = (int) incidents.stream()
                    .filter(each -> each.path("class").asString().equals(name)
                            && !each.path("state").asString().equals("resolved"))
                    .count();
            int closed = told == null ? 0 : told.path("closed").asInt();
            int without = told == null ? 0 : told.path("withoutPerson").asInt();
            all += Math.max(fault.getValue(), closed + open);
            alone += without;
            say(
                    "%-22s injected %d, incidents %d, closed %d, without a person %d, %d s from the first sign to the close",
                    name,
                    fault.getValue(),
                    closed + open,
                    closed,
                    without,
                    told == null ? 0 : told.path("meanSecondsToClose").asLong());
        }
        double share = (double) alone / all;
        say("closed without a person: %d of %d, %.1f%%; the bar is %.0f%%", alone, all, 100 * share, 100 * BAR);
        say("of all classes by the server: %s", figures);
        for (JsonNode each : server.get("/api/v1/runbooks/figures?days=1").path("runbooks")) {
            say("  %s", each);
        }
        incidents.stream()
                .filter(each -> each.path("state").asString().equals("resolved"))
                .forEach(each -> assertThat(each.path("resolvedBy").asString())
                        .as("%s", each)
                        .isEqualTo("runbook " + SHIPPED.get(each.path("class").asString())));
        assertThat(incidents.stream().map(each -> each.path("class").asString()))
                .as("every fault was found")
                .containsAll(INJECTED.keySet());
        assertThat(share).isGreaterThanOrEqualTo(BAR);
    }

    /** By the simulator's own record, and nobody was touched whose turn it was not. */
    private static void assertMended(ServerProcess server, Simulator fleet, Hit hit, List<String> lapsing)
            throws Exception {
        Map<String, JsonNode> truth = fleet.truth();
        Set<String> wrong = new TreeSet<>();
        for (JsonNode state : truth.values()) {
            if (!state.path("drift").isEmpty()
                    || state.path("skewMillis").asLong() != 0
                    || !state.path("power").asString().equals("on")
                    || !GOOD.contains(state.at("/software/app").asString())) {
                wrong.add(state.toString());
            }
        }
        Instant inThreeDays = Instant.now().plus(Duration.ofDays(3));
        Collection<JsonNode> assets = items(server, "/api/v1/assets?limit=500");
        for (JsonNode asset : assets) {
            if (lapsing.contains(asset.path("id").asString())
                    && Instant.parse(asset.path("certificateExpires").asString())
                            .isBefore(inThreeDays)) {
                wrong.add(asset.toString());
            }
        }
        say("by the simulator's record %d of %d are not as they should be: %s", wrong.size(), ASSETS, wrong);
        Map<String, Set<String>> done = new TreeMap<>();
        for (JsonNode command : items(server, "/api/v1/commands?limit=500")) {
            done.computeIfAbsent(command.path("name").asString(), _ -> new TreeSet<>())
                    .add(command.path("asset").asString());
        }
        Set<String> restarted = new TreeSet<>(hit.behind().keySet());
        restarted.addAll(hit.drifting());
        restarted.addAll(lapsing);
        assertThat(done)
                .as("nobody else is touched")
                .isEqualTo(Map.of(
                        "run", new TreeSet<>(hit.full()),
                        "restart-service", new TreeSet<>(hit.skewed()),
                        "reboot", restarted));
        assertThat(wrong).hasSizeLessThanOrEqualTo((int) (ASSETS * (1 - BAR)));
    }

    private static void say(String format, Object... values) {
        System.out.printf(
                Locale.ROOT,
                "%7.1f s  %s%n",
                (System.nanoTime() - STARTED) / 1e9,
                String.format(Locale.ROOT, format, values));
    }

    private static List<JsonNode> items(ServerProcess server, String path) throws Exception {
        List<JsonNode> items = new ArrayList<>();
        server.get(path).path("items").forEach(items::add);
        return items;
    }

    /** The real simulator in a process of its own. */
    private static final class Simulator implements AutoCloseable {
        private final String prefix;
        private final int count;
        private final Path truth;
        private final Process process;
        private final Writer control;

        Simulator(ServerProcess server, Path folder, String prefix, int count, String type) throws IOException {
            this.prefix = prefix;
            this.count = count;
            this.truth = folder.resolve(prefix + "truth.jsonl");
            List<String> arguments = new ArrayList<>(List.of(
                    "--assets",
                    Integer.toString(count),
                    "--types",
                    type + "=100",
                    "--prefix",
                    prefix,
                    "--seed",
                    Long.toString(SEED),
                    "--rate",
                    "0.5",
                    "--heartbeat",
                    "5s",
                    "--max-backoff",
                    "2s",
                    "--pace",
                    "5",
                    "--truth",
                    truth.toString(),
                    "--fault",
                    "app@" + FAILS_AT_START + ": failing=100%",
                    "--fault",
                    "app@" + CRASHES_LATER + ": crashing=100%",
                    "--data-dir",
                    server.dataDirectory().toString(),
                    "--control"));
            this.process = new ProcessBuilder(Programs.java("simulator", arguments.toArray(String[]::new)))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(
                            folder.resolve(prefix + "simulator.log").toFile()))
                    .start();
            this.control = process.outputWriter(StandardCharsets.UTF_8);
        }

        /** @return the line */
        String command(String line) throws IOException {
            control.write(line + "\n");
            control.flush();
            return line;
        }

        boolean isRunning() {
            return process.isAlive();
        }

        List<String> awaitOnline(ServerProcess server) throws Exception {
            return Await.until("all of " + prefix + " are online", BOUND, () -> {
                List<String> found = items(server, "/api/v1/assets?limit=500").stream()
                        .filter(asset -> asset.path("presence").asString().equals("online"))
                        .map(asset -> asset.path("id").asString())
                        .filter(id -> id.startsWith(prefix))
                        .sorted()
                        .toList();
                Thread.sleep(300);
                return found.size() == count ? Optional.of(found) : Optional.empty();
            });
        }

        /** As it is now, by asset. */
        Map<String, JsonNode> truth() throws IOException, InterruptedException {
            command("truth");
            Thread.sleep(1_000); // it is written when something has changed since
            Map<String, JsonNode> states = new TreeMap<>();
            for (String line : Files.readAllLines(truth)) {
                JsonNode state = ServerProcess.JSON.readTree(line);
                states.put(state.path("id").asString(), state);
            }
            return states;
        }

        @Override
        public void close() throws InterruptedException {
            process.destroy();
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        }
    }
}
