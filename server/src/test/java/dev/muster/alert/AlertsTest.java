package dev.muster.alert;

import static org.assertj.core.api.Assertions.assertThat;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import com.sun.net.httpserver.HttpServer;
import dev.muster.alert.declared.DeclaredObjects;
import dev.muster.alert.rule.AlertRules;
import dev.muster.protocol.AssetId;
import dev.muster.protocol.Metrics;
import dev.muster.telemetry.store.MetricKind;
import dev.muster.telemetry.store.Row;
import dev.muster.telemetry.store.TelemetryStore;
import dev.muster.testing.Shell;
import dev.muster.testing.TestServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A whole server, a receiver of webhooks, and a mail server that nobody here wrote. */
class AlertsTest {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final BlockingQueue<Hooked> HOOKED = new LinkedBlockingQueue<>();

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private static Path folder;

    @SuppressWarnings("NullAway.Init")
    private static GreenMail mail;

    @SuppressWarnings("NullAway.Init")
    private static HttpServer hooks;

    @SuppressWarnings("NullAway.Init")
    private static TestServer server;

    private record Hooked(String id, String authorization, JsonNode body) {}

    @BeforeAll
    static void start() throws IOException {
        mail = new GreenMail(new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTP));
        mail.start();
        hooks = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        hooks.createContext("/", exchange -> {
            JsonNode body = JSON.readTree(exchange.getRequestBody().readAllBytes());
            HOOKED.add(new Hooked(
                    String.valueOf(exchange.getRequestHeaders().getFirst("X-Muster-Notification")),
                    String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")),
                    body));
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        });
        hooks.start();
        server = TestServer.start(Map.of(
                "alert-rule-interval", "1s",
                "alert-smtp-server", "127.0.0.1:" + mail.getSmtp().getPort(),
                "alert-smtp-from", "muster@example.org",
                "alert-smtp-security", "none"));
        send("PUT", "/api/v1/alert-secrets/hook", "{\"value\":\"s3cret\"}");
        apply("""
                apiVersion: muster.dev/v1
                kind: AssetType
                metadata: {name: truck}
                spec:
                  telemetry: {metrics: {coolant: {type: number, unit: Cel}}}
                ---
                apiVersion: muster.dev/v1
                kind: Asset
                metadata: {name: truck-1}
                spec: {type: truck, owner: night-shift, region: north}
                ---
                apiVersion: muster.dev/v1
                kind: Receiver
                metadata: {name: default}
                spec:
                  channels:
                    - webhook: {url: "http://127.0.0.1:PORT/hook", headers: {Authorization: "Bearer {{secret:hook}}"}}
                ---
                apiVersion: muster.dev/v1
                kind: Receiver
                metadata: {name: ann}
                spec: {channels: [{email: {to: [ann@example.org]}}]}
                ---
                apiVersion: muster.dev/v1
                kind: OnCallSchedule
                metadata: {name: fleet}
                spec: {rotations: [{people: [ann], start: 2026-01-05T08:00, turn: 7d}]}
                ---
                apiVersion: muster.dev/v1
                kind: Receiver
                metadata: {name: night-shift}
                spec:
                  channels: [{onCall: fleet}, {receiver: default}]
                ---
                apiVersion: muster.dev/v1
                kind: AlertRouting
                metadata: {name: main}
                spec:
                  route: {receiver: default, receiver_from: owner, group_by: [alertname], group_wait: 0s, group_interval: 1s}
                """.replace("PORT", Integer.toString(hooks.getAddress().getPort())));
    }

    @AfterAll
    static void stop() {
        server.close();
        hooks.stop(0);
        mail.stop();
    }

    @Test
    void aThresholdThatIsCrossedIsToldToTheOwnerUntilItIsOver() throws InterruptedException {
        say(104.2);
        apply("""
                apiVersion: muster.dev/v1
                kind: AlertRule
                metadata: {name: hot}
                spec:
                  selector: asset.type == 'truck'
                  severity: page
                  condition: {threshold: {metric: coolant, above: 95, clear: 90}}
                  annotations: {description: "{{asset}} of {{owner}}: {{says}}"}
                """);

        Hooked fired = hooked(hook -> hook.body().path("status").asString().equals("firing")
                && hook.body().at("/alerts/0/labels/alertname").asString("").equals("hot"));
        assertThat(fired.authorization()).isEqualTo("Bearer s3cret");
        assertThat(fired.body().path("version").asString()).isEqualTo("4");
        JsonNode alert = fired.body().path("alerts").get(0);
        assertThat(alert.path("labels").toString())
                .isEqualTo(
                        "{\"alertname\":\"hot\",\"asset\":\"truck-1\",\"owner\":\"night-shift\",\"region\":\"north\","
                                + "\"severity\":\"page\",\"type\":\"truck\"}");
        assertThat(alert.path("annotations").path("description").asString())
                .isEqualTo("truck-1 of night-shift: coolant is 104.2, above 95");
        String fingerprint = alert.path("fingerprint").asString();
        assertThat(mail.waitForIncomingEmail(TimeUnit.SECONDS.toMillis(20), 1)).isTrue();
        assertThat(mail.getReceivedMessages()[0]).satisfies(message -> {
            assertThat(message.getSubject()).isEqualTo("[FIRING:1] truck-1: coolant is 104.2, above 95");
            assertThat(message.getAllRecipients()[0]).hasToString("ann@example.org");
            assertThat(message.getMessageID()).matches("<[0-9a-f]{32}@example.org>");
        });
        JsonNode why = await(
                "/api/v1/alerts/" + fingerprint + "/why?person=ann",
                found -> found.path("notified").asBoolean());
        assertThat(why.path("answer").asString())
                .startsWith("ann was notified at ")
                .endsWith(" over email (new)");
        assertThat(get("/api/v1/alerts/" + fingerprint + "/why?person=bob")
                        .path("answer")
                        .asString())
                .isEqualTo(
                        "bob was not notified: the alert goes to night-shift, and bob is none of them, not on call for them"
                                + " and no address of theirs now");

        JsonNode acknowledged =
                send("POST", "/api/v1/alerts/" + fingerprint + "/acknowledge", "{\"note\":\"on my way\"}");
        assertThat(acknowledged.path("acknowledgement").path("note").asString()).isEqualTo("on my way");
        JsonNode explained = get("/api/v1/alerts/" + fingerprint + "/explain");
        assertThat(explained.path("evidence").path("value").asDouble()).isEqualTo(104.2);
        assertThat(get("/api/v1/alert-rules/hot")
                        .path("status")
                        .path("counts")
                        .path("wrong")
                        .asInt())
                .isEqualTo(1);

        say(92); // below the threshold and not clear
        Thread.sleep(2_100); // two evaluations that must say nothing
        assertThat(get("/api/v1/alerts/" + fingerprint).path("state").asString())
                .isEqualTo("firing");
        say(89);
        Hooked over = hooked(hook -> hook.body().path("status").asString().equals("resolved")
                && hook.body().at("/alerts/0/fingerprint").asString("").equals(fingerprint));
        assertThat(over.id()).isNotEqualTo(fired.id());
        assertThat(get("/api/v1/alerts/" + fingerprint).path("state").asString())
                .isEqualTo("resolved");
    }

    @Test
    void whatAlertmanagersClientsSendAndSilenceIsKept() throws InterruptedException {
        send("POST", "/api/v2/silences", """
                {"matchers":[{"name":"alertname","value":"Disk.*","isRegex":true}],"startsAt":"%s","endsAt":"%s",
                 "createdBy":"bob","comment":"new disks"}""".formatted(
                        Instant.now(), Instant.now().plusSeconds(600)));
        send("POST", "/api/v2/alerts", """
                [{"labels":{"alertname":"DiskFull","host":"db-1","severity":"critical"}},
                 {"labels":{"alertname":"Down","host":"db-2"},"annotations":{"summary":"db-2 is down"}}]""");

        Hooked told = hooked(hook -> hook.body().toString().contains("db-2"));
        assertThat(told.body().path("commonAnnotations").path("summary").asString())
                .isEqualTo("db-2 is down");
        JsonNode listed = get("/api/v2/alerts?filter=alertname%3D%22DiskFull%22");
        assertThat(listed.size()).isEqualTo(1);
        assertThat(listed.get(0).path("status").path("state").asString()).isEqualTo("suppressed");
        assertThat(HOOKED).noneMatch(hook -> hook.body().toString().contains("DiskFull"));
        JsonNode preview = send("POST", "/api/v1/silences/preview", "{\"matchers\":[\"host=~\\\"db-.+\\\"\"]}");
        assertThat(preview.path("firing").asInt()).isEqualTo(2);
        assertThat(preview.path("pages").asInt()).isEqualTo(1);
        String fingerprint = listed.get(0).path("fingerprint").asString();
        assertThat(get("/api/v1/alerts/" + fingerprint + "/why").path("answer").asString())
                .startsWith("nobody was notified: silenced by ");
    }

    @Test
    void whatSpeaksPagerDutysEventsTriggersAndResolves() throws InterruptedException {
        String trigger = """
                {"routing_key":"billing","event_action":"trigger","dedup_key":"k-1",
                 "payload":{"summary":"billing is slow","source":"lb-1","severity":"warning","class":"Slow"}}""";
        assertThat(send("POST", "/api/v1/pagerduty/v2/enqueue", trigger)
                        .path("dedup_key")
                        .asString())
                .isEqualTo("k-1");
        Hooked told = hooked(hook -> hook.body().toString().contains("billing is slow"));
        assertThat(told.body().path("commonLabels").path("severity").asString()).isEqualTo("ticket");
        send(
                "POST",
                "/api/v1/pagerduty/v2/enqueue",
                "{\"routing_key\":\"billing\",\"event_action\":\"resolve\",\"dedup_key\":\"k-1\"}");
        hooked(hook -> hook.body().toString().contains("billing is slow")
                && hook.body().path("status").asString().equals("resolved"));
    }

    /** As PagerDuty's own clients: no header, the key in the body, its answers. */
    @Test
    void anIntegrationKeyRaisesItsOwnAlertsAndOpensNothingElse() throws InterruptedException {
        String key = send(
                        "POST",
                        "/api/v1/integration-keys",
                        "{\"name\":\"grafana\",\"labels\":{\"owner\":\"payments\",\"service\":\"shop\"}}")
                .path("key")
                .asString();
        String other = send("POST", "/api/v1/integration-keys", "{\"name\":\"other\"}")
                .path("key")
                .asString();
        assertThat(key).matches("[0-9a-f]{32}").isNotEqualTo(other);
        assertThat(get("/api/v1/integration-keys").toString())
                .doesNotContain(key)
                .contains("grafana");
        String event = """
                {"routing_key":"%s","event_action":"%s","dedup_key":"k-9",
                 "payload":{"summary":"carts are lost","source":"shop-1","severity":"warning","class":"Carts"}}""";

        assertThat(enqueue(event.formatted(key, "trigger")))
                .isEqualTo("202 {\"dedup_key\":\"k-9\",\"message\":\"Event processed\",\"status\":\"success\"}");
        Hooked told = hooked(hook -> hook.body().toString().contains("carts are lost"));
        JsonNode labels = told.body().path("commonLabels");
        assertThat(labels.path("owner").asString() + " "
                        + labels.path("service").asString() + " "
                        + labels.path("integration").asString())
                .isEqualTo("payments shop grafana");
        assertThat(told.body().toString()).doesNotContain(key);

        assertThat(enqueue(event.formatted(other, "resolve"))).startsWith("202 ");
        JsonNode firing = get("/api/v1/alerts");
        assertThat(firing.toString()).as("another key ends nothing").contains("carts are lost");
        assertThat(enqueue(event.formatted(key, "resolve"))).startsWith("202 ");
        hooked(hook -> hook.body().toString().contains("carts are lost")
                && hook.body().path("status").asString().equals("resolved"));

        assertThat(enqueue(event.formatted(key, "explode")))
                .startsWith("400 ")
                .contains("\"status\":\"invalid event\"", "event_action is trigger, acknowledge or resolve");
        assertThat(server.send(server.request("/api/v1/alerts")
                                .header("Authorization", "Bearer " + key)
                                .GET())
                        .statusCode())
                .isEqualTo(401);
        send("DELETE", "/api/v1/integration-keys/grafana", "");
        assertThat(enqueue(event.formatted(key, "trigger")))
                .startsWith("400 ")
                .contains("routing_key is no integration key of this server");
        assertThat(enqueue("{")).startsWith("400 ").contains("the event is no JSON");
    }

    private static String enqueue(String event) {
        HttpResponse<String> answer = server.send(server.request("/v2/enqueue")
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(event)));
        return answer.statusCode() + " " + answer.body();
    }

    @Test
    void shippedRulesAreThereAndOneThatWasChangedStays() throws InterruptedException {
        List<String> names = get("/api/v1/alert-rules")
                .path("items")
                .valueStream()
                .map(rule -> rule.path("metadata").path("name").asString())
                .toList();
        assertThat(names).contains("CertificateNearExpiry", "ClockSkew", "DiskFull", "Drift", "StaleTelemetry");
        apply("""
                apiVersion: muster.dev/v1
                kind: AlertRule
                metadata: {name: DiskFull}
                spec: {condition: {threshold: {metric: disk.free, below: 1}}, paused: true}
                """);
        DeclaredObjects objects = server.bean(DeclaredObjects.class);
        AlertRules rules = server.bean(AlertRules.class);
        JsonNode newer = JSON.readTree("{\"condition\": {\"absence\": {}}}");
        assertThat(objects.ship(rules, "DiskFull", newer, 99)).isFalse();
        assertThat(objects.ship(rules, "Drift", newer, 1)).isFalse();
        assertThat(objects.ship(rules, "Drift", newer, 99)).isTrue();
        assertThat(get("/api/v1/alert-rules/DiskFull")
                        .path("spec")
                        .path("paused")
                        .asBoolean())
                .isTrue();
        assertThat(get("/api/v1/alert-rules/Drift").path("spec")).isEqualTo(newer);
    }

    @Test
    void theExamplesAreValid() throws IOException {
        HttpResponse<String> answer = server.send(server.adminRequest("/api/v1/apply?dryRun=true&force=true")
                .header("Content-Type", "application/yaml")
                .POST(HttpRequest.BodyPublishers.ofString(
                        Files.readString(Path.of("..", "examples", "alerts", "alerts.yaml")))));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }

    /** The Prometheus and the amtool of Debian, set up as docs/alerts.md says. */
    @Test
    void aRealPrometheusFiresAndARealAmtoolReadsAndSilences() throws Exception {
        Shell.require("prometheus", "amtool");
        Files.writeString(folder.resolve("rules.yml"), """
                groups:
                - name: test
                  interval: 1s
                  rules:
                  - alert: PrometheusSays
                    expr: vector(1)
                    labels: {severity: page, line: '7'}
                    annotations: {summary: "line 7 stands still"}
                """);
        Files.writeString(folder.resolve("prometheus.yml"), """
                rule_files: [rules.yml]
                alerting:
                  alertmanagers:
                  - scheme: http
                    authorization: {credentials: "%s"}
                    static_configs: [{targets: ["%s"]}]
                """.formatted(
                        server.adminToken(), server.url().substring("http://".length())));
        Files.writeString(
                folder.resolve("amtool.http.yml"), "authorization: {credentials: \"" + server.adminToken() + "\"}\n");
        Process prometheus = new ProcessBuilder(
                        "prometheus",
                        "--config.file=prometheus.yml",
                        "--storage.tsdb.path=data",
                        "--rules.alert.resend-delay=2s", // what it sends before it has found anybody is lost
                        "--web.listen-address=127.0.0.1:0")
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("prometheus.log").toFile())
                .start();
        try {
            Hooked told = hooked(hook -> hook.body().toString().contains("PrometheusSays"));
            assertThat(told.body().path("commonAnnotations").path("summary").asString())
                    .isEqualTo("line 7 stands still");
            String amtool =
                    "amtool --alertmanager.url=" + server.url() + " --http.config.file=amtool.http.yml 2>/dev/null ";
            assertThat(Shell.run(folder, amtool + "alert query alertname=PrometheusSays"))
                    .contains("PrometheusSays", "line 7 stands still", "active");
            String id = Shell.run(folder, amtool + "silence add line=7 -a ann -c repairs -d 1h")
                    .strip();
            assertThat(Shell.run(folder, amtool + "silence query"))
                    .contains(id.substring(0, 8), "line=\"7\"", "repairs");
            assertThat(Shell.run(folder, amtool + "alert query --silenced -o extended alertname=PrometheusSays"))
                    .contains("suppressed");
            Shell.run(folder, amtool + "silence expire " + id);
            assertThat(Shell.run(folder, amtool + "silence query")).doesNotContain("repairs");
            assertThat(get("/api/v1/silences").path("items").toString()).contains("\"state\":\"expired\"");
        } finally {
            prometheus.destroy();
            prometheus.waitFor(20, TimeUnit.SECONDS);
        }
    }

    @Test
    void whoWouldBeToldAndWhoIsOnCallWhenIsSaidBeforehand() {
        JsonNode told = send(
                "POST", "/api/v1/alert-routings/test", "{\"labels\":{\"alertname\":\"X\",\"severity\":\"ticket\"}}");
        assertThat(told.path("asked")).isNotEmpty();
        assertThat(told.path("destinations")).isNotEmpty();
        assertThat(told.at("/destinations/0/receiver").asString()).isNotEmpty();
        String schedule =
                get("/api/v1/on-call-schedules").at("/items/0/metadata/name").asString();
        JsonNode calendar =
                get("/api/v1/on-call/" + schedule + "/calendar?from=2026-11-02T00:00:00Z&to=2026-11-23T00:00:00Z");
        List<JsonNode> shifts = calendar.path("shifts").valueStream().toList();
        assertThat(shifts).isNotEmpty();
        assertThat(shifts.getFirst().path("from").asString()).isEqualTo("2026-11-02T00:00:00Z");
        assertThat(shifts.getLast().path("to").asString()).isEqualTo("2026-11-23T00:00:00Z");
    }

    @Test
    void aRuleIsHeldAgainstThePastAndTouchesNothing() throws InterruptedException {
        send("POST", "/api/v1/assets", "{\"id\":\"oven-1\",\"type\":\"sensor\"}");
        TelemetryStore store = server.bean(TelemetryStore.class);
        store.declare("sensor", Map.of("heat", MetricKind.NUMBER));
        Instant from = Instant.now().minus(Duration.ofHours(2)).truncatedTo(java.time.temporal.ChronoUnit.MINUTES);
        List<Row.Sample> rows = new java.util.ArrayList<>();
        for (int minute = 0; minute < 120; minute++) {
            long at = from.plus(Duration.ofMinutes(minute)).toEpochMilli();
            double heat = minute >= 30 && minute < 50 ? 300 : 200;
            rows.add(new Row.Sample(
                    at, new AssetId("oven-1"), "sensor", at, minute, 0, Metrics.of(Map.of("heat", heat))));
        }
        store.append(rows);
        store.awaitReadable(Duration.ofSeconds(20));
        String body = """
                {"name":"TooHot","from":"%s","to":"%s","spec":{"selector":"asset.id == 'oven-1'","severity":"page","every":"1m",
                 "for":"2m","condition":{"threshold":{"metric":"heat","above":250}}}}""".formatted(from, from.plus(Duration.ofMinutes(119)));

        JsonNode tested = send("POST", "/api/v1/alert-rules/test", body);

        assertThat(tested.path("cannot")).isEmpty();
        assertThat(tested.path("firings")).hasSize(1);
        JsonNode firing = tested.at("/firings/0");
        assertThat(List.of(
                        firing.path("firedAt").asString(),
                        firing.path("resolvedAt").asString(),
                        firing.at("/labels/asset").asString()))
                .containsExactly(
                        from.plus(Duration.ofMinutes(32)).toString(),
                        from.plus(Duration.ofMinutes(50)).toString(),
                        "oven-1");
        assertThat(tested.path("evaluations").asInt()).isEqualTo(120);
        assertThat(tested.path("notifications").asInt())
                .as("that it fires, and that it is over, over the channels of its receiver")
                .isPositive();
        assertThat(get("/api/v1/alerts?state=all&source=rule/TooHot").path("items"))
                .isEmpty();

        JsonNode twin = send("POST", "/api/v1/alert-rules/test", """
                {"since":"1h","spec":{"condition":{"expression":{"cel":"asset.drift > 0"}}}}""");
        assertThat(twin.at("/cannot/0").asString())
                .isEqualTo("it cannot be replayed: of asset.drift only the present value is known, not what it was at"
                        + " each moment");
        JsonNode silent = send("POST", "/api/v1/alert-rules/test", """
                {"since":"1h","spec":{"selector":"asset.id == 'oven-1'","condition":{"absence":{"longerThan":"5m"}}}}""");
        assertThat(silent.path("evaluations").asInt()).isPositive();
        HttpResponse<String> wrong = server.send(server.adminRequest("/api/v1/alert-rules/test")
                .header("Content-Type", "application/json")
                .method("POST", HttpRequest.BodyPublishers.ofString("{\"spec\":{\"condition\":{\"threshold\":{}}}}")));
        assertThat(wrong.statusCode()).isEqualTo(400);
        assertThat(wrong.body()).contains("spec.condition.threshold.metric");
    }

    private static void say(double coolant) {
        TelemetryStore store = server.bean(TelemetryStore.class);
        store.declare("truck", Map.of("coolant", MetricKind.NUMBER));
        long now = System.currentTimeMillis();
        store.append(List.of(new Row.Sample(
                now, new AssetId("truck-1"), "truck", now, 1, 0, Metrics.of(Map.of("coolant", coolant)))));
    }

    private static Hooked hooked(Predicate<Hooked> wanted) throws InterruptedException {
        Instant end = Instant.now().plus(Duration.ofSeconds(30));
        while (Instant.now().isBefore(end)) {
            Hooked next = HOOKED.poll(1, TimeUnit.SECONDS);
            if (next != null && wanted.test(next)) {
                return next;
            }
        }
        throw new AssertionError("the receiver was not told within 30 s; notifications: " + get("/api/v1/notifications")
                + ", alerts: " + get("/api/v1/alerts?state=all"));
    }

    private static JsonNode await(String path, Predicate<JsonNode> wanted) throws InterruptedException {
        Instant end = Instant.now().plus(Duration.ofSeconds(20));
        JsonNode found = get(path);
        while (!wanted.test(found) && Instant.now().isBefore(end)) {
            Thread.sleep(100);
            found = get(path);
        }
        return found;
    }

    private static void apply(String yaml) {
        HttpResponse<String> answer = server.send(server.adminRequest("/api/v1/apply")
                .header("Content-Type", "application/yaml")
                .POST(HttpRequest.BodyPublishers.ofString(yaml)));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }

    private static JsonNode get(String path) {
        HttpResponse<String> answer = server.send(server.adminRequest(path).GET());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return JSON.readTree(answer.body());
    }

    private static JsonNode send(String method, String path, String body) {
        HttpResponse<String> answer = server.send(server.adminRequest(path)
                .header("Content-Type", "application/json")
                .method(method, HttpRequest.BodyPublishers.ofString(body)));
        assertThat(answer.statusCode()).as(answer.body()).isBetween(200, 204);
        return answer.body().isEmpty() ? JSON.createObjectNode() : JSON.readTree(answer.body());
    }
}
