package dev.muster.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;

/**
 * A fleet with a day behind it, for people to look at: registered by an import, heard of through the journal and from simulated
 * assets, with releases, configurations, a rollout over all, commands that nobody took, alerts, incidents and an audit trail. All of it goes
 * through the server: by the interfaces that people and assets use, or by its journal ({@link HeardFleet}); nothing is written past it.
 */
final class ConsoleWorld {
    private static final List<String> TYPES = List.of("van", "till", "probe", "camera", "lift");
    private static final List<String> REGIONS =
            List.of("eu-west", "eu-north", "us-east", "us-west", "ap-south", "sa-east");
    private static final List<String> RINGS = List.of("canary", "early", "broad", "broad", "broad");
    private static final int SIMULATED = 1_000;
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private final MusterServer server;
    private final Path directory;
    private final Figures figures;
    private final int assets;

    /** @param assets in all, those that are simulated among them */
    ConsoleWorld(MusterServer server, Path directory, Figures figures, int assets) {
        this.server = server;
        this.directory = directory;
        this.figures = figures;
        this.assets = assets;
    }

    private interface Step {
        void run() throws Exception;
    }

    /** Once for a data directory that is used again. */
    private void step(String name, Step step) throws Exception {
        Path done = directory.resolve("filled-" + name);
        if (Files.exists(done)) {
            return;
        }
        long begun = System.nanoTime();
        step.run();
        figures.figure("filled." + name, (System.nanoTime() - begun) / 1e9, "s");
        Files.createFile(done);
    }

    private int silent() {
        return Math.max(0, assets - SIMULATED);
    }

    static String id(int asset) {
        return "%s-%06d".formatted(TYPES.get(asset % TYPES.size()), asset);
    }

    void fill() throws Exception {
        step("types", this::types);
        step("assets", () -> server.importAssets(csv()));
        step("heard-of", this::heard);
        step("labels", this::labels);
        step("alerting", this::alerting);
        step("configurations", this::configurations);
        step("releases", this::releases);
        step("commands", this::commands);
        step("incidents", this::incidents);
        step("access", this::access);
        step("rollouts", this::rollouts);
        step("quiet", () -> server.awaitApplied(PATIENCE));
    }

    private void types() throws Exception {
        StringBuilder yaml = new StringBuilder();
        for (String type : TYPES) {
            yaml.append("""
                    ---
                    apiVersion: muster.dev/v1
                    kind: AssetType
                    metadata: {name: %s}
                    spec:
                      heartbeat: {interval: 12h, ttl: 24h}
                      telemetry: {metrics: {temperature: {unit: K, min: 200, max: 400}, load: {unit: "1", min: 0, max: 1}}}
                      commands: {restart: {timeout: 1m}, identify: {timeout: 1m}}
                      baseline: {reporting: {intervalSeconds: 60}}
                    """.formatted(type));
        }
        apply(yaml);
    }

    private void apply(CharSequence yaml) throws IOException, InterruptedException {
        server.post("/api/v1/apply", "application/yaml", yaml.toString());
    }

    private String csv() {
        StringBuilder csv = new StringBuilder(
                "id,type,region,site,owner,hardware,lifecycle,label.ring,label.model,label.depot,label.line,label.batch\n");
        for (int i = 0; i < silent(); i++) {
            csv.append("%s,%s,%s,site-%03d,team-%02d,rev-%c,active,%s,m%d,d%d,l%d,b%d%n"
                    .formatted(
                            id(i),
                            TYPES.get(i % TYPES.size()),
                            REGIONS.get(i * 7 % REGIONS.size()),
                            i * 13 % 400,
                            i % 40,
                            (char) ('a' + i % 3),
                            RINGS.get(i / 5 % RINGS.size()),
                            i % 9,
                            i % 100,
                            i % 17,
                            i / 1000));
        }
        return csv.toString();
    }

    /** Nine of ten, through the journal, and are online for a day; what they said is stored when this returns. */
    private void heard() throws Exception {
        server.process().getOutputStream().write((silent() + "\n").getBytes(StandardCharsets.US_ASCII));
        server.process().getOutputStream().flush();
        await(
                "hearing of the fleet",
                () -> server.get("/api/v1/overview")
                                .path("presence")
                                .path("online")
                                .asInt(0)
                        >= silent() * 9 / 10);
        await("what they said", () -> server.metric("muster_ingest_lag{") == 0);
    }

