package dev.muster.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.muster.agent.buffer.DiskBuffer;
import dev.muster.agent.buffer.Entry;
import dev.muster.protocol.PayloadFormat;
import dev.muster.protocol.Uplink;
import dev.muster.protocol.UplinkCodec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * A fleet of real agents against a real server, told from outside: by files, processes and what the server shows. Takes
 * minutes, so it is run when asked for: {@code -Dagents=10 -Dkills=20}, or {@code -Dagents=3 -Dkills=4}. Each test leaves the
 * fleet in sync.
 */
@EnabledIfSystemProperty(
        named = "agents",
        matches = "\\d+",
        disabledReason = "takes minutes; -Dagents=3 -Dkills=4 runs the smallest")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class AgentsIT {
    private static final int AGENTS = Math.max(3, Integer.getInteger("agents", 3));
    private static final int KILLS = Integer.getInteger("kills", 4);
    private static final long SEED = Long.getLong("seed", System.nanoTime());
    private static final Duration LONG = Duration.ofSeconds(Integer.getInteger("patience", 300));
    private static final Set<String> ENDS =
            Set.of("succeeded", "failed", "rejected", "expired", "indeterminate", "cancelled");

    @TempDir
    static Path folder;

    private static final List<Box> BOXES = new ArrayList<>();

    @SuppressWarnings("NullAway.Init")
    private static ServerProcess server;

    @SuppressWarnings("NullAway.Init")
    private static CommandLine muster;

    /** Between the server and the last box. */
    @SuppressWarnings("NullAway.Init")
    private static CutNetwork network;

    private static int revision;

    @BeforeAll
    static void start() throws Exception {
        System.out.printf(Locale.ROOT, "agents %d, kills %d, seed %d%n", AGENTS, KILLS, SEED);
        server = new ServerProcess(folder.resolve("data"), Map.of(), List.of("--asset-certificate-lifetime=3m"));
        server.start();
        muster = new CommandLine(server, folder.resolve("cli"));
        network = new CutNetwork(server.mqtt());
        for (int i = 1; i <= AGENTS; i++) {
            String mqtt = i == AGENTS ? network.address() : server.mqtt();
            Box box = new Box(server, mqtt, folder, "box-" + i);
            BOXES.add(box);
            box.agent().start();
        }
    }

    @AfterAll
    static void stop() throws Exception {
        List<AutoCloseable> all = new ArrayList<>(BOXES);
        Collections.addAll(all, network, server);
        List<Exception> failures = new ArrayList<>();
        for (AutoCloseable each : all) {
            try {
                if (each != null) {
                    each.close();
                }
            } catch (Exception e) {
                failures.add(e);
            }
        }
        assertThat(failures).isEmpty();
    }

    @Test
    @Order(1)
    void theBaselineOfTheTypeIsAppliedToWhoeverEnrols() throws Exception {
        for (Box box : BOXES) {
            awaitInSync(box);
            JsonNode twin = twin(box.id());
            assertThat(twin.at("/desired/origins").toString()).contains("baseline/linux-device");
            JsonNode handedOver = ServerProcess.JSON.readTree(box.handedOver());
            assertThat(handedOver).isEqualTo(twin.at("/desired/config"));
            assertThat(handedOver.at("/ntp/enabled").asBoolean()).isTrue();
        }
    }

    @Test
    @Order(2)
    void aGroupsConfigurationChangesTheFilesOfAllMembersAndIsConfirmed() throws Exception {
        StringBuilder yaml = new StringBuilder("""
                apiVersion: muster.dev/v1
                kind: Group
                metadata: {name: boxes}
                spec: {selector: "asset.id.startsWith('box-')"}
                """);
        BOXES.forEach(box -> yaml.append(ownConfiguration(box, "")));
        muster.apply(yaml + nextRevision(""));
        awaitRevisionEverywhere();
        muster.apply(nextRevision(""));
        awaitRevisionEverywhere();
    }

    @Test
    @Order(3)
    void aBadConfigurationIsReturnedFromByTheAssetsThemselves() throws Exception {
        Map<Box, String> before = new TreeMap<>(java.util.Comparator.comparing(Box::id));
        for (Box box : BOXES) {
            before.put(box, box.motdText());
        }
        muster.apply(nextRevision(", poison: true"));
        for (Box box : BOXES) {
            Await.that(box.id() + " rejects", LONG, () -> state(box.id()).equals("rejected"));
            assertThat(twin(box.id()).at("/reported/rejected/reason").asString())
                    .contains("no poison here");
            assertThat(box.motdText()).isEqualTo(before.get(box));
            assertThat(box.handedOver()).doesNotContain("poison");
        }
        muster.apply(nextRevision(""));
        awaitRevisionEverywhere();
    }

    @Test
    @Order(4)
    void whatIsChangedByHandIsRepairedByTheAgentOrByTheServerOrOnlyShown() throws Exception {
        Box repairing = BOXES.get(0);
        Box enforced = BOXES.get(1);
        Box reporting = BOXES.get(2);
        muster.apply(ownConfiguration(reporting, ", onDrift: report, template: \"its own\""));
        Await.that("own text", LONG, () -> reporting.motdText().equals("its own"));
        awaitInSync(reporting);

        Files.writeString(repairing.motd(), "by hand\n");
        Files.writeString(
                folder.resolve(enforced.id()).resolve("apps/config.json"),
                enforced.handedOver().replace("true", "false"),
                StandardOpenOption.TRUNCATE_EXISTING);
        Files.writeString(reporting.motd(), "by hand\n");

        Await.that("repaired by its agent", LONG, () -> repairing.motdText().equals(text(repairing)));
        Await.that("told", LONG, () -> events(repairing).contains("config.file.repaired"));
        Await.that("drift found", LONG, () -> log("twin.drifted", enforced) && log("twin.enforced", enforced));
        Await.that(
                "enforced by the server",
                LONG,
                () -> ServerProcess.JSON
                        .readTree(enforced.handedOver())
                        .at("/ntp/enabled")
                        .asBoolean());
        awaitInSync(enforced);

        Await.that("shown", LONG, () -> state(reporting.id()).equals("drifted"));
        JsonNode drift = twin(reporting.id()).path("drift");
        assertThat(drift.size()).as(drift.toString()).isEqualTo(1);
        assertThat(drift.at("/0/field").asString()).isEqualTo("/config/files/motd/template");
        assertThat(drift.at("/0/desired").asString()).isEqualTo("its own");
        assertThat(drift.at("/0/reported").asString()).startsWith("modified sha256:");
        assertThat(drift.at("/0/policy").asString()).isEqualTo("report");
        assertThat(muster.must("drift")).contains(reporting.id());
        Await.that("told", LONG, () -> events(reporting).contains("config.file.drifted"));
        assertThat(reporting.motdText()).as("left alone").isEqualTo("by hand\n");

        Files.writeString(reporting.motd(), "its own");
        awaitInSync(reporting);
        muster.apply(ownConfiguration(reporting, ""));
        awaitRevisionEverywhere();
    }

    @Test
    @Order(5)
    void commandsAreAnsweredAndTheAssetDecidesWhichItDoes() throws Exception {
        Box box = BOXES.get(0);
        assertThat(muster.run("run", "ping", "--asset", box.id()).code()).isZero();
        JsonNode counted = muster.json(
                "run",
                "run",
                "--yes",
                "--asset",
                box.id(),
                "--params",
                "{\"name\":\"count\",\"args\":{\"word\":\"once\"}}");
        assertThat(counted.path("status").asString()).as(counted.toString()).isEqualTo("succeeded");
        assertThat(box.counted()).containsExactly("once");

        CommandLine.Ran refused = muster.run(
                "run", "run", "--yes", "--asset", box.id(), "--params", "{\"name\":\"rm\",\"args\":{\"word\":\"x\"}}");
        assertThat(refused.code()).isEqualTo(3);
        assertThat(refused.out() + refused.err()).contains("rejected");
        CommandLine.Ran shell = muster.run(
                "run",
                "run",
                "--yes",
                "--asset",
                box.id(),
                "--params",
                "{\"name\":\"count\",\"args\":{\"word\":\"a;b\"}}");
        assertThat(shell.code()).isEqualTo(3);
        assertThat(box.counted()).containsExactly("once");

        muster.must("run", "collect-logs", "--asset", box.id());
        Await.that(
                "the log's end is stored",
                LONG,
                () -> server.get("/api/v1/assets/" + box.id() + "/logs?contains=words")
                        .toString()
                        .contains("last words of " + box.id()));

        JsonNode collected = muster.json("run", "collect-file", "--asset", box.id(), "--params", "{\"name\":\"own\"}");
        assertThat(collected.path("status").asString()).as(collected.toString()).isEqualTo("succeeded");
        String file = collected.path("detail").path("file").asString();
        assertThat(server.get("/api/v1/files/" + file).toString()).contains(box.id());
    }

    @Test
    @Order(6)
    void anAssetThatWasOfflineCatchesUpWithoutLoss() throws Exception {
        Box box = BOXES.getLast();
        network.cut();
        Instant away = Instant.now();
        // What is desired meanwhile waits for it.
        muster.apply(nextRevision(""));
        List<Long> killed = Await.until(
                "some measurements wait", LONG, () -> Optional.of(waiting(box)).filter(times -> times.size() >= 5));
        box.agent().kill9();
        box.agent().start();
        List<Long> waiting = Await.until(
                "more of them after the restart",
                LONG,
                () -> Optional.of(waiting(box)).filter(times -> times.size() >= killed.size() + 3));
        assertThat(waiting).as("a kill loses none").containsAll(killed).doesNotHaveDuplicates();
        assertThat(box.motdText()).isNotEqualTo(text(box));
        network.mend();

        long first = waiting.getFirst();
        long last = waiting.getLast();
        Await.that(
                "the last of the " + waiting.size() + " measurements is stored",
                LONG,
                () -> measurements(box, away, last).contains(last));
        assertThat(measurements(box, away, last).stream().filter(ts -> ts >= first))
                .as("each of them, and once")
                .containsExactlyElementsOf(waiting);
        Await.that(
                "nothing waits in the buffer any more",
                LONG,
                () -> Files.readString(folder.resolve(box.id()).resolve("state/status"))
                        .lines()
                        .anyMatch(line -> line.matches("buffer: [0-3] messages.*")));
        assertThat(Files.readString(folder.resolve(box.id()).resolve("state/status")))
                .contains(" 0 refused");
        awaitRevisionEverywhere();
    }

    @Test
    @Order(7)
    void aPlainClientIsToldAsTheProtocolSays() throws Exception {
        boolean missing = Programs.onPath("mosquitto_sub").isEmpty();
        if (System.getenv("CI") != null) {
            assertThat(missing).as("mosquitto_sub is missing").isFalse();
        }
        assumeThat(missing).as("SKIPPED, mosquitto_sub is not installed").isFalse();
        muster.must("create", "asset", "plain-1", "--type", "linux-device");
        Path keys = folder.resolve("plain-1");
        muster.must("asset", "credentials", "plain-1", "--out", keys.toString());
        Await.that(
                "a desired state", LONG, () -> twin("plain-1").path("desired").isObject());

        try (Plain first = new Plain(keys, "first")) {
            List<String> desired = first.await("state/desired", 1);
            assertThat(desired.getFirst()).startsWith("1|");
            JsonNode document = ServerProcess.JSON.readTree(desired.getFirst().substring(2));
            assertThat(document.at("/config/ntp/enabled").asBoolean()).isTrue();
            assertThat(document.path("generation").asLong()).isPositive();

            muster.apply("""
                    apiVersion: muster.dev/v1
                    kind: Configuration
                    metadata: {name: plain}
                    spec: {target: {asset: plain-1}, config: {reporting: {telemetrySeconds: 10}}}
                    """);
            String live = first.await("state/desired", 2).get(1);
            assertThat(live).startsWith("0|");
            JsonNode changed = ServerProcess.JSON.readTree(live.substring(2));
            assertThat(changed.path("generation").asLong())
                    .isGreaterThan(document.path("generation").asLong());
            assertThat(changed.at("/config/reporting/telemetrySeconds").asInt()).isEqualTo(10);

            String id = command("plain-1", "ping", Map.of());
            String given = first.await("commands", 1).getFirst();
            assertThat(given).startsWith("0|");
            JsonNode command = ServerProcess.JSON.readTree(given.substring(2));
            assertThat(command.path("id").asString()).isEqualTo(id);
            assertThat(command.path("name").asString()).isEqualTo("ping");
            assertThat(command.path("params").isObject()).isTrue();
            assertThat(Instant.parse(command.path("deadline").asString())).isAfter(Instant.now());
            assertThat(command.path("traceparent").asString()).matches("00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}");
        }
        // Not answered, so it comes again in the next session, after the desired state.
        try (Plain second = new Plain(keys, "second")) {
            assertThat(second.await("state/desired", 1).getFirst()).startsWith("1|");
            JsonNode again = ServerProcess.JSON.readTree(
                    second.await("commands", 1).getFirst().substring(2));
            String id = again.path("id").asString();
            Plain.say(
                    keys, "commands/" + id + "/result", "{\"status\":\"succeeded\",\"detail\":{\"output\":\"pong\"}}");
            Await.that(
                    "the answer is taken",
                    LONG,
                    () -> server.get("/api/v1/commands/" + id)
                            .path("status")
                            .asString()
                            .equals("succeeded"));
            assertThat(server.get("/api/v1/commands/" + id).path("output").asString())
                    .isEqualTo("pong");
        }
    }

    /** {@code mosquitto_sub} on both topics; each line is RETAIN and payload. */
    private static final class Plain implements AutoCloseable {
        private final Path folder;
        private final Process process;

        Plain(Path keys, String name) throws Exception {
            this.folder = Files.createDirectories(keys.resolveSibling("plain-" + name));
            List<String> command = client("mosquitto_sub", keys);
            command.addAll(List.of("-q", "1", "-F", "%t|%r|%p"));
            command.addAll(List.of("-t", "assets/plain-1/state/desired", "-t", "assets/plain-1/commands"));
            this.process = new ProcessBuilder(command)
                    .redirectOutput(folder.resolve("out").toFile())
                    .redirectError(folder.resolve("err").toFile())
                    .start();
        }

        static void say(Path keys, String topic, String payload) throws Exception {
            List<String> command = client("mosquitto_pub", keys);
            command.addAll(List.of("-q", "1", "-t", "assets/plain-1/" + topic, "-m", payload));
            Process process = new ProcessBuilder(command).inheritIO().start();
            assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
            assertThat(process.exitValue()).isZero();
        }

        private static List<String> client(String program, Path keys) {
            String address = server.mqtt();
            int colon = address.lastIndexOf(':');
            return new ArrayList<>(List.of(
                    program,
                    "-h",
                    address.substring(0, colon),
                    "-p",
                    address.substring(colon + 1),
                    "--cafile",
                    keys.resolve("ca.pem").toString(),
                    "--cert",
                    keys.resolve("certificate.pem").toString(),
                    "--key",
                    keys.resolve("key.pem").toString(),
                    "-V",
                    "5"));
        }

        List<String> await(String topic, int count) throws Exception {
            String prefix = "assets/plain-1/" + topic + "|";
            return Await.until(count + " messages at " + topic + "; see " + folder, LONG, () -> {
                List<String> lines = Files.readAllLines(folder.resolve("out")).stream()
                        .filter(line -> line.startsWith(prefix))
                        .map(line -> line.substring(prefix.length()))
                        .toList();
                return lines.size() >= count ? Optional.of(lines) : Optional.empty();
            });
        }

        @Override
        public void close() throws InterruptedException {
            process.destroy();
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        }
    }

    @Test
    @Order(8)
    void anApplicationIsUpdatedInItsSlotsAndComesBackFromAVersionThatCrashes() throws Exception {
        ReleaseWorkshop workshop = new ReleaseWorkshop(muster, folder.resolve("releases"), "app");
        muster.apply("""
                apiVersion: muster.dev/v1
                kind: Asset
                metadata: {name: slots-1}
                spec: {type: linux-device, hardware: pc}
                """);
        try (Box box = new Box(server, server.mqtt(), folder, "slots-1", "--hardware=pc")) {
            box.agent().start();
            awaitInSync(box);
            Await.that(
                    "the root is pinned",
                    LONG,
                    () -> box.logged("below the root " + workshop.root()).isPresent());

            publish(workshop, "1.0", "exec sleep 1000\n");
            rollOut(box, "1.0");
            awaitUpdate(box, "succeeded", "1.0");
            ProcessHandle first = theApplication(box, "1.0");

            publish(workshop, "2.0", "exec sleep 1000\n");
            rollOut(box, "2.0");
            awaitUpdate(box, "succeeded", "2.0");
            ProcessHandle second = theApplication(box, "2.0");
            assertThat(first.isAlive()).as("the old version runs").isFalse();

            // It runs on when its agent is killed, and the next agent takes it over.
            box.agent().kill9();
            assertThat(second.isAlive()).isTrue();
            box.agent().start();

            publish(workshop, "3.0", "echo out of cheese\nexit 7\n");
            rollOut(box, "3.0");
            JsonNode update = awaitUpdate(box, "rolled_back", "3.0");
            assertThat(update.path("reason").asString()).contains("7", "out of cheese");
            assertThat(update.path("previous").asString()).isEqualTo("2.0");
            assertThat(twin(box.id()).at("/reported/software/app").asString()).isEqualTo("2.0");
            theApplication(box, "2.0");
        }
    }

    private static void publish(ReleaseWorkshop workshop, String version, String program) throws Exception {
        workshop.publish("app", version, workshop.application(version, program) + "=pc");
    }

    private static void rollOut(Box box, String version) throws Exception {
        String name = "app-" + version.replace('.', '-');
        muster.apply("""
                apiVersion: muster.dev/v1
                kind: Rollout
                metadata: {name: %s}
                spec:
                  selector: asset.id == '%s'
                  change: {release: {component: app, version: "%s"}}
                  soak: 5s
                  failures: {threshold: 10%%, then: pause}
                  withoutRollbackTarget: allow
                """.formatted(name, box.id(), version));
        muster.must("rollout", "start", name);
    }

    private static JsonNode awaitUpdate(Box box, String state, String version) throws Exception {
        return Await.until(
                box.id() + " reports " + version + " " + state + "; see "
                        + box.agent().log(),
                LONG,
                () -> {
                    JsonNode twin = twin(box.id());
                    // Also those before: a rollout that fails gives the old version anew, moments after the asset has
                    // gone back.
                    return Stream.concat(
                                    Stream.of(twin.path("reported")),
                                    twin.at("/history/reported").valueStream().map(each -> each.path("report")))
                            .map(report -> report.at("/updates/app"))
                            .filter(it -> it.path("version").asString("").equals(version))
                            .filter(it -> it.path("state").asString("").equals(state))
                            .findFirst();
                });
    }

    /** The one process of the application: it runs when it is reported that it does. */
    private static ProcessHandle theApplication(Box box, String version) throws Exception {
        List<ProcessHandle> running = box.applications();
        assertThat(running).hasSize(1);
        assertThat(Box.environment(Long.toString(running.getFirst().pid()))).contains("MUSTER_VERSION=" + version);
        assertThat(box.app().resolve("data/version")).hasContent(version);
        return running.getFirst();
    }

    @Test
    @Order(9)
    void certificatesAreRenewedWhileEverythingRuns() throws Exception {
        for (Box box : BOXES) {
            Await.that(
                    box.id() + " has another certificate",
                    LONG,
                    () -> server.get("/api/v1/certificates?asset=" + box.id())
                                    .path("items")
                                    .size()
                            >= 2);
            Await.that(
                    "noted; see " + box.agent().log(),
                    LONG,
                    () -> box.logged("renewed: asset " + box.id()).isPresent());
            awaitInSync(box);
        }
    }

    @Test
    @Order(10)
    void whateverIsKilledTheFleetConvergesAndNoCommandIsDoneTwice() throws Exception {
        Random random = new Random(SEED);
        Map<String, Given> given = new TreeMap<>();
        for (int kill = 1; kill <= KILLS; kill++) {
            if (kill % 2 == 1) {
                muster.apply(nextRevision(""));
            }
            for (int i = 0; i < 3; i++) {
                Box box = BOXES.get(random.nextInt(BOXES.size()));
                String word = "kill-" + kill + "-" + i;
                given.put(
                        word,
                        new Given(
                                box, command(box.id(), "run", Map.of("name", "count", "args", Map.of("word", word)))));
            }
            Thread.sleep(random.nextInt(2500));
            strike(random, kill);
        }
        muster.apply(nextRevision(""));
        awaitRevisionEverywhere();

        Map<String, Integer> outcomes = new TreeMap<>();
        for (Map.Entry<String, Given> each : given.entrySet()) {
            Given command = each.getValue();
            String end = Await.until(
                    "command " + command.id() + " of " + command.box().id() + " ends",
                    LONG,
                    () -> Optional.of(server.get("/api/v1/commands/" + command.id())
                                    .path("status")
                                    .asString())
                            .filter(ENDS::contains));
            outcomes.merge(end, 1, Integer::sum);
            long times = command.box().counted().stream()
                    .filter(each.getKey()::equals)
                    .count();
            assertThat(end).as(each.toString()).isIn("succeeded", "indeterminate");
            if (end.equals("succeeded")) {
                assertThat(times).as("%s, seed %d", each, SEED).isEqualTo(1);
            } else {
                assertThat(times).as("%s, seed %d", each, SEED).isLessThanOrEqualTo(1);
            }
        }
        System.out.printf(Locale.ROOT, "after %d kills all %d boxes in sync; commands %s%n", KILLS, AGENTS, outcomes);
    }

    private record Given(Box box, String id) {}

    private static void strike(Random random, int kill) throws Exception {
        boolean both = random.nextInt(5) == 0;
        boolean serverToo = both || random.nextBoolean();
        Box box = BOXES.get(random.nextInt(BOXES.size()));
        int pause = random.nextInt(1500);
        if (both || !serverToo) {
            box.agent().kill9();
        }
        if (serverToo) {
            server.kill9();
            server.start();
        }
        if (both || !serverToo) {
            Thread.sleep(pause);
            box.agent().start();
        }
        System.out.printf(
                Locale.ROOT, "kill %d: %s%n", kill, both ? "server and " + box.id() : serverToo ? "server" : box.id());
    }

    private static String command(String asset, String name, Map<String, Object> parameters) throws Exception {
        return server.post(
                        "/api/v1/commands",
                        Map.of(
                                "asset",
                                asset,
                                "name",
                                name,
                                "parameters",
                                parameters,
                                "timeout",
                                "30m",
                                "confirm",
                                true))
                .path("id")
                .asString();
    }

    /** Where the box has its file; what is in it comes from the group. */
    private static String ownConfiguration(Box box, String more) {
        return """
                ---
                apiVersion: muster.dev/v1
                kind: Configuration
                metadata: {name: %1$s}
                spec:
                  target: {asset: %1$s}
                  config: {files: {motd: {path: %2$s%3$s}}}
                """.formatted(box.id(), box.motd(), more);
    }

    private static String nextRevision(String more) {
        revision++;
        return """
                ---
                apiVersion: muster.dev/v1
                kind: Configuration
                metadata: {name: boxes}
                spec:
                  target: {group: boxes}
                  config:
                    files: {motd: {template: "{{asset.id}} has revision %1$d\\n", mode: "0644"}}
                    site: {revision: %1$d%2$s}
                    agent: {budget: {memoryBytes: 1073741824, cpuShare: 1}}
                """.formatted(revision, more);
    }

    private static String text(Box box) {
        return box.id() + " has revision " + revision + "\n";
    }

    /** On the disks, and as confirmed by the assets. */
    private static void awaitRevisionEverywhere() throws Exception {
        for (Box box : BOXES) {
            Await.that(
                    box.id() + " has revision " + revision + "; see "
                            + box.agent().log(),
                    LONG,
                    () -> box.motdText().equals(text(box)));
            awaitInSync(box);
            assertThat(ServerProcess.JSON
                            .readTree(box.handedOver())
                            .at("/site/revision")
                            .asInt())
                    .isEqualTo(revision);
            assertThat(twin(box.id()).at("/reported/config/site/revision").asInt())
                    .isEqualTo(revision);
        }
    }

    private static void awaitInSync(Box box) throws Exception {
        Await.that(box.id() + " is in sync; see " + box.agent().log(), LONG, () -> {
            if (!box.agent().isAlive()) {
                throw new AssertionError("agent of " + box.id() + " ended:\n"
                        + Files.readString(box.agent().log()));
            }
            return state(box.id()).equals("in_sync");
        });
    }

    private static JsonNode twin(String asset) throws Exception {
        return server.get("/api/v1/assets/" + asset + "/twin");
    }

    private static String state(String asset) throws Exception {
        return server.find("/api/v1/assets/" + asset + "/twin")
                .map(twin -> twin.path("state").asString())
                .orElse("");
    }

    private static String events(Box box) throws Exception {
        return server.get("/api/v1/assets/" + box.id() + "/events?contains=config")
                .toString();
    }

    /** Whether the server's log has such an event about it. */
    private static boolean log(String type, Box box) throws Exception {
        long after = 0;
        while (true) {
            JsonNode page =
                    server.get("/api/v1/events?limit=200&after=" + after).path("items");
            if (page.isEmpty()) {
                return false;
            }
            for (JsonNode event : page) {
                if (event.path("type").asString().equals(type)
                        && event.toString().contains(box.id() + "\"")) {
                    return true;
                }
                after = event.path("position").asLong();
            }
        }
    }

    /** The measurements in the buffer of its agent, as the next agent would find them: in a copy of the files. */
    private static List<Long> waiting(Box box) throws Exception {
        Path copy = Files.createTempDirectory(folder, "buffer");
        try (Stream<Path> files = Files.list(folder.resolve(box.id()).resolve("state/buffer"))) {
            for (Path file :
                    files.filter(each -> !each.toString().endsWith(".new")).toList()) {
                Files.copy(file, copy.resolve(file.getFileName()));
            }
        }
        List<Long> times = new ArrayList<>();
        try (DiskBuffer buffer = DiskBuffer.open(copy, 64L << 20)) {
            for (Entry entry = buffer.next(); entry != null; entry = buffer.next()) {
                Uplink uplink = UplinkCodec.decode(entry.kind(), entry.subtopic(), PayloadFormat.JSON, entry.payload());
                if (uplink instanceof Uplink.Telemetry telemetry) {
                    telemetry.readings().stream()
                            .filter(reading -> reading.values().containsKey("memory.used"))
                            .forEach(reading -> times.add(Objects.requireNonNull(reading.ts())));
                }
            }
        }
        return times;
    }

    private static List<Long> measurements(Box box, Instant from, long to) throws Exception {
        List<Long> times = new ArrayList<>();
        server.get("/api/v1/assets/" + box.id() + "/telemetry?metrics=memory.used&from=" + from.minusSeconds(60)
                        + "&to=" + Instant.ofEpochMilli(to + 1))
                .path("series")
                .path(0)
                .path("points")
                .forEach(point -> times.add(point.path("ts").asLong()));
        return times;
    }
}
