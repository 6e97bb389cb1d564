package dev.muster.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import dev.muster.testing.TestServer;
import java.io.IOException;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Commands in the whole server: asked over HTTP, received and answered by real MQTT clients. */
class CommandsTest {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final AtomicInteger COUNT = new AtomicInteger();

    private static @Nullable TestServer server;

    @BeforeAll
    static void start() {
        server = TestServer.start();
    }

    @AfterAll
    static void stop() {
        server().close();
    }

    private static TestServer server() {
        return Objects.requireNonNull(server);
    }

    @Test
    void anAssetReceivesACommandAsTheProtocolSaysAndItsWordsAreShown() throws Exception {
        String till = asset("pos");
        JsonNode given = give(till, "show-message", "\"parameters\":{\"text\":\"hello\"},\"timeout\":\"10m\"");
        String id = given.path("id").asString();
        assertThat(given.path("status").asString()).isEqualTo("pending");
        assertThat(given.path("sentAt").isMissingNode()).isTrue();

        try (MqttAsset asset = connect(till)) {
            Mqtt5Publish message = asset.receive();
            assertThat(message.isRetain()).isFalse();
            assertThat(message.getMessageExpiryInterval().orElseThrow()).isBetween(500L, 600L);
            assertThat(message.getTopic().toString()).isEqualTo("assets/" + till + "/commands");
            ObjectNode expected = JSON.createObjectNode().put("id", id).put("name", "show-message");
            // seconds is the type's default
            expected.putObject("params").put("text", "hello").put("seconds", 60);
            expected.put("deadline", given.path("deadline").asString())
                    .put("traceparent", given.path("traceparent").asString());
            assertThat(MqttAsset.json(message)).isEqualTo(expected);

            asset.say(id, "{\"status\":\"accepted\"}");
            asset.say(id, "{\"status\":\"running\",\"detail\":{\"progress\":40}}");
            asset.say(id, "{\"status\":\"succeeded\",\"detail\":{\"exit\":0,\"output\":\"shown\\nfor 60 s\"}}");
            asset.say(id, "{\"status\":\"failed\"}");
        }
        JsonNode done = awaitCommand(id, command -> command.has("contradictions"));
        assertThat(done.path("status").asString()).isEqualTo("succeeded");
        assertThat(done.path("late").asBoolean()).isFalse();
        assertThat(done.path("detail").toString()).isEqualTo("{\"exit\":0}");
        assertThat(done.path("output").asString()).isEqualTo("shown\nfor 60 s");
        assertThat(done.path("contradictions").toString()).isEqualTo("[\"failed\"]");
        assertThat(done.path("history")
                        .valueStream()
                        .map(line -> line.path("status").asString()))
                .containsExactly("pending", "sent", "accepted", "running", "succeeded", "failed");
        assertThat(done.path("history").get(5).path("contradicts").asBoolean()).isTrue();
        assertThat(get("/api/v1/audit?object=asset/" + till)
                        .path("items")
                        .valueStream()
                        .map(entry -> entry.path("action").asString()))
                .contains("command.create");
    }

    @Test
    void aCommandComesAgainInTheNextSessionUntilItIsAnsweredAndNeverAfter() throws Exception {
        String till = asset("pos");
        String first = give(till, "print-test", "").path("id").asString();
        try (MqttAsset asset = connect(till)) {
            assertThat(asset.receiveJson().path("id").asString()).isEqualTo(first);
            // acknowledged as a message, not answered: the device crashes here
        }
        try (MqttAsset asset = connect(till)) {
            assertThat(asset.receiveJson().path("id").asString()).isEqualTo(first);
            asset.say(first, "{\"status\":\"accepted\"}");
            awaitStatus(first, "accepted");
            // live, and never twice in a session
            String second = give(till, "sync-prices", "").path("id").asString();
            assertThat(asset.receiveJson().path("id").asString()).isEqualTo(second);
        }
        try (MqttAsset asset = connect(till)) {
            assertThat(asset.receiveJson().path("name").asString()).isEqualTo("sync-prices");
            String third = give(till, "print-test", "").path("id").asString();
            assertThat(asset.receiveJson().path("id").asString()).isEqualTo(third);
        }
    }

