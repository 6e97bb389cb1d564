package dev.muster.console.oncall;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.testing.TestServer;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the dashboards read, against a whole server: failures of every kind, who sees which, and that nothing known is shown as nothing known. */
class DashboardsOverHttpTest {
    @SuppressWarnings("NullAway.Init")
    private static TestServer server;

    @BeforeAll
    static void start() {
        server = TestServer.start();
        for (String id : new String[] {"calm-1", "bad-1", "bad-2", "worst-1", "gone-1"}) {
            assertThat(post(
                                    "/api/v1/assets",
                                    "{\"id\":\"%s\",\"type\":\"sensor\",\"region\":\"eu\",\"labels\":{\"side\":\"%s\"}}"
                                            .formatted(id, id))
                            .statusCode())
                    .isEqualTo(201);
        }
        fail();
    }

    /** As the features leave it in their tables; ids of commands are UUIDs of version 7, so they tell when. */
    private static void fail() {
        JdbcTemplate jdbc = server.bean(JdbcTemplate.class);
        Instant now = Instant.now();
        for (int i = 0; i < 3; i++) {
            command(jdbc, "bad-1", "reboot", "failed", now.minusSeconds(60 + i), i);
        }
        command(jdbc, "bad-1", "probe", "expired", now.minusSeconds(50), 7);
        command(jdbc, "bad-2", "reboot", "failed", now.minusSeconds(90_000), 8);
        command(jdbc, "calm-1", "reboot", "succeeded", now.minusSeconds(60), 9);
        jdbc.update(
                "insert into presence_transition (asset, at, from_presence, to_presence, reason) values ('bad-2', now() - interval '5 minutes', 'online', 'offline', 'connection_lost'),"
                        + " ('calm-1', now() - interval '5 minutes', 'online', 'offline', 'server_restart'),"
                        + " ('calm-1', now() - interval '4 minutes', 'online', 'offline', 'server_shutting_down: server shutting down')");
        jdbc.update(
                "insert into alert (fingerprint, name, severity, asset, labels, annotations, source, origin, state, since, starts_at, last_wrong, recent_starts, evidence)"
                        + " values ('f1', 'Hot', 'page', 'worst-1', '{}', '{}', 'rule/hot', 'rule/hot', 'firing', now(), now(), now(), '[]', '{}'),"
                        + " ('f2', 'Dark', 'ticket', null, '{}', '{}', 'rule/dark', 'rule/dark', 'firing', now(), now(), now(), '[]', '{}'),"
                        + " ('f3', 'Old', 'page', 'calm-1', '{}', '{}', 'rule/old', 'rule/old', 'resolved', now(), now(), now(), '[]', '{}')");
        jdbc.update(
                "insert into alert_asset (fingerprint, asset) values ('f2', 'worst-1'), ('f2', 'bad-2'), ('f2', 'never-registered')");
    }

