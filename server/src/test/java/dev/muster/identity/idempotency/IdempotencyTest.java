package dev.muster.identity.idempotency;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.identity.Actor;
import dev.muster.platform.testing.MovedClock;
import dev.muster.testing.TestServer;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Repeated POSTs against a running server. */
class IdempotencyTest {
    @SuppressWarnings("NullAway.Init")
    private static TestServer server;

    private final String key = UUID.randomUUID().toString();
    private final String name = "t-" + key;
    private final String body = "{\"name\":\"" + name + "\",\"role\":\"viewer\"}";

    @BeforeAll
    static void start() {
        server = TestServer.start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void aRepetitionGetsTheFirstResultAndIsNotDoneAgain() {
        HttpResponse<String> first = post(key, body);
        HttpResponse<String> second = post(key, body);

        assertThat(first.statusCode()).as(first.body()).isEqualTo(201);
        assertThat(second.statusCode()).isEqualTo(201);
        assertThat(second.body()).isEqualTo(first.body());
        assertThat(second.headers().firstValue("Location"))
                .isEqualTo(first.headers().firstValue("Location"));
        assertThat(second.headers().firstValue("Content-Type"))
                .isEqualTo(first.headers().firstValue("Content-Type"));
        assertThat(first.headers().firstValue(IdempotencyFilter.REPLAYED)).isEmpty();
        assertThat(second.headers().firstValue(IdempotencyFilter.REPLAYED)).contains("true");
        assertThat(tokensOfThisName()).isEqualTo(1);
    }

    @Test
    void aBrowserThatIsLoggedInMayRepeatToo() {
        String cookie = server.send(server.adminRequest("/api/v1/session")
                        .header("X-Muster-Console", "1")
                        .POST(HttpRequest.BodyPublishers.noBody()))
                .headers()
                .firstValue("Set-Cookie")
                .orElseThrow()
                .replaceAll(";.*", "");
        HttpRequest.Builder request = server.request("/api/v1/tokens")
                .header("Cookie", cookie)
                .header("X-Muster-Console", "1")
                .header("Content-Type", "application/json")
                .header(IdempotencyFilter.KEY, key)
                .POST(HttpRequest.BodyPublishers.ofString(body));

        HttpResponse<String> first = server.send(request);
        HttpResponse<String> second = server.send(request);

        assertThat(first.statusCode()).as(first.body()).isEqualTo(201);
        assertThat(second.body()).isEqualTo(first.body());
        assertThat(tokensOfThisName()).isEqualTo(1);
    }

    @Test
    void theKeptResultCannotBeReadFromTheDatabase() {
        String secret = post(key, body).body().replaceAll(".*(muster_[0-9A-Za-z]{43}).*", "$1");

        String kept = server.bean(JdbcClient.class)
                .sql("select encode(result, 'escape') from idempotency_key where key = :key")
                .param("key", key)
                .query(String.class)
                .single();

        assertThat(secret).startsWith("muster_");
        assertThat(kept).doesNotContain(secret, secret.substring(7), name);
    }

    @Test
    void theSameKeyForAnotherBodyIsRefused() {
        post(key, body);

        HttpResponse<String> other = post(key, body.replace("viewer", "operator"));

        assertThat(other.statusCode()).isEqualTo(422);
        assertThat(other.headers().firstValue("Content-Type").orElse("")).startsWith("application/problem+json");
        assertThat(other.body()).contains("was used at", "use another key");
    }

    @Test
    void aRefusedRequestDoesNotUseUpItsKey() {
        assertThat(post(key, "{\"name\":\"" + name + "\",\"role\":\"king\"}").statusCode())
                .isEqualTo(400);

        assertThat(post(key, body).statusCode()).isEqualTo(201);
    }

    @Test
    void keysOfDifferentActorsAreDifferentKeys() {
        String other = post(UUID.randomUUID().toString(), "{\"name\":\"admin-" + key + "\",\"role\":\"admin\"}")
                .body()
                .replaceAll(".*(muster_[0-9A-Za-z]{43}).*", "$1");
        post(key, body);

        HttpResponse<String> answer =
                server.send(request(key, "{\"name\":\"other-" + key + "\",\"role\":\"viewer\"}", other));

        assertThat(answer.statusCode()).isEqualTo(201);
    }

    @Test
    void ofManyAtOnceOneIsDone() throws Exception {
        List<Integer> statuses = new ArrayList<>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Callable<Integer> attempt = () -> post(key, body).statusCode();
            for (Future<Integer> answer : threads.invokeAll(java.util.Collections.nCopies(16, attempt))) {
                statuses.add(answer.get());
            }
        }

        assertThat(statuses).contains(201).allMatch(status -> status == 201 || status == 409);
        assertThat(tokensOfThisName()).isEqualTo(1);
    }