    @Test
    void anAssetCannotAnswerForAnother() throws Exception {
        String till = asset("pos");
        String other = asset("pos");
        String id = give(till, "print-test", "").path("id").asString();
        String own = give(other, "print-test", "").path("id").asString();
        try (MqttAsset asset = connect(other)) {
            asset.say(id, "{\"status\":\"succeeded\"}");
            asset.say("0192-unknown", "{\"status\":\"succeeded\"}");
            asset.say(own, "{\"status\":\"succeeded\"}");
        }
        awaitStatus(own, "succeeded");
        assertThat(get("/api/v1/commands/" + id).path("status").asString()).isEqualTo("pending");
        String metrics = server().send(server().adminRequest("/metrics").GET()).body();
        assertThat(metrics)
                .contains("muster_command_words_refused_total{reason=\"foreign\"} 1.0")
                .contains("muster_command_words_refused_total{reason=\"unknown\"} 1.0");
    }

    @Test
    void refusesWhatTheTypeDoesNotAllowAndSaysWhatItDoes() {
        String till = asset("pos");
        assertThat(refusal(422, command(till, "explode", "")))
                .contains("assets of type pos know no command \\\"explode\\\"")
                .contains("print-test")
                .contains("show-message");
        assertThat(refusal(400, command(till, "show-message", "\"parameters\":{\"text\":7}")))
                .contains("do not fit what type pos declares");
        assertThat(refusal(400, command(till, "show-message", ""))).contains("text");
        assertThat(refusal(400, command(till, "print-test", "\"timeout\":\"forever\"")))
                .contains("1s to 7d");
        assertThat(refusal(422, command(till, "reboot", "")))
                .contains("interrupts the service of asset " + till)
                .contains("confirm");
        assertThat(give(till, "reboot", "\"confirm\":true").path("name").asString())
                .isEqualTo("reboot");
        assertThat(refusal(404, command("nobody", "reboot", ""))).contains("asset nobody does not exist");
        assertThat(refusal(
                        400,
                        server().adminRequest("/api/v1/commands?status=lost").GET()))
                .contains("queued, pending, accepted");
        assertThat(refusal(400, command(till, "print-test", "").header("traceparent", "00-zz")))
                .contains("traceparent");
    }

    @Test
    void aRetiredAssetGetsNothingAndWhatItHadNotTakenIsTakenBack() {
        String till = asset("pos");
        String id = give(till, "print-test", "").path("id").asString();
        HttpResponse<String> retired = server().send(server().adminRequest("/api/v1/assets/" + till)
                .header("Content-Type", "application/json")
                .PUT(BodyPublishers.ofString("{\"type\":\"pos\",\"lifecycle\":\"retired\"}")));
        assertThat(retired.statusCode()).as(retired.body()).isEqualTo(200);
        JsonNode command = get("/api/v1/commands/" + id);
        assertThat(command.path("status").asString()).isEqualTo("cancelled");
        assertThat(command.path("reason").asString()).isEqualTo("its asset was retired or quarantined");
        assertThat(refusal(422, command(till, "print-test", ""))).contains("it is retired");
    }

    @Test
    void aCommandIsTakenBackUntilTheAssetHasTakenIt() throws Exception {
        String till = asset("pos");
        String id = give(till, "print-test", "").path("id").asString();
        String taken = give(till, "sync-prices", "").path("id").asString();
        try (MqttAsset asset = connect(till)) {
            asset.say(taken, "{\"status\":\"accepted\"}");
            awaitStatus(taken, "accepted");
        }
        assertThat(post("/api/v1/commands/" + id + "/cancel", "").body()).contains("\"status\":\"cancelled\"");
        assertThat(post("/api/v1/commands/" + id + "/cancel", "").statusCode()).isEqualTo(200);
        HttpResponse<String> late = post("/api/v1/commands/" + taken + "/cancel", "");
        assertThat(late.statusCode()).isEqualTo(409);
        assertThat(late.body()).contains("it is accepted");
    }

