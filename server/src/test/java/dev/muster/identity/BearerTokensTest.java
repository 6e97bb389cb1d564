package dev.muster.identity;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.testing.TestServer;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** API tokens against a running server. */
class BearerTokensTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    @SuppressWarnings("NullAway.Init")
    private static TestServer server;

    @BeforeAll
    static void start() {
        server = TestServer.start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void theFirstAdministratorsTokenIsInAFileOfItsOwnerOnly() throws IOException {
        assertThat(server.adminToken()).matches("muster_[0-9A-Za-z]{43}");
        assertThat(PosixFilePermissions.toString(
                        Files.getPosixFilePermissions(server.directory().resolve("admin.token"))))
                .isEqualTo("rw-------");
        HttpResponse<String> whoami =
                server.send(server.adminRequest("/api/v1/whoami").GET());
        assertThat(whoami.statusCode()).isEqualTo(200);
        assertThat(json(whoami).get("role").stringValue()).isEqualTo("admin");
        assertThat(json(whoami).get("name").stringValue()).startsWith("first-admin-");
    }

    @Test
    void asksForATokenWhereThereIsNone() {
        HttpResponse<String> answer = server.get("/api/v1/whoami");

        assertThat(answer.statusCode()).isEqualTo(401);
        assertThat(answer.headers().firstValue("WWW-Authenticate")).contains("Bearer realm=\"muster\"");
        assertThat(answer.headers().firstValue("Content-Type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("application/problem+json"));
        assertThat(json(answer).get("code").stringValue()).isEqualTo("unauthenticated");
    }

    @Test
    void showsASecretOnceAndNeverAgain() {
        JsonNode created = create("{\"name\":\"shown-once\",\"role\":\"viewer\"}");
        String secret = created.get("secret").stringValue();

        assertThat(whoami(secret).get("name").stringValue()).isEqualTo("shown-once");
        assertThat(server.send(server.adminRequest("/api/v1/tokens").GET()).body())
                .contains("shown-once")
                .doesNotContain(secret);
        assertThat(server.send(server.adminRequest("/api/v1/audit").GET()).body())
                .contains("token.create")
                .doesNotContain(secret);
    }

    @Test
    void aRevokedTokenOpensNothingFromTheNextRequestOn() {
        JsonNode created = create("{\"name\":\"revoked\",\"role\":\"viewer\"}");
        String secret = created.get("secret").stringValue();
        assertThat(get("/api/v1/whoami", secret).statusCode()).isEqualTo(200);

        HttpResponse<String> revoked = server.send(server.adminRequest(
                        "/api/v1/tokens/" + created.get("token").get("id").stringValue())
                .DELETE());

        assertThat(revoked.statusCode()).isEqualTo(204);
        HttpResponse<String> after = get("/api/v1/whoami", secret);
        assertThat(after.statusCode()).isEqualTo(401);
        assertThat(after.headers().firstValue("WWW-Authenticate"))
                .contains("Bearer realm=\"muster\", error=\"invalid_token\"");
        assertThat(json(after).get("detail").stringValue()).contains("revoked");
    }

    @Test
    void saysWhichRoleIsNeededAndWhatTheActorHas() {
        String secret = create("{\"name\":\"curious\",\"role\":\"operator\"}")
                .get("secret")
                .stringValue();

        HttpResponse<String> answer = get("/api/v1/tokens", secret);

        assertThat(answer.statusCode()).isEqualTo(403);
        assertThat(json(answer).get("detail").stringValue())
                .isEqualTo(
                        "token curious may not read: read of kind \"token\" needs the role admin, the actor has operator");
    }

    @Test
    void everyAnswerCarriesSecurityHeadersAndNoneAllowsAForeignOrigin() {
        HttpResponse<String> answer = server.send(server.adminRequest("/api/v1/whoami")
                .header("Origin", "https://evil.example")
                .GET());

        assertThat(answer.headers().map())
                .containsKeys("x-content-type-options", "x-frame-options", "content-security-policy", "referrer-policy")
                .doesNotContainKeys("access-control-allow-origin", "set-cookie");
        assertThat(answer.headers().firstValue("Cache-Control").orElse("")).contains("no-store");
    }

    @Test
    void aPathThatIsNotThereIsNotFoundForThoseWhoAreKnownAndClosedToOthers() {
        assertThat(server.send(server.adminRequest("/api/v1/nothing").GET()).statusCode())
                .isEqualTo(404);
        assertThat(server.get("/api/v1/nothing").statusCode()).isEqualTo(401);
        assertThat(server.get("/nothing").statusCode()).isEqualTo(401);
    }

    @Test
    void whatALibraryServesBesidesIsNotServed() {
        for (String path : List.of("/actuator", "/v3/api-docs", "/swagger-ui.html", "/nothing", "/error")) {
            assertThat(server.send(server.adminRequest(path).GET()).statusCode())
                    .as(path)
                    .isEqualTo(404);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"/api/v1/whoami;a=b", "/api/v1/%2e%2e%2fx", "/api/v1//whoami", "/api/v1/%00", "/api/v1/a%5cb"})
    void aMalformedPathIsRefusedWithAProblem(String path) {
        HttpResponse<String> answer = server.send(server.adminRequest(path).GET());

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(json(answer).get("code").stringValue()).isEqualTo("invalid");
    }

    private static JsonNode whoami(String secret) {
        return json(get("/api/v1/whoami", secret));
    }

    private static JsonNode create(String body) {
        HttpResponse<String> answer = server.send(server.adminRequest("/api/v1/tokens")
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body)));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
        return json(answer);
    }

    private static HttpResponse<String> get(String path, String secret) {
        return server.send(
                server.request(path).header("Authorization", "Bearer " + secret).GET());
    }

    private static JsonNode json(HttpResponse<String> answer) {
        return JSON.readTree(answer.body());
    }
}
