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
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * A release that no asset of one hardware revision comes up with, one asset in twenty, goes out in waves that are mixed by hardware, while
 * the server is killed with -9 at random moments: the canary stops it, everybody who can be reached runs again what he ran before, and
 * so do the bricked when somebody has written the recovery image. Held against the simulator's own record, not against what
 * the server says. {@code -Dbad.release.assets=2000 -Dkills=2 -Dseed=…} (docs/performance.md).
 */
@EnabledIfSystemProperty(
        named = "bad.release.assets",
        matches = "\\d+",
        disabledReason = "takes minutes; -Dbad.release.assets=2000 -Dkills=2 runs it, 200 is a first try")
class BadReleaseIT {
    private static final int ASSETS = Integer.getInteger("bad.release.assets", 200);
    private static final int KILLS = Integer.getInteger("kills", 2);
    private static final long SEED = Long.getLong("seed", System.nanoTime() % 1_000_000);
    private static final Duration BOUND = Duration.ofMinutes(40);
    private static final String BAD = "1.5.0";
    private static final long STARTED = System.nanoTime();

    private static final String HARDWARE = "rev-a=75,rev-b=20,rev-c=5";
    /** Most never come back, some by their boot counter. */
    private static final String FAULT = "app@" + BAD + ": bricking=75% hanging=25% hardware=rev-c";

    /** What simulated assets run when they are new. */
    private static final List<String> GOOD = List.of("1.3.0", "1.4.1", "1.4.2");

    private static final String ROLLOUT = """
            apiVersion: muster.dev/v1
            kind: Rollout
            metadata: {name: bad}
            spec:
              selector: asset.labels.simulated == 'true'
              change: {release: {component: app, version: "%s"}}
              stratify: [hardware]
              waves:
                - {name: canary, count: 40}
                - {name: early, percent: 10%%}
                - {name: half, percent: 50%%}
                - {name: all, percent: 100%%}
              maxInFlight: 1000
              soak: 20s
              timeout: %ds
              failures: {threshold: 2%%, minSamples: 10, then: rollback}
            """.formatted(BAD, ASSETS >= 1_000 ? 180 : 60);

    @TempDir
    Path folder;

    @Test
    void theRolloutStopsAndEveryoneWhoCanBeReachedRunsHisOwnPreviousVersionAgain() throws Exception {
        say("%,d assets, %d kills, seed %d", ASSETS, KILLS, SEED);
        try (ServerProcess server = new ServerProcess(folder.resolve("data"), Map.of(), List.of())) {
            server.start();
            publish(server);
            try (Simulator fleet = new Simulator(server, folder)) {
                fleet.awaitHeardOf(server);
                Map<String, JsonNode> before = fleet.truth();
                say("enrolled, connected and heard of; they run %s", versions(before.values()));
                assertThat(versions(before.values()).keySet()).isSubsetOf(GOOD).hasSizeGreaterThan(1);

                server.apply(ROLLOUT);
                server.post("/api/v1/rollouts/bad/start", Map.of());
                Instant begun = Instant.now();
                Killer killer = new Killer(server);
                Set<String> touched = watch(server, fleet, killer, begun);
                killer.join();

                Set<String> bricked = check(server, fleet, before, touched);
                tell(server);
                closedWithoutAPerson(server, bricked);
                assertThat(server.get("/api/v1/releases/app@" + BAD)
                                .path("status")
                                .asString())
                        .isEqualTo("quarantined");
                recover(server, fleet, before, bricked);
            }
        }
    }

    private void publish(ServerProcess server) throws Exception {
        CommandLine muster = new CommandLine(server, folder.resolve("cli"));
        ReleaseWorkshop workshop = new ReleaseWorkshop(muster, folder.resolve("releases"), "app");
        List<String> versions = new ArrayList<>(GOOD);
        versions.add(BAD);
        for (String version : versions) {
            Path artifact = Files.writeString(folder.resolve("app-" + version + ".tar"), "version " + version);
            workshop.publish("app", version, artifact.toString());
        }
    }

