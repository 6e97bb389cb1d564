package dev.muster.identity.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.identity.Actor;
import dev.muster.identity.ActorKind;
import dev.muster.identity.ApiTokens;
import dev.muster.identity.Role;
import dev.muster.identity.Scope;
import dev.muster.identity.TokenChanges;
import dev.muster.platform.config.Settings;
import dev.muster.platform.id.Ids;
import dev.muster.platform.testing.MovedClock;
import dev.muster.testing.TestServer;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Logins of browsers against a running server. */
class LoginSessionsTest {
    private static final Duration LIFE = Duration.ofHours(12);
    private static final JsonMapper JSON = JsonMapper.builder().build();

    @SuppressWarnings("NullAway.Init")
    private static TestServer server;

    @BeforeAll
    static void start() {
        server = TestServer.start(Map.of("session-idle", "30m", "session-life", "12h"));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void aTokenIsExchangedForACookieThatScriptsCannotReadAndOtherSitesCannotUse() {
        HttpResponse<String> login = login(server.adminToken());

        assertThat(login.statusCode()).isEqualTo(201);
        assertThat(login.headers().firstValue("Set-Cookie").orElseThrow())
                .matches("muster_session=muster_[0-9A-Za-z]{43}; Path=/; HttpOnly; SameSite=Strict");
        assertThat(login.body()).doesNotContain("muster_");
        assertThat(json(get("/api/v1/whoami", cookie(login))).get("role").stringValue())
                .isEqualTo("admin");
    }

    @Test
    void behindAProxyThatEndsTlsTheCookieIsForTlsOnly() {
        HttpResponse<String> login = server.send(server.request("/api/v1/session")
                .header("Authorization", "Bearer " + server.adminToken())
                .header("X-Forwarded-Proto", "https")
                .POST(HttpRequest.BodyPublishers.noBody()));
        assertThat(login.headers().firstValue("Set-Cookie").orElseThrow())
                .matches("muster_session=muster_[0-9A-Za-z]{43}; Path=/; Secure; HttpOnly; SameSite=Strict");
    }

    @Test
    void aChangeNeedsTheHeaderThatOtherSitesCannotSend() {
        String cookie = cookie(login(server.adminToken()));

        HttpResponse<String> without = server.send(asset("without-guard").header("Cookie", cookie));
        HttpResponse<String> with =
                server.send(asset("with-guard").header("Cookie", cookie).header("X-Muster-Console", "1"));

        assertThat(without.statusCode()).isEqualTo(403);
        assertThat(json(without).get("detail").stringValue()).contains("X-Muster-Console");
        assertThat(with.statusCode()).isEqualTo(201);
    }

    @Test
    void aLoginEndsWhenItsTokenIsRevoked() {
        JsonNode token = token("revoked-later");
        String cookie = cookie(login(token.get("secret").stringValue()));
        assertThat(get("/api/v1/whoami", cookie).statusCode()).isEqualTo(200);

        server.send(
                server.adminRequest("/api/v1/tokens/" + token.at("/token/id").stringValue())
                        .DELETE());

        assertThat(get("/api/v1/whoami", cookie).statusCode()).isEqualTo(401);
    }

    @Test
    void loggingOutEndsThisLoginAndEverywhereAllOfTheToken() {
        String secret = token("three-browsers").get("secret").stringValue();
        String first = cookie(login(secret));
        String second = cookie(login(secret));
        String third = cookie(login(secret));
        String open = get("/api/v1/sessions", second).body();
        assertThat(open.split("\"openedAt\"", -1)).hasSize(4);
        assertThat(open.split("\"current\":true", -1)).hasSize(2);

        HttpResponse<String> out = delete("/api/v1/session", first);

        assertThat(out.statusCode()).isEqualTo(204);
        assertThat(out.headers().firstValue("Set-Cookie").orElseThrow()).contains("Max-Age=0");
        assertThat(get("/api/v1/whoami", first).statusCode()).isEqualTo(401);
        assertThat(get("/api/v1/whoami", second).statusCode()).isEqualTo(200);

        assertThat(delete("/api/v1/sessions", second).statusCode()).isEqualTo(204);
        assertThat(get("/api/v1/whoami", second).statusCode()).isEqualTo(401);
        assertThat(get("/api/v1/whoami", third).statusCode()).isEqualTo(401);
        assertThat(server.send(server.adminRequest("/api/v1/audit?limit=1000").GET())
                        .body())
                .contains("token.login", "token.logout")
                .doesNotContain(secret);
    }

    @Test
    void aLoginCannotOpenAnotherOne() {
        String cookie = cookie(login(server.adminToken()));

        HttpResponse<String> again = server.send(server.request("/api/v1/session")
                .header("Cookie", cookie)
                .header("X-Muster-Console", "1")
                .POST(HttpRequest.BodyPublishers.noBody()));

        assertThat(again.statusCode()).isEqualTo(400);
    }

    @Test
    void aCookieThatNobodyGaveOutIsNobodys() {
        assertThat(get("/api/v1/whoami", "muster_session=muster_" + "0".repeat(43))
                        .statusCode())
                .isEqualTo(401);
        assertThat(get("/api/v1/whoami", "muster_session=x").statusCode()).isEqualTo(401);
    }

    @Test
    void endsWhenIdleAndAtTheEndOfItsLife() {
        MovedClock clock = new MovedClock();
        LoginSessions sessions = sessionsAt(clock);
        LoginSessions.Opened unused = open(sessions);
        LoginSessions.Opened used = open(sessions);

        clock.advance(Duration.ofMinutes(29));
        assertThat(isRecognized(sessions, used)).isTrue();
        clock.advance(Duration.ofMinutes(1));
        assertThat(isRecognized(sessions, unused)).isFalse();
        Duration alive = Duration.ofMinutes(30);
        while (alive.compareTo(LIFE.minusMinutes(20)) < 0) {
            assertThat(isRecognized(sessions, used)).isTrue();
            clock.advance(Duration.ofMinutes(20));
            alive = alive.plusMinutes(20);
        }
        assertThat(isRecognized(sessions, used)).isTrue();
        clock.advance(LIFE.minus(alive));
        assertThat(isRecognized(sessions, used)).isFalse();
    }

    @Test
    void aScreenThatRefreshesItselfDoesNotKeepALoginOpen() {
        MovedClock clock = new MovedClock();
        LoginSessions sessions = sessionsAt(clock);
        LoginSessions.Opened left = open(sessions);
        for (int minute = 1; minute < 30; minute++) {
            clock.advance(Duration.ofMinutes(1));
            Duration rest = sessions.recognize(left.secret().reveal(), false)
                    .orElseThrow()
                    .left(clock.instant());
            assertThat(rest.plusSeconds(1).toMinutes()).isEqualTo(30 - minute);
        }
        clock.advance(Duration.ofMinutes(1));
        assertThat(sessions.recognize(left.secret().reveal(), false)).isEmpty();
    }

    @Test
    void aLoginTellsWhenItEndsAndATokenHasNone() {
        String cookie = cookie(login(server.adminToken()));

        JsonNode state = json(get("/api/v1/session", cookie));

        assertThat(state.get("role").stringValue()).isEqualTo("admin");
        assertThat(state.get("secondsLeft").asLong()).isBetween(1L, 1800L);
        assertThat(server.send(server.adminRequest("/api/v1/session").GET()).statusCode())
                .isEqualTo(404);
    }

    @Test
    void whoAmITellsWhatTheCallerLacksForWhatItMayNotDo() {
        JsonNode admin = json(server.send(server.adminRequest("/api/v1/whoami").GET()));
        String viewer = cookie(login(token("only-looks").get("secret").stringValue()));

        assertThat(admin.get("lacks")).isEmpty();
        assertThat(json(get("/api/v1/whoami", viewer))
                        .at("/lacks/alerting/write")
                        .stringValue())
                .isEqualTo("needs the role operator, the actor has viewer");
        assertThat(json(get("/api/v1/whoami", viewer)).at("/lacks/alerting").has("read"))
                .isFalse();
    }

    /** The logins of the running server, as they are at another time. */
    private static LoginSessions sessionsAt(MovedClock clock) {
        return new LoginSessions(
                server.bean(LoginSessionStore.class),
                server.bean(ApiTokens.class),
                server.bean(TokenChanges.class),
                server.bean(Ids.class),
                clock,
                server.bean(Settings.class));
    }

    private static LoginSessions.Opened open(LoginSessions sessions) {
        String name = json(server.send(server.adminRequest("/api/v1/whoami").GET()))
                .get("name")
                .stringValue();
        Actor admin = new Actor(name, ActorKind.TOKEN, Role.ADMIN, Scope.ALL);
        LoginSessions.Opened opened = new TransactionTemplate(server.bean(PlatformTransactionManager.class))
                .execute(status -> sessions.open(admin));
        return Objects.requireNonNull(opened, "a login");
    }

    private static boolean isRecognized(LoginSessions sessions, LoginSessions.Opened opened) {
        return sessions.recognize(opened.secret().reveal(), true).isPresent();
    }

    private static HttpResponse<String> login(String secret) {
        return server.send(server.request("/api/v1/session")
                .header("Authorization", "Bearer " + secret)
                .POST(HttpRequest.BodyPublishers.noBody()));
    }

    private static String cookie(HttpResponse<String> login) {
        String set = login.headers().firstValue("Set-Cookie").orElseThrow();
        return set.substring(0, set.indexOf(';'));
    }

    private static HttpResponse<String> get(String path, String cookie) {
        return server.send(server.request(path).header("Cookie", cookie).GET());
    }

    private static HttpResponse<String> delete(String path, String cookie) {
        return server.send(server.request(path)
                .header("Cookie", cookie)
                .header("X-Muster-Console", "1")
                .DELETE());
    }

    private static HttpRequest.Builder asset(String id) {
        return server.request("/api/v1/assets")
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"id\":\"" + id + "\",\"type\":\"sensor\"}"));
    }

    private static JsonNode token(String name) {
        return json(server.send(server.adminRequest("/api/v1/tokens")
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"name\":\"" + name + "\",\"role\":\"viewer\"}"))));
    }

    private static JsonNode json(HttpResponse<String> answer) {
        return JSON.readTree(answer.body());
    }
}