    @Test
    void aRetryIsAnAttemptOfItsOwnAndMendsNoRate() throws Exception {
        String till = asset("pos");
        String failed = give(till, "print-test", "").path("id").asString();
        assertThat(refusal(409, retry(failed))).contains("it is tried again");
        try (MqttAsset asset = connect(till)) {
            asset.receive();
            asset.say(failed, "{\"status\":\"failed\",\"detail\":{\"error\":\"no paper\"}}");
            awaitStatus(failed, "failed");
            JsonNode again = JSON.readTree(accepted(201, retry(failed)));
            assertThat(again.path("attempt").asInt()).isEqualTo(2);
            assertThat(again.path("retryOf").asString()).isEqualTo(failed);
            String second = again.path("id").asString();
            assertThat(asset.receiveJson().path("id").asString()).isEqualTo(second);
            asset.say(second, "{\"status\":\"succeeded\"}");
            awaitStatus(second, "succeeded");
            assertThat(refusal(409, retry(second))).contains("has succeeded");
        }
        JsonNode total = get("/api/v1/commands/success-rate?selector=" + encoded("asset.id == '" + till + "'"))
                .path("total");
        assertThat(total.at("/firstAttempt/rate").asDouble()).isZero();
        assertThat(total.at("/firstAttempt/failed").asInt()).isEqualTo(1);
        assertThat(total.at("/all/rate").asDouble()).isEqualTo(0.5);
        assertThat(total.at("/all/given").asInt()).isEqualTo(2);
    }

    @Test
    void aRunHasNeverMoreUnderWayThanItMayAndGivesEveryAssetItsCommandOnce() throws Exception {
        String side = "side-" + COUNT.incrementAndGet();
        List<String> tills = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            tills.add(asset("pos", side));
        }
        String retired = asset("pos", side);
        server().send(server().adminRequest("/api/v1/assets/" + retired)
                .header("Content-Type", "application/json")
                .PUT(BodyPublishers.ofString(
                        "{\"type\":\"pos\",\"lifecycle\":\"retired\",\"labels\":{\"side\":\"%s\"}}".formatted(side))));
        String body = "{\"name\":\"print-test\",\"selector\":\"asset.labels.side == '%s'\",\"concurrency\":2}"
                .formatted(side);
        JsonNode plan =
                JSON.readTree(post("/api/v1/command-runs?dryRun=true", body).body());
        assertThat(plan.toString())
                .isEqualTo(
                        "{\"name\":\"print-test\",\"assets\":5,\"skipped\":1,\"disruptive\":false,\"types\":{\"pos\":5}}");
        JsonNode run = JSON.readTree(post("/api/v1/command-runs", body).body());
        String id = run.path("id").asString();
        assertThat(run.path("assets").asInt()).isEqualTo(5);
        assertThat(run.path("skipped").asInt()).isEqualTo(1);