    /** Until the rollout has ended. @return who has ever been seen to do something about the bad version, by the simulator's record */
    private static Set<String> watch(ServerProcess server, Simulator fleet, Killer killer, Instant begun)
            throws Exception {
        Set<String> touched = new TreeSet<>();
        boolean[] stopped = new boolean[1];
        Await.that("the rollout has ended and all kills were made", BOUND, () -> {
            Map<String, JsonNode> now = fleet.truth();
            now.forEach((asset, state) -> {
                if (doesSomethingAboutTheBadVersion(state)) {
                    touched.add(asset);
                }
            });
            JsonNode status =
                    killer.whenUp(() -> server.get("/api/v1/rollouts/bad").path("status"));
            String phase = status.path("phase").asString();
            if (!phase.equals("running") && !stopped[0]) {
                stopped[0] = true;
                Instant stop = Instant.parse(status.path("since").asString());
                say(
                        "stopped by itself in wave %s: %s",
                        status.path("wave").asString(), status.path("why").asString());
                say(
                        "%d of %,d assets had begun, %d were bricked; %.0f s after the start, %.0f s after the first brick; %d kills until then",
                        touched.size(),
                        ASSETS,
                        now.values().stream().filter(BadReleaseIT::isBricked).count(),
                        seconds(begun, stop),
                        seconds(firstBrick(now.values()).orElse(stop), stop),
                        killer.kills());
            }
            Thread.sleep(1_000);
            return phase.equals("rolled_back") && killer.kills() == KILLS;
        });
        say("rolled back %.0f s after the start, after %d kills", seconds(begun, Instant.now()), killer.kills());
        return touched;
    }

    private static boolean doesSomethingAboutTheBadVersion(JsonNode state) {
        return state.at("/updates/app/version").asString("").equals(BAD)
                || state.at("/software/app").asString().equals(BAD);
    }

    /** @return who is bricked */
    private static Set<String> check(
            ServerProcess server, Simulator fleet, Map<String, JsonNode> before, Set<String> touched) throws Exception {
        Await.that(
                "the fleet has settled",
                BOUND,
                () -> fleet.truth().values().stream()
                        .allMatch(state -> isBricked(state)
                                || (state.path("settled").asBoolean()
                                        && state.path("connected").asBoolean())));
        Map<String, JsonNode> after = fleet.truth();
        Set<String> bricked = those(after, BadReleaseIT::isBricked);
        Map<String, String> wrong = new TreeMap<>();
        before.forEach((asset, then) -> {
            JsonNode now = after.get(asset);
            if (now == null) {
                wrong.put(asset, "is missing");
            } else if (!isBricked(now) && !now.path("software").equals(then.path("software"))) {
                wrong.put(asset, "ran " + then.path("software") + ", runs " + now.path("software"));
            } else if (!touched.contains(asset) && !now.path("boots").equals(then.path("boots"))) {
                wrong.put(asset, "was not to be touched and has restarted: " + now);
            }
        });
        say(
                "by the simulator's record: %d of %,d touched, %d bricked, %d back, %d untouched; they run %s",
                touched.size(),
                ASSETS,
                bricked.size(),
                touched.size() - bricked.size(),
                ASSETS - touched.size(),
                versions(after.values().stream()
                        .filter(state -> !isBricked(state))
                        .toList()));
        assertThat(wrong).as("who does not run what he ran").isEmpty();
        assertThat(touched).as("only who was touched is bricked").containsAll(bricked);
        assertThat(bricked)
                .as("a fleet in which nobody is bricked proves nothing; another seed")
                .isNotEmpty();
        assertThat(those(
                        after,
                        state -> isBricked(state)
                                && !state.path("hardware").asString().equals("rev-c")))
                .isEmpty();

        Map<String, Set<String>> told = new TreeMap<>();
        for (String stage : List.of("rolled_back", "rollback_failed", "excluded")) {
            told.put(stage, targets(server, stage));
        }
        Set<String> backWithoutBeginning = new TreeSet<>(told.getOrDefault("rolled_back", Set.of()));
        backWithoutBeginning.removeAll(touched);
        say(
                "by the server: %d rolled back (%d of them had not begun), %d not, %d never ordered",
                told.getOrDefault("rolled_back", Set.of()).size(),
                backWithoutBeginning.size(),
                told.getOrDefault("rollback_failed", Set.of()).size(),
                told.getOrDefault("excluded", Set.of()).size());
        assertThat(told.get("rollback_failed"))
                .as("who is bricked, and nobody else")
                .isEqualTo(bricked);
        Set<String> back = new HashSet<>(touched);
        back.removeAll(bricked);
        assertThat(told.get("rolled_back")).containsAll(back);
        assertThat(told.values().stream().mapToInt(Set::size).sum()).isEqualTo(ASSETS);
        return bricked;
    }

