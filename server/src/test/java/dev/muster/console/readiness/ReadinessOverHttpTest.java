package dev.muster.console.readiness;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.testing.TestServer;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The checks against a whole server: what they find of what was really done, and who sees what. */
class ReadinessOverHttpTest {
    @SuppressWarnings("NullAway.Init")
    private static TestServer server;

    @BeforeAll
    static void start() {
        server = TestServer.start();
        for (String body : new String[] {
            "{\"id\":\"owned-1\",\"type\":\"sensor\",\"owner\":\"works\",\"labels\":{\"plant\":\"7\"}}",
            "{\"id\":\"ownerless-1\",\"type\":\"sensor\",\"labels\":{\"plant\":\"8\"}}",
            "{\"id\":\"ownerless-2\",\"type\":\"sensor\"}"
        }) {
            assertThat(post("/api/v1/assets", body).statusCode()).isEqualTo(201);
        }
        assertThat(server.send(server.adminRequest("/api/v1/apply")
                                .header("Content-Type", "application/yaml")
                                .POST(HttpRequest.BodyPublishers.ofString("""
                                        apiVersion: muster.dev/v1
                                        kind: Rollout
                                        metadata: {name: all-at-once}
                                        spec:
                                          selector: asset.type == 'sensor'
                                          change: {release: {component: app, version: "1.0.0"}}
                                        """)))
                        .statusCode())
                .isEqualTo(200);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void eachCheckSaysWhatItFound() {
        JsonNode answer = readiness(server.adminToken());
        assertThat(answer.path("ready").asBoolean()).isFalse();
        assertThat(states(answer))
                .isEqualTo(Map.ofEntries(
                        Map.entry("owners", "fail"),
                        Map.entry("identities", "fail"),
                        Map.entry("telemetry", "unknown"),
                        Map.entry("releases", "unknown"),
                        Map.entry("rollouts", "fail"),
                        Map.entry("drift", "unknown"),
                        Map.entry("tokens", "fail"),
                        Map.entry("exposure", "warn"),
                        Map.entry("ca", "warn"),
                        Map.entry("backup", "unknown"),
                        Map.entry("alerts", "fail")));
        assertThat(found(answer, "owners")).isEqualTo("1 of 3 have an owner; without: ownerless-1, ownerless-2");
        assertThat(found(answer, "rollouts")).contains("all-at-once (all at once)");
        assertThat(found(answer, "tokens")).contains("first-admin-");
    }

    @Test
    void aNarrowerScopeSeesItsOwnAssetsAndNothingOfTheInstallation() {
        JsonNode exact = readiness(token("viewer", "asset.labels.plant == '7'"));
        assertThat(found(exact, "owners")).isEqualTo("1 of 1 have an owner; without: none");
        assertThat(states(exact)).containsEntry("tokens", "unknown").containsEntry("exposure", "unknown");

        JsonNode residual =
                readiness(token("viewer", "asset.id.matches('^own.*less-[12]$') || asset.labels.plant == '7'"));
        assertThat(found(residual, "owners"))
                .as("a scope that is not answered by PostgreSQL alone")
                .isEqualTo("1 of 3 have an owner; without: ownerless-1, ownerless-2");
    }

    @Test
    void aViewerOfEverythingDoesNotSeeTokens() {
        JsonNode answer = readiness(token("viewer", null));
        assertThat(states(answer)).containsEntry("tokens", "unknown").containsEntry("exposure", "warn");
        assertThat(found(answer, "tokens")).contains("needs the role admin").doesNotContain("first-admin-");
    }

    private static JsonNode readiness(String token) {
        HttpResponse<String> answer = server.send(server.request("/api/v1/readiness")
                .header("Authorization", "Bearer " + token)
                .GET());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return JsonMapper.shared().readTree(answer.body());
    }

    private static String token(String role, @Nullable String scope) {
        String name = role + "-" + Integer.toHexString(String.valueOf(scope).hashCode());
        HttpResponse<String> made = post(
                "/api/v1/tokens",
                JsonMapper.shared()
                        .writeValueAsString(
                                scope == null
                                        ? Map.of("name", name, "role", role)
                                        : Map.of("name", name, "role", role, "scope", scope)));
        assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
        JsonNode body = JsonMapper.shared().readTree(made.body());
        return body.path("secret").asString(body.path("token").asString(""));
    }

    private static HttpResponse<String> post(String path, String body) {
        return server.send(server.adminRequest(path)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    private static Map<String, String> states(JsonNode answer) {
        Map<String, String> states = new TreeMap<>();
        answer.path("checks")
                .forEach(check -> states.put(
                        check.path("name").asString(), check.path("state").asString()));
        return states;
    }

    private static String found(JsonNode answer, String name) {
        for (JsonNode check : answer.path("checks")) {
            if (check.path("name").asString().equals(name)) {
                return check.path("found").asString();
            }
        }
        throw new AssertionError("no check " + name + " in " + answer);
    }
}