        Set<String> done = new HashSet<>();
        while (done.size() < 5) {
            JsonNode now = awaitRun(id, each -> count(each, "pending") > 0);
            assertThat(count(now, "pending") + count(now, "accepted")).isLessThanOrEqualTo(2);
            for (JsonNode command :
                    get("/api/v1/commands?run=" + id + "&status=pending").path("items")) {
                String till = command.path("asset").asString();
                assertThat(done.add(till)).as("%s got it twice", till).isTrue();
                try (MqttAsset asset = connect(till)) {
                    String received = asset.receiveJson().path("id").asString();
                    asset.say(received, "{\"status\":\"accepted\"}");
                    asset.say(received, "{\"status\":\"succeeded\"}");
                    awaitStatus(received, "succeeded");
                }
            }
        }
        JsonNode ended = awaitRun(id, each -> each.path("state").asString().equals("ended"));
        assertThat(ended.path("commands").toString()).isEqualTo("{\"succeeded\":5}");
        assertThat(ended.has("stopped")).isFalse();
        assertThat(done).containsExactlyInAnyOrderElementsOf(tills);
        assertThat(post("/api/v1/command-runs/" + id + "/cancel", "").statusCode())
                .isEqualTo(409);
    }

    @Test
    void aRunStopsWhenMoreFailedThanMayAndWhatIsLeftOverCanBeTriedAgain() throws Exception {
        String side = "side-" + COUNT.incrementAndGet();
        for (int i = 0; i < 4; i++) {
            asset("pos", side);
        }
        String body =
                "{\"name\":\"print-test\",\"selector\":\"asset.labels.side == '%s'\",\"concurrency\":1,\"maxFailures\":0}"
                        .formatted(side);
        String id = JSON.readTree(post("/api/v1/command-runs", body).body())
                .path("id")
                .asString();
        awaitRun(id, each -> count(each, "pending") == 1);
        JsonNode command = get("/api/v1/commands?run=" + id + "&status=pending")
                .path("items")
                .get(0);
        try (MqttAsset asset = connect(command.path("asset").asString())) {
            asset.say(asset.receiveJson().path("id").asString(), "{\"status\":\"rejected\"}");
        }
        JsonNode ended = awaitRun(id, each -> each.path("state").asString().equals("ended"));
        assertThat(ended.path("stopped").asString()).isEqualTo("1 commands did not succeed, and 0 may");
        assertThat(ended.path("commands").toString()).isEqualTo("{\"cancelled\":3,\"rejected\":1}");

        HttpResponse<String> again = post("/api/v1/command-runs", "{\"retryOf\":\"%s\"}".formatted(id));
        assertThat(again.statusCode()).as(again.body()).isEqualTo(201);
        JsonNode retried = JSON.readTree(again.body());
        assertThat(retried.path("assets").asInt()).isEqualTo(4);
        String retry = retried.path("id").asString();
        assertThat(get("/api/v1/commands?run=" + retry)
                        .path("items")
                        .valueStream()
                        .map(each -> each.path("attempt").asInt()))
                .containsOnly(2);
        assertThat(post("/api/v1/command-runs/" + retry + "/cancel", "").statusCode())
                .isEqualTo(200);
    }

    @Test
    void aRunIsRefusedAsAWholeAndANarrowerScopeSelectsOnlyItsOwn() {
        String side = "side-" + COUNT.incrementAndGet();
        asset("pos", side);
        asset("sensor", side);
        String selector = "asset.labels.side == '%s'".formatted(side);
        HttpResponse<String> mixed =
                post("/api/v1/command-runs", "{\"name\":\"print-test\",\"selector\":\"%s\"}".formatted(selector));
        assertThat(mixed.statusCode()).isEqualTo(422);
        assertThat(mixed.body()).contains("assets of type sensor know no command");
        assertThat(get("/api/v1/command-runs?active=true")
                        .path("items")
                        .valueStream()
                        .map(run -> run.path("selector").asString("")))
                .doesNotContain(selector);

        String token = token("operator", selector + " && asset.type == 'pos'");
        HttpResponse<String> own = server().send(server().request("/api/v1/command-runs")
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString("{\"name\":\"print-test\",\"selector\":\"true\"}")));
        assertThat(own.statusCode()).as(own.body()).isEqualTo(201);
        assertThat(JSON.readTree(own.body()).path("assets").asInt()).isEqualTo(1);
        HttpResponse<String> none = server().send(server().request("/api/v1/commands?limit=1")
                .header("Authorization", "Bearer " + token("viewer", "false"))
                .GET());
        assertThat(JSON.readTree(none.body()).path("items")).isEmpty();
    }

    @Test
    void listsNewestFirstPageByPage() {
        String till = asset("pos");
        List<String> given = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            given.addFirst(give(till, "print-test", "").path("id").asString());
        }
        List<String> listed = new ArrayList<>();
        String next = "";
        do {
            JsonNode page = get("/api/v1/commands?asset=" + till + "&limit=2&continue=" + next);
            page.path("items").forEach(command -> listed.add(command.path("id").asString()));
            next = page.path("continue").asString("");
        } while (!next.isEmpty());
        assertThat(listed)
                .hasSize(5)
                .isSortedAccordingTo((a, b) -> b.compareTo(a))
                .containsExactlyInAnyOrderElementsOf(given);
    }

    private static String asset(String type) {
        return asset(type, "none");
    }

    private static String asset(String type, String side) {
        String id = type + "-" + COUNT.incrementAndGet();
        HttpResponse<String> made = post(
                "/api/v1/assets",
                "{\"id\":\"%s\",\"type\":\"%s\",\"labels\":{\"side\":\"%s\"}}".formatted(id, type, side));
        assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
        return id;
    }

    private static MqttAsset connect(String asset) throws Exception {
        HttpResponse<String> credentials = post("/api/v1/assets/" + asset + "/credentials", "{}");
        assertThat(credentials.statusCode()).as(credentials.body()).isEqualTo(201);
        return MqttAsset.connect(mqtt(), JSON.readTree(credentials.body()));
    }

    private static String mqtt() throws IOException {
        return JSON.readTree(Files.readString(server().directory().resolve("run/server.json")))
                .path("mqtt")
                .asString();
    }

    private static JsonNode give(String asset, String name, String more) {
        return JSON.readTree(accepted(201, command(asset, name, more)));
    }

    private static HttpRequest.Builder command(String asset, String name, String more) {
        return json(
                "/api/v1/commands",
                "{\"asset\":\"%s\",\"name\":\"%s\"%s}".formatted(asset, name, more.isEmpty() ? "" : "," + more));
    }

    private static HttpRequest.Builder retry(String id) {
        return json("/api/v1/commands", "{\"retryOf\":\"%s\"}".formatted(id));
    }

    private static HttpRequest.Builder json(String path, String body) {
        return server().adminRequest(path)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body));
    }

    private static HttpResponse<String> post(String path, String body) {
        return server().send(json(path, body));
    }

    private static String accepted(int status, HttpRequest.Builder request) {
        HttpResponse<String> answer = server().send(request);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        return answer.body();
    }

    private static String refusal(int status, HttpRequest.Builder request) {
        return accepted(status, request);
    }

    private static JsonNode get(String path) {
        return JSON.readTree(accepted(200, server().adminRequest(path).GET()));
    }

    private static String token(String role, String scope) {
        ObjectNode wanted = JSON.createObjectNode()
                .put("name", "token-" + COUNT.incrementAndGet())
                .put("role", role)
                .put("scope", scope);
        return JSON.readTree(post("/api/v1/tokens", wanted.toString()).body())
                .at("/secret")
                .asString();
    }

    private static void awaitStatus(String id, String status) {
        awaitCommand(id, command -> command.path("status").asString().equals(status));
    }

    private static JsonNode awaitCommand(String id, Predicate<JsonNode> condition) {
        return await("/api/v1/commands/" + id, condition);
    }

    private static JsonNode awaitRun(String id, Predicate<JsonNode> condition) {
        return await("/api/v1/command-runs/" + id, condition);
    }

    private static JsonNode await(String path, Predicate<JsonNode> condition) {
        Instant end = Instant.now().plusSeconds(30);
        while (true) {
            JsonNode found = get(path);
            if (condition.test(found)) {
                return found;
            }
            if (Instant.now().isAfter(end)) {
                throw new AssertionError("after 30 s " + path + " is still " + found);
            }
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        }
    }

    private static int count(JsonNode run, String status) {
        return run.path("commands").path(status).asInt(0);
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