    /** What somebody reads afterwards: what was decided when, and what became of those that the release hit. */
    private static void tell(ServerProcess server) throws Exception {
        JsonNode decisions =
                server.get("/api/v1/rollouts/bad/decisions?limit=100").path("items");
        Instant begun = Instant.parse(decisions.get(0).path("at").asString());
        for (JsonNode each : decisions) {
            say(
                    "  %5.0f s  %-10s %-14s %s",
                    seconds(begun, Instant.parse(each.path("at").asString())),
                    each.path("kind").asString(),
                    each.path("outcome").asString(),
                    each.path("reason").asString());
        }
        Map<String, Integer> categories = new TreeMap<>();
        for (String stage : List.of("rolled_back", "rollback_failed")) {
            for (String asset : targets(server, stage)) {
                for (JsonNode step :
                        server.get("/api/v1/rollouts/bad/targets/" + asset).path("steps")) {
                    if (Set.of("returning", "recovering")
                                    .contains(step.path("stage").asString())
                            || step.path("stage").asString().equals("unreachable")) {
                        String category = step.path("stage").asString() + ", "
                                + step.path("reason").asString();
                        categories.merge(category, 1, Integer::sum);
                    }
                }
            }
        }
        say("failed by category: %s", categories);
    }

    /** The gate paged, its runbook brought everybody back, and the incident closed; what needs a visit is a ticket each. */
    private static void closedWithoutAPerson(ServerProcess server, Set<String> bricked) throws Exception {
        JsonNode[] found = new JsonNode[1];
        Await.that("the incident of the rollout is closed", BOUND, () -> {
            Thread.sleep(500);
            for (JsonNode each : server.get("/api/v1/incidents").path("items")) {
                if (each.path("class").asString().equals("RolloutReverting")
                        && each.path("state").asString().equals("resolved")) {
                    found[0] = each;
                    return true;
                }
            }
            return false;
        });
        JsonNode incident = Objects.requireNonNull(found[0]);
        String name = incident.path("name").asString();
        Instant sign = Instant.parse(incident.path("evidenceAt").asString());
        say(
                "%s: detected after %.1f s, mitigated after %.1f s, closed after %.1f s by %s; a person had to act: %s",
                name,
                seconds(sign, Instant.parse(incident.path("detectedAt").asString())),
                seconds(sign, Instant.parse(incident.path("mitigatedAt").asString())),
                seconds(sign, Instant.parse(incident.path("resolvedAt").asString())),
                incident.path("resolvedBy").asString(),
                incident.path("byPerson").asBoolean());
        assertThat(incident.path("byPerson").asBoolean()).isFalse();
        assertThat(incident.path("resolvedBy").asString()).isEqualTo("runbook rollout-reverting");
        assertThat(incident.at("/causes/0/value").asString()).isIn("bad", "app@" + BAD);
        int pages = 0;
        Map<String, Integer> tickets = new TreeMap<>();
        long after = 0;
        JsonNode events;
        do {
            events = server.get("/api/v1/events?limit=1000&after=" + after).path("items");
            for (JsonNode event : events) {
                after = event.path("position").asLong();
                if (event.path("type").asString().equals("alert.firing")) {
                    JsonNode labels = event.at("/data/labels");
                    if (labels.path("severity").asString().equals("page")) {
                        pages++;
                    } else if (labels.path("alertname").asString().equals("BrickedSuspect")) {
                        tickets.merge(labels.path("asset").asString(), 1, Integer::sum);
                    }
                }
            }
        } while (!events.isEmpty());
        say("pages: %d, tickets: %d for %d bricked assets", pages, tickets.size(), bricked.size());
        assertThat(pages).as("one page for the whole of it").isEqualTo(1);
        assertThat(tickets.keySet()).as("a ticket for each that needs a visit").isEqualTo(bricked);
        assertThat(tickets.values()).as("at most one ticket for an asset").allMatch(count -> count == 1);
        String postmortem = server.get("/api/v1/incidents/" + name + "/postmortem")
                .path("text")
                .asString();
        assertThat(postmortem).contains("| A person had to act | no |", "runbook rollout-reverting", "app@" + BAD);
        say("postmortem of %d lines", postmortem.lines().count());
    }

