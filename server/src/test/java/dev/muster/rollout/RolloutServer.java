package dev.muster.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.gateway.journal.EntryKind;
import dev.muster.gateway.journal.Journal;
import dev.muster.ingest.Ingest;
import dev.muster.ingest.JournalProbe;
import dev.muster.testing.TestServer;
import dev.muster.twin.desired.DesiredState;
import dev.muster.twin.desired.DesiredStore;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A whole server, releases that are published, and assets that do what they are told and speak through the journal. */
final class RolloutServer implements AutoCloseable {
    private static final Duration BOUND = Duration.ofSeconds(120);

    private final TestServer server = TestServer.start();
    private final Map<String, Device> devices = new LinkedHashMap<>();

    /** How a device behaves when it is told to run another version. */
    enum Behaviour {
        GOOD,
        FAILS_TO_INSTALL,
        GOES_BACK,
        SAYS_NOTHING,
        /** Does not keep a configuration with the rate 5. */
        REJECTS,
        /** Says that it has worked it through, and has another rate. */
        HAS_ANOTHER_RATE
    }

    private static final class Device {
        final Behaviour behaviour;
        String version;
        String state = "";
        String attempt = "";
        String asked = "";
        int boots = 1;
        long generation;
        long rejected;
        JsonNode config = JsonMapper.shared().createObjectNode();

        Device(String version, Behaviour behaviour) {
            this.version = version;
            this.behaviour = behaviour;
        }
    }

    JdbcTemplate jdbc() {
        return server.bean(JdbcTemplate.class);
    }

    RecentRollouts recent() {
        return server.bean(RecentRollouts.class);
    }

    void publish(String component, String version) {
        publish(component, version, "");
    }

    void publish(String component, String version, String compatibility) {
        Long number = jdbc().queryForObject("""
                        insert into release (component, version, components, status, status_since, status_by, status_reason,
                                             published_at, published_by)
                        values (?, ?, '{}', 'published', now(), 'test', '', now(), 'test') returning number""", Long.class, component, version);
        jdbc().update("""
                        insert into release_file (path, release, kind, sha256, size, hardware, compatibility)
                        values (?, ?, 'artifact', repeat('0', 64), 1, '{}', ?)""", component + "/" + version + "/all.tar", number, compatibility);
    }

    void device(String id, String version, Behaviour behaviour, String group) {
        device(id, version, behaviour, group, "rev-a");
    }

    void device(String id, String version, Behaviour behaviour, String group, String hardware) {
        device(id, "sensor", version, behaviour, group, hardware);
    }

    void device(String id, String type, String version, Behaviour behaviour, String group, String hardware) {
        HttpResponse<String> answer = post(
                "/api/v1/assets",
                "{\"id\":\"%s\",\"type\":\"%s\",\"hardware\":\"%s\",\"labels\":{\"group\":\"%s\"}}"
                        .formatted(id, type, hardware, group));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
        Device device = new Device(version, behaviour);
        devices.put(id, device);
        say(id, EntryKind.SESSION_OPENED, "session-of-" + id);
        report(id, device);
    }

    /** Each device does one step of what it is told, and says so. */
    void live() {
        devices.forEach((id, device) -> {
            if (device.behaviour != Behaviour.SAYS_NOTHING) {
                desired(id).ifPresent(document -> {
                    if (keeps(device, document)) {
                        step(device, document.path("software").path("app"));
                    }
                });
                report(id, device);
            }
        });
    }

    private java.util.Optional<JsonNode> desired(String id) {
        return server.bean(DesiredStore.class)
                .find(id)
                .map(DesiredState::document)
                .map(JsonMapper.shared()::readTree);
    }

    private static boolean keeps(Device device, JsonNode document) {
        long generation = document.path("generation").asLong();
        boolean bad = document.path("config").path("rate").asInt() == 5;
        if (bad && device.behaviour == Behaviour.REJECTS) {
            device.rejected = generation;
            return false;
        }
        device.rejected = 0;
        device.generation = generation;
        device.config = bad && device.behaviour == Behaviour.HAS_ANOTHER_RATE
                ? JsonMapper.shared().createObjectNode().put("rate", 4)
                : document.path("config");
        return document.path("software").path("app").isObject();
    }