    private static void command(JdbcTemplate jdbc, String asset, String name, String status, Instant at, int n) {
        jdbc.update(
                "insert into command (id, asset_id, asset_type, name, parameters, timeout_ms, attempt, traceparent, created_at, created_by, status, settled_at, settled_by)"
                        + " values (?, ?, 'sensor', ?, '{}', 1000, 1, '', ?::timestamptz, 'x', ?, ?::timestamptz, 'asset')",
                FailingAssets.firstId(at) + "-7000-8000-00000000000" + n,
                asset,
                name,
                at.toString(),
                status,
                at.toString());
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void theWorstComeFirstWithWhatFailedOfThem() {
        JsonNode answer = get(server.adminToken(), "/api/v1/failing-assets?window=1h");
        assertThat(lines(answer))
                .containsExactly(
                        "worst-1 1 page 2 failures: alert Hot page 1, alert Dark ticket 1",
                        "bad-1 0 page 4 failures: command reboot failed 3, command probe expired 1",
                        "bad-2 0 page 2 failures: alert Dark ticket 1, offline connection_lost  1");
        assertThat(answer.path("failing").asInt()).isEqualTo(3);
        assertThat(lines(get(server.adminToken(), "/api/v1/failing-assets?window=7d&limit=2")))
                .hasSize(2);
        assertThat(get(server.adminToken(), "/api/v1/failing-assets?window=7d&limit=2")
                        .path("failing")
                        .asInt())
                .isEqualTo(3);
    }

    @Test
    void aNarrowerScopeSeesItsOwnOnly() {
        assertThat(lines(get(token("asset.labels.side == 'bad-1'"), "/api/v1/failing-assets?window=1h")))
                .containsExactly("bad-1 0 page 4 failures: command reboot failed 3, command probe expired 1");
        assertThat(lines(get(token("asset.id.matches('^worst.*$')"), "/api/v1/failing-assets?window=1h")))
                .as("a scope that is not answered by PostgreSQL alone")
                .hasSize(1);
    }

    @Test
    void changesOfTheFleetAreToldWithoutRoutine() {
        assertThat(server.send(server.adminRequest("/api/v1/apply")
                                .header("Content-Type", "application/yaml")
                                .POST(HttpRequest.BodyPublishers.ofString("""
                                        apiVersion: muster.dev/v1
                                        kind: Group
                                        metadata: {name: eu}
                                        spec: {selector: asset.region == 'eu'}
                                        """)))
                        .statusCode())
                .isEqualTo(200);
        List<String> changes = new ArrayList<>();
        get(server.adminToken(), "/api/v1/fleet/changes?window=1h")
                .path("changes")
                .forEach(change -> changes.add(change.path("action").asString() + " "
                        + change.path("objectName").asString()));
        assertThat(changes).contains("group.create eu").noneMatch(change -> change.startsWith("asset."));
        assertThat(get(token("asset.id == 'bad-1'"), "/api/v1/fleet/changes?window=1h")
                        .path("changes")
                        .isEmpty())
                .as("somebody else's are not for a narrower scope")
                .isTrue();
    }

    @Test
    void whatIsNotKnownYetIsNotMadeUp() {
        JsonNode growth = get(server.adminToken(), "/api/v1/fleet/growth");
        growth.path("items").forEach(item -> {
            assertThat(item.path("forecast").path("why").asString()).startsWith("a forecast needs 7 days");
            assertThat(item.path("forecast").has("perDay")).isFalse();
        });
        JsonNode trend = get(server.adminToken(), "/api/v1/fleet/trend?window=24h");
        assertThat(trend.path("scopes").isEmpty()).isTrue();
        assertThat(send(server.adminToken(), "/api/v1/fleet/history?window=1s").statusCode())
                .isEqualTo(400);
    }

    @Test
    void theServerSaysHowItDoes() {
        JsonNode health = get(server.adminToken(), "/api/v1/system-health");
        assertThat(health.path("checks").isEmpty()).isFalse();
        List<String> consumers = new ArrayList<>();
        health.path("consumers")
                .forEach(consumer -> consumers.add(consumer.path("name").asString()));
        assertThat(consumers).contains("presence", "telemetry");
        assertThat(health.path("queue").path("maxBytes").asDouble()).isPositive();
        List<String> leases = new ArrayList<>();
        health.path("leases").forEach(lease -> leases.add(lease.path("name").asString()));
        assertThat(leases).contains("slo");
        assertThat(health.path("tables").size()).isEqualTo(8);
    }

    private static List<String> lines(JsonNode answer) {
        List<String> lines = new ArrayList<>();
        answer.path("assets").forEach(asset -> {
            List<String> categories = new ArrayList<>();
            asset.path("categories")
                    .forEach(is -> categories.add("%s %s %s %d"
                            .formatted(
                                    is.path("category").asString(),
                                    is.path("what").asString(),
                                    is.path("how").asString(),
                                    is.path("count").asInt())));
            lines.add("%s %d page %d failures: %s"
                    .formatted(
                            asset.path("asset").asString(),
                            asset.path("pages").asInt(),
                            asset.path("failures").asInt(),
                            String.join(", ", categories)));
        });
        return lines;
    }

    private static JsonNode get(String token, String path) {
        HttpResponse<String> answer = send(token, path);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return JsonMapper.shared().readTree(answer.body());
    }

    private static HttpResponse<String> send(String token, String path) {
        return server.send(
                server.request(path).header("Authorization", "Bearer " + token).GET());
    }

    private static String token(String scope) {
        HttpResponse<String> made = post(
                "/api/v1/tokens",
                JsonMapper.shared()
                        .writeValueAsString(Map.of(
                                "name",
                                "v-" + Integer.toHexString(String.valueOf(scope).hashCode()) + "-" + System.nanoTime(),
                                "role",
                                "viewer",
                                "scope",
                                scope)));
        assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
        JsonNode body = JsonMapper.shared().readTree(made.body());
        return body.path("secret").asString(body.path("token").asString(""));
    }

    private static HttpResponse<String> post(String path, String body) {
        return server.send(server.adminRequest(path)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body)));
    }
}