    /** Somebody goes there and writes the recovery image; then the rollout looks once more. */
    private static void recover(
            ServerProcess server, Simulator fleet, Map<String, JsonNode> before, Set<String> bricked) throws Exception {
        Instant begun = Instant.now();
        fleet.command("reflash");
        Await.that(
                "the bricked are up again",
                BOUND,
                () -> fleet.truth().values().stream()
                        .allMatch(state -> state.path("connected").asBoolean()
                                && state.path("settled").asBoolean()));
        server.post("/api/v1/rollouts/bad/retry", Map.of("reason", "the recovery image was written"));
        Await.that("the rollout has seen them back", BOUND, () -> {
            Thread.sleep(500);
            return server.get("/api/v1/rollouts/bad")
                    .at("/status/phase")
                    .asString()
                    .equals("rolled_back");
        });
        assertThat(targets(server, "rollback_failed")).isEmpty();
        assertThat(targets(server, "rolled_back")).containsAll(bricked);
        Map<String, JsonNode> after = fleet.truth();
        for (String asset : bricked) {
            assertThat(Objects.requireNonNull(after.get(asset)).path("software"))
                    .as("what %s runs", asset)
                    .isEqualTo(Objects.requireNonNull(before.get(asset)).path("software"));
        }
        Await.that("the tickets of those that are back are over", BOUND, () -> {
            Thread.sleep(500);
            for (JsonNode alert : server.get("/api/v1/alerts?limit=1000").path("items")) {
                if (alert.path("name").asString().equals("BrickedSuspect")) {
                    return false;
                }
            }
            return true;
        });
        say("all %d bricked are back %.0f s after the recovery image", bricked.size(), seconds(begun, Instant.now()));
    }

    private static Set<String> targets(ServerProcess server, String stage) throws Exception {
        Set<String> assets = new TreeSet<>();
        String next = "";
        do {
            JsonNode page = server.get("/api/v1/rollouts/bad/targets?limit=1000&stage=" + stage
                    + (next.isEmpty() ? "" : "&continue=" + next));
            page.path("items").forEach(target -> assets.add(target.path("asset").asString()));
            next = page.path("continue").asString("");
        } while (!next.isEmpty());
        return assets;
    }

    private static boolean isBricked(JsonNode state) {
        return state.path("power").asString().equals("bricked");
    }

    private static Optional<Instant> firstBrick(Collection<JsonNode> states) {
        return states.stream()
                .filter(BadReleaseIT::isBricked)
                .map(state -> Instant.ofEpochMilli(state.path("since").asLong()))
                .min(Instant::compareTo);
    }