    private static void step(Device device, JsonNode wanted) {
        String attempt = wanted.path("attempt").asString("");
        String version = wanted.path("version").asString("");
        if (!device.attempt.equals(attempt) && device.version.equals(version) && !device.state.equals("verifying")) {
            return; // runs it: nothing to do, and nothing to tell but the generation
        }
        if (!device.attempt.equals(attempt)) {
            device.attempt = attempt;
            device.asked = version;
            device.state = device.behaviour == Behaviour.FAILS_TO_INSTALL && !version.startsWith("1.")
                    ? "failed"
                    : "downloading";
            return;
        }
        String before = device.version;
        switch (device.state) {
            case "downloading" -> {
                device.version = version;
                device.boots++;
                device.state = "verifying";
            }
            case "verifying" -> {
                boolean back = device.behaviour == Behaviour.GOES_BACK && !version.startsWith("1.");
                device.version = back ? "1.0" : before;
                device.state = back ? "rolled_back" : "succeeded";
            }
            default -> {}
        }
    }

    private void report(String id, Device device) {
        String update = device.state.isEmpty()
                ? ""
                : ",\"updates\":{\"app\":{\"version\":\"%s\",\"state\":\"%s\",\"attempt\":\"%s\"}}"
                        .formatted(device.asked, device.state, device.attempt);
        String rejected = device.rejected == 0
                ? ""
                : ",\"rejected\":{\"generation\":%d,\"reason\":\"rate is too high\"}".formatted(device.rejected);
        say(
                id,
                EntryKind.STATE_REPORTED,
                "{\"generation\":%d,\"config\":%s,\"software\":{\"app\":\"%s\"}%s%s,\"bootId\":\"b-%d\"}"
                        .formatted(device.generation, device.config, device.version, update, rejected, device.boots));
    }

    /** A reading of some time ago. */
    void temperature(String id, Instant at, double kelvin) {
        say(
                id,
                EntryKind.TELEMETRY,
                "{\"ts\":%d,\"values\":{\"temperature\":%s}}".formatted(at.toEpochMilli(), kelvin));
    }

    /** What each device really has. */
    Map<String, String> rates(String prefix) {
        Map<String, String> rates = new TreeMap<>();
        devices.forEach((id, device) -> {
            if (id.startsWith(prefix)) {
                rates.put(id, device.config.path("rate").toString());
            }
        });
        return rates;
    }

    Map<String, String> versions() {
        Map<String, String> versions = new TreeMap<>();
        devices.forEach((id, device) -> versions.put(id, device.version));
        return versions;
    }

