package dev.muster.ddi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.command.Nudges;
import dev.muster.gateway.port.Deployments;
import dev.muster.ingest.Ingest;
import dev.muster.protocol.AssetId;
import dev.muster.protocol.tuf.Sha256;
import dev.muster.release.artifact.ArtifactStore;
import dev.muster.testing.TestServer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A whole server that lets assets poll, with releases whose artifacts are there. */
final class DdiServer implements AutoCloseable {
    private static final Duration BOUND = Duration.ofSeconds(120);

    private final TestServer server;
    private final List<PollingAsset> assets = new ArrayList<>();

    DdiServer(Map<String, String> settings) {
        this.server = TestServer.start(settings);
    }

    java.nio.file.Path directory() {
        return server.directory();
    }

    void awaitRuns(String asset, String version, java.util.function.Supplier<String> said) {
        await(
                asset + " runs " + version,
                () -> get("/api/v1/assets/" + asset + "/twin")
                        .at("/reported/software/app")
                        .asString("")
                        .equals(version),
                said);
    }

    String device() {
        try {
            return JsonMapper.shared()
                    .readTree(Files.readString(server.directory().resolve("run/server.json")))
                    .path("device")
                    .asString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void publish(String component, String version, String content) {
        publish(component, version, content.getBytes(StandardCharsets.UTF_8));
    }

    void publish(String component, String version, byte[] bytes) {
        String sha256 = Sha256.of(bytes);
        server.bean(ArtifactStore.class).append(sha256, 0, bytes.length, new ByteArrayInputStream(bytes));
        JdbcTemplate jdbc = server.bean(JdbcTemplate.class);
        Long number = jdbc.queryForObject("""
                insert into release (component, version, components, status, status_since, status_by, status_reason, published_at, published_by)
                values (?, ?, '{}', 'published', now(), 'test', '', now(), 'test') returning number""", Long.class, component, version);
        jdbc.update("""
                insert into release_file (path, release, kind, sha256, size, hardware, compatibility)
                values (?, ?, 'artifact', ?, ?, '{}', '')""", component + "/" + version + "/app.swu", number, sha256, bytes.length);
    }

    /** Registered, with a token of its own. */
    PollingAsset asset(String id, String agent) {
        return with(id, agent, "TargetToken " + register(id));
    }

    /** @return a token of the asset */
    String register(String id) {
        post(
                "/api/v1/assets",
                "{\"id\":\"%s\",\"type\":\"sensor\",\"labels\":{\"group\":\"%s\"}}".formatted(id, id),
                201);
        return post("/api/v1/assets/" + id + "/tokens", "{}", 201).path("token").asString();
    }

    PollingAsset with(String id, String agent, String authorization) {
        PollingAsset asset = new PollingAsset(device(), id, agent, authorization);
        assets.add(asset);
        return asset;
    }

    JsonNode post(String path, String body, int expected) {
        HttpResponse<String> answer = server.send(server.adminRequest(path)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body)));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(expected);
        return JsonMapper.shared().readTree(answer.body().isEmpty() ? "{}" : answer.body());
    }

    void delete(String path) {
        assertThat(server.send(server.adminRequest(path).DELETE()).statusCode()).isEqualTo(204);
    }

    JsonNode get(String path) {
        HttpResponse<String> answer = server.send(server.adminRequest(path).GET());
        assertThat(answer.statusCode()).as(path + " says " + answer.body()).isEqualTo(200);
        return JsonMapper.shared().readTree(answer.body());
    }

    /** Gives a running rollout a window of the whole day so many days from now, and lets the asset ask anew. */
    void window(String rollout, String asset, int inDays) {
        String day = LocalDate.now(ZoneOffset.UTC)
                .plusDays(inDays)
                .getDayOfWeek()
                .name()
                .substring(0, 3)
                .toLowerCase(Locale.ROOT);
        server.bean(JdbcTemplate.class)
                .update(
                        "update rollout set spec = jsonb_set(spec::jsonb, '{window}', ?::jsonb)::json where name = ?",
                        "{\"days\":[\"" + day + "\"],\"from\":\"00:00\",\"to\":\"00:00\",\"zone\":\"UTC\"}",
                        rollout);
        new TransactionTemplate(server.bean(PlatformTransactionManager.class))
                .executeWithoutResult(status -> server.bean(Nudges.class).afterCommit(new AssetId(asset)));
    }