    /** Twenty changes of some hundred assets each, at once: audit entries with what was before. */
    private void labels() throws Exception {
        List<String> changes = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            JsonNode begun = server.post("/api/v1/asset-changes", """
                    {"selector":"asset.site in ['site-%03d','site-%03d']","labels":{"checked":"2026-%02d"}}""".formatted(i, 399 - i, 1 + i % 12));
            changes.add(begun.path("id").asString());
        }
        for (String change : changes) {
            await(
                    "the change of labels",
                    () -> server.get("/api/v1/asset-changes/" + change)
                            .path("state")
                            .asString()
                            .equals("done"));
        }
    }

    private interface Fact {
        boolean holds() throws Exception;
    }

    private static void await(String what, Fact fact) throws Exception {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!fact.holds()) {
            if (System.nanoTime() > end) {
                throw new IOException(what + " did not end within " + PATIENCE);
            }
            Thread.sleep(100);
        }
    }

    /** Rules, schedules, routing, objectives; 2,000 alerts of another system, and silences of some. */
    private void alerting() throws Exception {
        apply("""
                apiVersion: muster.dev/v1
                kind: Receiver
                metadata: {name: ann}
                spec: {channels: [{webhook: {url: "http://127.0.0.1:9/"}}]}
                ---
                apiVersion: muster.dev/v1
                kind: Receiver
                metadata: {name: bob}
                spec: {channels: [{webhook: {url: "http://127.0.0.1:9/"}}]}
                ---
                apiVersion: muster.dev/v1
                kind: OnCallSchedule
                metadata: {name: fleet}
                spec:
                  timeZone: Europe/Berlin
                  rotations: [{people: [ann, bob], start: 2026-01-05T08:00, turn: 7d}]
                """);
        apply(Files.readString(Programs.root().resolve("examples/slo/fleet.yaml")));
        StringBuilder rules = new StringBuilder();
        for (int i = 0; i < 20; i++) {
            rules.append("""
                    ---
                    apiVersion: muster.dev/v1
                    kind: AlertRule
                    metadata: {name: hot-%02d}
                    spec:
                      selector: asset.owner == 'team-%02d'
                      severity: ticket
                      condition: {threshold: {metric: temperature, above: 350, clear: 340, staleAfter: 1h}}
                      every: 1m
                    """.formatted(i, i));
        }
        apply(rules);
        Instant tomorrow = Instant.now().plus(Duration.ofDays(1));
        StringBuilder alerts = new StringBuilder("[");
        for (int i = 0; i < 2_000; i++) {
            alerts.append(i == 0 ? "" : ",").append("""
                    {"labels":{"alertname":"%s","severity":"%s","asset":"%s","service":"s%d"},"annotations":{"summary":"since this morning"},"endsAt":"%s"}""".formatted(
                    List.of("QueueFull", "SlowAnswers", "DoorOpen", "NoSupply").get(i % 4),
                    i % 20 == 0 ? "critical" : "warning",
                    id(i * 31 % silent()),
                    i % 12,
                    tomorrow));
        }
        server.post("/api/v2/alerts", alerts.append("]").toString());
        for (int i = 0; i < 60; i++) {
            server.post("/api/v1/silences", """
                    {"matchers":["service=\\"s%d\\"","alertname=\\"DoorOpen\\"","asset=\\"%s\\""],"duration":"%dh","comment":"known"}""".formatted(i % 12, id(i), 1 + i));
        }
    }

    private void configurations() throws Exception {
        StringBuilder yaml = new StringBuilder();
        for (int i = 0; i < 40; i++) {
            yaml.append("""
                    ---
                    apiVersion: muster.dev/v1
                    kind: Group
                    metadata: {name: depot-%1$02d}
                    spec: {selector: "asset.labels.depot == 'd%1$d'"}
                    ---
                    apiVersion: muster.dev/v1
                    kind: Configuration
                    metadata: {name: depot-%1$02d}
                    spec:
                      target: {group: depot-%1$02d}
                      precedence: %2$d
                      config: {reporting: {intervalSeconds: %3$d}}
                      conflict: report
                    """.formatted(i, 100 + i, 30 + i));
        }
        apply(yaml);
    }

    private void releases() throws Exception {
        Publishing publishing = new Publishing(server, directory);
        for (String version : List.of("1.5.0", "1.6.0")) {
            publishing.publish("app", version, Files.writeString(directory.resolve("artifact-" + version), version));
        }
    }

    /** To 55,000 of 100,000, which have a second for it and do not take it: as many failures within the day. */
    private void commands() throws Exception {
        JsonNode run = server.post("/api/v1/command-runs", """
                {"name":"restart","selector":"asset.hardware in ['rev-a','rev-b'] && asset.labels.line < 'l8'","timeout":"1s",
                 "concurrency":10000}""");
        await(
                "the run of commands",
                () -> server.get("/api/v1/command-runs/" + run.path("id").asString())
                        .path("state")
                        .asString()
                        .equals("ended"));
        figures.setting("commands-that-expired", run.path("assets").asInt());
        for (int i = 0; i < 100; i++) {
            server.post("/api/v1/command-runs", """
                    {"name":"identify","selector":"asset.id == '%s'","timeout":"1h"}""".formatted(id(i)));
            if (i % 15 == 14) { // at most 100 are active
                Thread.sleep(1);
            }
        }
    }

    private void incidents() throws Exception {
        for (int i = 0; i < 300; i++) {
            JsonNode incident = server.post("/api/v1/incidents", """
                    {"title":"incident %d","severity":"%s","selector":"asset.id == '%s'"}""".formatted(
                            i, List.of("minor", "major", "minor", "critical").get(i % 4), id(i * 17 % silent())));
            if (i % 3 == 0) {
                server.post("/api/v1/incidents/" + incident.path("name").asString() + "/resolve", "{}");
            }
        }
    }

    private void access() throws Exception {
        for (int i = 0; i < 50; i++) {
            server.post("/api/v1/tokens", "{\"name\":\"token-%d\",\"role\":\"viewer\"}".formatted(i));
            server.post("/api/v1/claim-tokens", "{\"name\":\"plant %d\",\"type\":\"van\",\"uses\":10}".formatted(i));
        }
    }

    /** One over all that goes on for long, and thirty drafts. */
    private void rollouts() throws Exception {
        apply(rollout("everywhere", "asset.type in ['van','till','probe','camera','lift']", 100));
        server.post("/api/v1/rollouts/everywhere/start", "{}");
        StringBuilder drafts = new StringBuilder();
        for (int i = 0; i < 30; i++) {
            drafts.append("---\n").append(rollout("depot-" + i, "asset.labels.depot == 'd" + i + "'", 50));
        }
        apply(drafts);
        await(
                "the canary",
                () -> server.get("/api/v1/rollouts/everywhere")
                                .path("status")
                                .path("counts")
                                .path("ordered")
                                .asInt(0)
                        > 0);
    }

    private static String rollout(String name, String selector, int inFlight) {
        return """
                apiVersion: muster.dev/v1
                kind: Rollout
                metadata: {name: %s}
                spec:
                  selector: "%s"
                  change: {release: {component: app, version: "1.6.0"}}
                  stratify: [region, hardware]
                  waves: [{name: canary, count: 500}, {name: early, percent: 10%%}, {name: all, percent: 100%%}]
                  maxInFlight: %d
                  timeout: 1m
                  soak: 1m
                  failures: {threshold: 100%%, then: pause}
                  evidence: confirmed
                  withoutRollbackTarget: allow
                """.formatted(name, selector, inFlight);
    }

    /**
     * Real clients, with certificates of their own, which go on while the console is measured; the state is kept beside the data.
     *
     * @param messages a second of all of them
     */
    Process simulate(int messages) throws Exception {
        Process simulator = new ProcessBuilder(Programs.java(
                        "simulator",
                        List.of("-Xmx512m"),
                        List.of(
                                "--assets=" + SIMULATED,
                                "--types=vehicle=60,pos=20,sensor=20",
                                "--rate=" + (double) messages / SIMULATED,
                                "--seed=7",
                                "--fail-commands=20%",
                                "--state-dir=" + directory.resolve("simulated"),
                                "--data-dir=" + server.dataDirectory())))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        directory.resolve("simulator.log").toFile()))
                .start();
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(simulator::destroy));
        try {
            await("connecting the simulated assets", () -> {
                if (!simulator.isAlive()) {
                    throw new IOException(
                            "the simulator ended; it said:\n" + Files.readString(directory.resolve("simulator.log")));
                }
                String online = "/api/v1/assets/count?selector=asset.labels.simulated%20%3D%3D%20%27true%27"
                        + "%20%26%26%20asset.presence%20%3D%3D%20%27online%27";
                return server.get(online).path("count").asInt() >= SIMULATED;
            });
        } catch (Exception e) {
            end(simulator);
            throw e;
        }
        return simulator;
    }

    static void end(Process simulator) throws InterruptedException {
        simulator.destroy();
        if (!simulator.waitFor(20, TimeUnit.SECONDS)) {
            simulator.destroyForcibly().waitFor();
        }
    }

    /** @return of the fleet, in words */
    String described() throws IOException, InterruptedException {
        return String.format(
                Locale.ROOT,
                "%d assets of %d types (%d simulated by MQTT), %d online; looked at %s",
                server.get("/api/v1/assets/count").path("count").asInt(),
                TYPES.size() + 3,
                SIMULATED,
                server.get("/api/v1/overview").path("presence").path("online").asInt(),
                Instant.now());
    }
}