    private void say(String asset, EntryKind kind, String payload) {
        try {
            JournalProbe.say(server.bean(Journal.class), asset, kind, payload);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    void apply(String yaml) {
        HttpResponse<String> answer = server.send(server.adminRequest("/api/v1/apply")
                .header("Content-Type", "application/yaml")
                .POST(BodyPublishers.ofString(yaml)));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }

    /** @param rest more fields of the spec, in the flow style of YAML */
    void declare(String name, String group, String version, String rest) {
        settle();
        apply("""
                apiVersion: muster.dev/v1
                kind: Rollout
                metadata: {name: %s}
                spec: {selector: "asset.labels.group == '%s'", change: {release: {component: app, version: "%s"}}, %s}
                """.formatted(name, group, version, rest));
    }

    /** Waits until all that was said is stored. */
    void settle() {
        try {
            assertThat(server.bean(Ingest.class).awaitCaughtUp(BOUND)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** A group of all with the label, and a configuration for it. */
    void configure(String group, String rest) {
        apply("""
                apiVersion: muster.dev/v1
                kind: Group
                metadata: {name: %1$s}
                spec: {selector: "asset.labels.group == '%1$s'"}
                ---
                apiVersion: muster.dev/v1
                kind: Configuration
                metadata: {name: %1$s}
                spec: {target: {group: %1$s}, %2$s}
                """.formatted(group, rest));
    }

    /** @param rest more fields of the spec, in the flow style of YAML */
    void declareConfiguration(String name, String configuration, String config, String rest) {
        settle();
        apply("""
                apiVersion: muster.dev/v1
                kind: Rollout
                metadata: {name: %s}
                spec: {change: {configuration: {name: %s, config: %s}}, %s}
                """.formatted(name, configuration, config, rest));
    }

    HttpResponse<String> tryApply(String yaml) {
        return server.send(server.adminRequest("/api/v1/apply?force=true")
                .header("Content-Type", "application/yaml")
                .POST(BodyPublishers.ofString(yaml)));
    }

    HttpResponse<String> act(String name, String verb, String body) {
        return post("/api/v1/rollouts/" + name + "/" + verb, body);
    }

    void start(String name) {
        HttpResponse<String> answer = act(name, "start", "{}");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }

    HttpResponse<String> post(String path, String body) {
        return server.send(server.adminRequest(path)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body)));
    }

    /** By somebody without a token. */
    HttpResponse<String> postWith(Map<String, String> headers, String path, String body) {
        HttpRequest.Builder request =
                server.request(path).header("Content-Type", "application/json").POST(BodyPublishers.ofString(body));
        headers.forEach(request::header);
        return server.send(request);
    }

    int delete(String path) {
        return server.send(server.adminRequest(path).DELETE()).statusCode();
    }

    /** Declares an asset anew. */
    void put(String asset, String body) {
        HttpResponse<String> answer = server.send(server.adminRequest("/api/v1/assets/" + asset)
                .header("Content-Type", "application/json")
                .PUT(BodyPublishers.ofString(body)));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }

    HttpResponse<String> postAs(String token, String path, String body) {
        return server.send(server.request(path)
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body)));
    }

    String token(String name, String role, @Nullable String scope) {
        Map<String, String> body = new TreeMap<>(Map.of("name", name, "role", role));
        if (scope != null) {
            body.put("scope", scope);
        }
        HttpResponse<String> answer = post("/api/v1/tokens", JsonMapper.shared().writeValueAsString(body));
        return JsonMapper.shared().readTree(answer.body()).path("secret").asString();
    }

    JsonNode get(String path) {
        HttpResponse<String> answer = server.send(server.adminRequest(path).GET());
        assertThat(answer.statusCode()).as(path + " says " + answer.body()).isEqualTo(200);
        return JsonMapper.shared().readTree(answer.body());
    }

    JsonNode status(String name) {
        return get("/api/v1/rollouts/" + name).path("status");
    }

    /** Lets devices live until the rollout is as expected. */
    JsonNode liveUntil(String name, Predicate<JsonNode> expected) {
        long end = System.nanoTime() + BOUND.toNanos();
        JsonNode last;
        do {
            live();
            last = status(name);
            if (expected.test(last)) {
                return last;
            }
            try {
                Thread.sleep(50);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        } while (System.nanoTime() < end);
        throw new AssertionError(
                "rollout " + name + " is not as expected within " + BOUND + ": " + last.toPrettyString()
                        + get("/api/v1/rollouts/" + name + "/targets").toPrettyString());
    }

    JsonNode liveUntil(String name, String phase) {
        return liveUntil(name, status -> status.path("phase").asString().equals(phase));
    }

    /** No server moves rollouts for an hour, as far as the clock tells; returns when one has looked again. */
    void outage() {
        RolloutWorker worker = server.bean(RolloutWorker.class);
        worker.stop();
        jdbc().update("update rollout set looked_at = looked_at - interval '1 hour' where live");
        worker.start();
        await(
                "rollouts are looked at again",
                () -> jdbc().queryForList(
                                "select name from rollout where live and looked_at < now() - interval '30 minutes'")
                        .isEmpty());
    }

    void awaitStages(String name, Map<String, String> expected) {
        await("targets of " + name + " stand as expected", () -> stages(name).equals(expected));
    }

    private static void await(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + BOUND.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("waited " + BOUND + " in vain: " + what);
            }
            try {
                Thread.sleep(50);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    Map<String, String> stages(String name) {
        Map<String, String> stages = new TreeMap<>();
        get("/api/v1/rollouts/" + name + "/targets")
                .path("items")
                .forEach(target -> stages.put(
                        target.path("asset").asString(),
                        target.path("stage").asString()
                                + (target.has("reason")
                                        ? " " + target.path("reason").asString()
                                        : "")));
        return stages;
    }

    List<String> decisions(String name) {
        List<String> decisions = new ArrayList<>();
        get("/api/v1/rollouts/" + name + "/decisions")
                .path("items")
                .forEach(decision -> decisions.add(decision.path("kind").asString() + " "
                        + decision.path("outcome").asString()));
        return decisions;
    }

    <T> T bean(Class<T> type) {
        return Objects.requireNonNull(server.bean(type));
    }

    @Override
    public void close() {
        server.close();
    }
}