    /** What targets of a rollout wait for has come, or has not come in time. */
    void timeIsOver(String rollout) {
        server.bean(JdbcTemplate.class)
                .update(
                        "update rollout_target set due_ms = 0, began_ms = began_ms - 3600000 where rollout = (select id from rollout where name = ?)",
                        rollout);
    }

    /** For the asset alone. @param rest more fields of the spec */
    void rollOut(String name, String asset, String version, String rest) {
        declare(name, asset, version, rest);
        post("/api/v1/rollouts/" + name + "/start", "{}", 200);
    }

    void declare(String name, String asset, String version, String rest) {
        settle();
        HttpResponse<String> answer = server.send(server.adminRequest("/api/v1/apply")
                .header("Content-Type", "application/yaml")
                .POST(BodyPublishers.ofString("""
                        apiVersion: muster.dev/v1
                        kind: Rollout
                        metadata: {name: %s}
                        spec: {selector: "asset.id == '%s'", change: {release: {component: app, version: "%s"}}, %s}
                        """.formatted(name, asset, version, rest))));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }

    void settle() {
        try {
            assertThat(server.bean(Ingest.class).awaitCaughtUp(BOUND)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    Map<String, String> stages(String rollout) {
        Map<String, String> stages = new TreeMap<>();
        get("/api/v1/rollouts/" + rollout + "/targets")
                .path("items")
                .forEach(target -> stages.put(
                        target.path("asset").asString(), target.path("stage").asString()));
        return stages;
    }

    void awaitStage(String rollout, String asset, String stage) {
        await(
                asset + " is " + stage + " in " + rollout,
                () -> stage.equals(stages(rollout).get(asset)),
                () -> get("/api/v1/rollouts/" + rollout + "/targets").toPrettyString());
    }

    void pollUntilStage(PollingAsset polling, String rollout, String asset, String stage) {
        await(
                asset + " is " + stage + " in " + rollout,
                () -> !polling.poll().isEmpty() && stage.equals(stages(rollout).get(asset)),
                () -> get("/api/v1/rollouts/" + rollout + "/targets").toPrettyString());
    }

    /** What a poll is answered, and what it is when many are looked at together. */
    Map<String, Object> answersAloneAndTogether(String asset) {
        AssetId id = new AssetId(asset);
        Deployments deployments = server.bean(Deployments.class);
        Map<AssetId, Deployments.Polled> together = deployments.polled(List.of(id, new AssetId("nobody")));
        return Map.of(
                "alone", deployments.poll(id, Deployments.Client.SWUPDATE).polled(),
                "together", String.valueOf(together.get(id)),
                "known", together.keySet());
    }

    /** What the reconciliation did about an asset, sooner or later. */
    void awaitDecision(String asset, String action) {
        await(
                action + " of " + asset,
                () -> count("select count(*) from twin_decision where asset = ? and action = ?", asset, action) > 0,
                () -> "none");
    }

    long decisions(String action) {
        return count("select count(*) from twin_decision where action = ?", action);
    }

    private long count(String sql, Object... parameters) {
        Long found = server.bean(JdbcTemplate.class).queryForObject(sql, Long.class, parameters);
        return found == null ? 0 : found;
    }

    static void await(String what, BooleanSupplier condition, java.util.function.Supplier<String> found) {
        long end = System.nanoTime() + BOUND.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("waited " + BOUND + " in vain: " + what + "; found " + found.get());
            }
            try {
                Thread.sleep(50);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    /** The address of what the asset is to do, once it is told. */
    static String awaitLink(PollingAsset asset, String name) {
        await(
                "a poll names " + name,
                () -> !asset.link(name).isEmpty(),
                () -> asset.poll().toPrettyString());
        return asset.link(name);
    }

    <T> T bean(Class<T> type) {
        return server.bean(type);
    }

    @Override
    public void close() {
        assets.forEach(PollingAsset::close);
        server.close();
    }
}