    @Test
    void malformedKeysAndLargeBodiesAreRefused() {
        assertThat(post("k".repeat(129), body).statusCode()).isEqualTo(400);
        assertThat(post("a b", body).statusCode()).isEqualTo(400);
        assertThat(post(key, " ".repeat(IdempotencyFilter.MAX_REQUEST_BYTES) + body)
                        .statusCode())
                .isEqualTo(413);
    }

    @Test
    void aRequestThatBrokeOffIsNotRepeatedBlindly() {
        IdempotencyStore store = store(Clock.systemUTC());
        assertThat(store.reserve(Actor.SYSTEM, key, new byte[] {1})).isInstanceOf(Reservation.Fresh.class);

        assertThat(store.reserve(Actor.SYSTEM, key, new byte[] {1})).isInstanceOf(Reservation.Unfinished.class);
    }

    @Test
    void aKeyIsFreeAgainAfterADay() {
        MovedClock clock = new MovedClock();
        IdempotencyStore store = store(clock);
        store.reserve(Actor.SYSTEM, key, new byte[] {1});
        store.finish(Actor.SYSTEM, key, new byte[] {2});
        assertThat(store.reserve(Actor.SYSTEM, key, new byte[] {1})).isInstanceOf(Reservation.Done.class);

        clock.advance(IdempotencyStore.KEPT_FOR.plusMillis(1));

        assertThat(store.reserve(Actor.SYSTEM, key, new byte[] {3})).isInstanceOf(Reservation.Fresh.class);
    }

    @Test
    void keysOfAnActorAreBounded() {
        server.bean(JdbcClient.class)
                .sql("""
                        insert into idempotency_key (actor, key, fingerprint, created_at)
                        select 'system system', :key || n, '', now() from generate_series(1, :most) n""")
                .param("key", key)
                .param("most", IdempotencyStore.MAX_PER_ACTOR)
                .update();
        try {
            assertThat(store(Clock.systemUTC()).reserve(Actor.SYSTEM, key, new byte[] {1}))
                    .isInstanceOf(Reservation.Exhausted.class);
        } finally {
            server.bean(JdbcClient.class)
                    .sql("delete from idempotency_key where actor = 'system system'")
                    .update();
        }
    }

    private static IdempotencyStore store(Clock clock) {
        return new IdempotencyStore(server.bean(JdbcClient.class), clock);
    }

    private int tokensOfThisName() {
        return server.bean(JdbcClient.class)
                .sql("select count(*) from api_token where name = :name")
                .param("name", name)
                .query(Integer.class)
                .single();
    }

    private static HttpResponse<String> post(String key, String body) {
        return server.send(request(key, body, server.adminToken()));
    }

    private static HttpRequest.Builder request(String key, String body, String secret) {
        return server.request("/api/v1/tokens")
                .header("Authorization", "Bearer " + secret)
                .header("Content-Type", "application/json")
                .header(IdempotencyFilter.KEY, key)
                .POST(HttpRequest.BodyPublishers.ofString(body));
    }
}