    private static Set<String> those(Map<String, JsonNode> states, Predicate<JsonNode> condition) {
        return states.entrySet().stream()
                .filter(state -> condition.test(state.getValue()))
                .map(Map.Entry::getKey)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Map<String, Long> versions(Collection<JsonNode> states) {
        return states.stream()
                .collect(Collectors.groupingBy(
                        state -> state.at("/software/app").asString(), TreeMap::new, Collectors.counting()));
    }

    /** Kills the server at random moments and starts it again; whoever asks it waits until it is there. */
    private static final class Killer {
        private final ServerProcess server;
        private final Random random = new Random(SEED);
        private final ReentrantReadWriteLock up = new ReentrantReadWriteLock();
        private final Thread thread;
        private volatile int kills;
        private volatile @Nullable Exception failure;

        Killer(ServerProcess server) {
            this.server = server;
            this.thread = Thread.ofPlatform().daemon().start(this::run);
        }

        private void run() {
            try {
                while (kills < KILLS) {
                    // Shorter and longer than the half minute for which a dead server holds its leases.
                    long pause = random.nextLong(60_000);
                    Thread.sleep(pause);
                    up.writeLock().lock();
                    try {
                        long killed = System.nanoTime();
                        server.kill9();
                        server.start();
                        kills++;
                        say(
                                "kill %d after %.1f s, ready again after %.1f s",
                                kills, pause / 1e3, (System.nanoTime() - killed) / 1e9);
                    } finally {
                        up.writeLock().unlock();
                    }
                }
            } catch (Exception | AssertionError e) {
                failure = new IllegalStateException("kill " + (kills + 1) + " went wrong", e);
            }
        }

        int kills() throws Exception {
            Exception wrong = failure;
            if (wrong != null) {
                throw wrong;
            }
            return kills;
        }

        interface Question<T> {
            T ask() throws Exception;
        }

        <T> T whenUp(Question<T> question) throws Exception {
            up.readLock().lock();
            try {
                kills();
                return question.ask();
            } finally {
                up.readLock().unlock();
            }
        }

        void join() throws Exception {
            thread.join();
            kills();
        }
    }

    /** The real simulator in a process of its own, and its record. */
    private static final class Simulator implements AutoCloseable {
        private final Process process;
        private final Path truth;
        private final Path log;
        private final Writer control;

        Simulator(ServerProcess server, Path folder) throws IOException {
            this.truth = folder.resolve("truth.jsonl");
            this.log = folder.resolve("simulator.log");
            List<String> command = Programs.java(
                    "simulator",
                    "--assets",
                    Integer.toString(ASSETS),
                    "--seed",
                    Long.toString(SEED),
                    "--rate",
                    "0.05",
                    "--heartbeat",
                    "20s",
                    "--max-backoff",
                    "15s",
                    "--pace",
                    "3",
                    "--download",
                    "1%",
                    "--fault",
                    FAULT,
                    "--hardware",
                    HARDWARE,
                    "--data-dir",
                    server.dataDirectory().toString(),
                    "--truth",
                    truth.toString(),
                    "--control");
            this.process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
            this.control = process.outputWriter(StandardCharsets.UTF_8);
        }

        void command(String line) throws IOException {
            control.write(line + "\n");
            control.flush();
        }

        /** What is true of each asset, as of a moment ago. */
        Map<String, JsonNode> truth() throws IOException, InterruptedException {
            if (!process.isAlive()) {
                throw new AssertionError("the simulator ended with " + process.exitValue() + ", see " + log);
            }
            command("truth");
            Thread.sleep(500);
            Map<String, JsonNode> states = new TreeMap<>();
            if (Files.exists(truth)) {
                for (String line : Files.readAllLines(truth)) {
                    JsonNode state = ServerProcess.JSON.readTree(line);
                    states.put(state.path("id").asString(), state);
                }
            }
            return states;
        }

        /** All connected, and the server knows what each of them runs. */
        void awaitHeardOf(ServerProcess server) throws Exception {
            Await.that("all have enrolled and connected; see " + log, BOUND, () -> {
                Thread.sleep(1_000);
                Map<String, JsonNode> states = truth();
                return states.size() == ASSETS
                        && states.values().stream()
                                .allMatch(state -> state.path("connected").asBoolean()
                                        && state.path("settled").asBoolean());
            });
            server.apply(ROLLOUT.replace("name: bad}", "name: look}"));
            Await.that("the server knows what each of them runs", BOUND, () -> {
                Thread.sleep(1_000);
                JsonNode plan = server.get("/api/v1/rollouts/look/plan?examples=0");
                return plan.path("targets").asInt() == ASSETS;
            });
        }

        @Override
        public void close() throws InterruptedException {
            process.destroy();
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        }
    }

    private static double seconds(Instant from, Instant to) {
        return Duration.between(from, to).toMillis() / 1e3;
    }

    private static void say(String format, Object... values) {
        System.out.println(String.format(Locale.ROOT, "bad release [%.0f s]: ", (System.nanoTime() - STARTED) / 1e9)
                + String.format(Locale.ROOT, format, values));
    }
}
