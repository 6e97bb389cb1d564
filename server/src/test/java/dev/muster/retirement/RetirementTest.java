package dev.muster.retirement;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.command.CommandResults;
import dev.muster.gateway.port.Admission;
import dev.muster.gateway.port.Enrolment;
import dev.muster.gateway.port.Enrolment.Credential;
import dev.muster.gateway.port.Enrolment.Outcome;
import dev.muster.pki.Csr;
import dev.muster.pki.LiveSessions;
import dev.muster.platform.event.EventLog;
import dev.muster.platform.lease.Lease;
import dev.muster.platform.lease.Leases;
import dev.muster.protocol.AssetId;
import dev.muster.protocol.Uplink.CommandResult;
import dev.muster.registry.Presence;
import dev.muster.registry.asset.AssetStore;
import dev.muster.registry.asset.PresenceUpdate;
import dev.muster.testing.TestServer;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Retirement and restore on a whole server; the asset's part is played here. */
class RetirementTest {
    private static final AtomicInteger COUNT = new AtomicInteger();
    private static final Queue<String> CLOSED = new ConcurrentLinkedQueue<>();

    @SuppressWarnings("NullAway.Init")
    private static TestServer server;

    @BeforeAll
    static void start() {
        server = TestServer.start();
        server.bean(LiveSessions.class).attach((asset, reason) -> {
            CLOSED.add(asset.value());
            presence(asset, Presence.OFFLINE, Instant.now());
        });
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    /** @param bound a claim token that is for it alone; {@code any} one that is for all */
    private record Box(AssetId id, X509Certificate certificate, String bound, String any) {}

    @Test
    void aWipedAssetIsRefusedEverywhereUntilItIsRestored() throws Exception {
        Box box = box();
        JsonNode begun = retire(box.id(), 201, "");
        assertThat(begun.path("phase").asString()).isEqualTo("wiping");
        assertThat(begun.path("wipe").asString()).isEqualTo("pending");
        assertThat(code(box.certificate())).as("it has to hear of it").isEqualTo("admitted");
        assertThat(retire(box.id(), 409, "").path("detail").asString()).contains("is being retired since");

        wiped(box.id(), begun);
        JsonNode ended = await(box.id(), "retired");

        assertThat(ended.path("summary").asString()).isEqualTo("retired, wipe confirmed");
        assertThat(ended.path("certificatesRevoked").asInt()).isEqualTo(1);
        assertThat(ended.path("claimTokensRevoked").asInt()).isEqualTo(1);
        assertThat(CLOSED).contains(box.id().value());
        assertThat(get("/api/v1/assets/" + box.id()).path("lifecycle").asString())
                .isEqualTo("retired");
        assertThat(code(box.certificate())).isEqualTo("revoked");
        assertThat(enrol(box.bound(), box.id())).isEqualTo("403 token_revoked");
        assertThat(enrol(box.any(), box.id())).isEqualTo("403 asset_retired");
        assertThat(renew(box)).isEqualTo("403 certificate_revoked");
        assertThat(send("POST", "/api/v1/assets/" + box.id() + "/credentials", "{}")
                        .statusCode())
                .isEqualTo(422);
        HttpResponse<String> put = send("PUT", "/api/v1/assets/" + box.id(), """
                {"type":"linux-device","lifecycle":"registered"}""");
        assertThat(put.statusCode()).isEqualTo(422);
        assertThat(put.body()).contains("can only be restored: muster asset restore " + box.id());
        assertThat(send("DELETE", "/api/v1/assets/" + box.id(), "").statusCode())
                .isEqualTo(422);
        assertThat(retire(box.id(), 409, "").path("detail").asString()).contains("retired, wipe confirmed");
        assertThat(types(box.id()))
                .containsSubsequence(
                        "command.created",
                        "retirement.started",
                        "retirement.wipe_confirmed",
                        "certificate.revoked",
                        "asset.updated",
                        "retirement.cut_off",
                        "retirement.completed");

        assertThat(send("POST", "/api/v1/assets/" + box.id() + "/restore", "{\"reason\":\"repaired\"}")
                        .statusCode())
                .isEqualTo(200);
        assertThat(code(box.certificate())).as("a revocation is for ever").isEqualTo("revoked");
        assertThat(enrol(box.any(), box.id())).isEqualTo("issued");
        assertThat(get("/api/v1/assets/" + box.id() + "/retirement")
                        .path("restoredBy")
                        .asString())
                .startsWith("first-admin-");
        assertThat(get("/api/v1/audit?object=asset/" + box.id() + "&limit=100")
                        .path("items")
                        .valueStream()
                        .map(entry -> entry.path("action").asString()))
                .contains("asset.retire", "asset.restore", "retirement.restore", "certificate.revoke");
    }

    @Test
    void anAssetThatIsAwayIsRetiredAtTheDeadlineAndItsWipeIsNotClaimed() throws Exception {
        Box box = box();
        retire(box.id(), 201, ",\"wipeWithin\":\"1s\"");
        JsonNode ended = await(box.id(), "retired");
        assertThat(ended.path("wipe").asString()).isEqualTo("unconfirmed");
        assertThat(ended.path("wipeDetail").asString()).startsWith("the asset had not taken it by 20");
        assertThat(code(box.certificate())).isEqualTo("revoked");
    }

    @Test
    void itStaysAsItWasWhenThatWasAskedForAndItsWipeIsNotConfirmed() throws Exception {
        Box box = box();
        JsonNode begun = retire(box.id(), 201, ",\"ifUnconfirmed\":\"keep\"");
        say(box.id(), begun, CommandResult.Status.REJECTED);
        JsonNode ended = await(box.id(), "kept");
        assertThat(ended.path("wipe").asString()).isEqualTo("unconfirmed");
        assertThat(code(box.certificate())).isEqualTo("admitted");
        assertThat(retire(box.id(), 201, ",\"wipe\":false").path("wipe").asString())
                .isEqualTo("not_asked");
        assertThat(await(box.id(), "retired").path("summary").asString()).isEqualTo("retired, no wipe was asked for");
        assertThat(code(box.certificate())).isEqualTo("revoked");
    }

    @Test
    void whatTheAssetHasNotTakenCanBeTakenBack() throws Exception {
        Box box = box();
        JsonNode begun = retire(box.id(), 201, "");
        assertThat(send("POST", "/api/v1/assets/" + box.id() + "/restore", "{}").statusCode())
                .isEqualTo(200);
        assertThat(await(box.id(), "taken_back").path("summary").asString())
                .matches("taken back: by first-admin-.*, before the asset had taken it");
        assertThat(get("/api/v1/commands/" + begun.path("command").asString())
                        .path("status")
                        .asString())
                .isEqualTo("cancelled");
        assertThat(code(box.certificate())).isEqualTo("admitted");
    }

    @Test
    void anAssetOfATypeThatKnowsNoWipeIsRetiredWithoutOne() throws Exception {
        assertThat(server.send(server.adminRequest("/api/v1/apply")
                                .header("Content-Type", "application/yaml")
                                .POST(BodyPublishers.ofString("""
                                        apiVersion: muster.dev/v1
                                        kind: AssetType
                                        metadata: {name: lamp}
                                        spec: {heartbeat: {interval: 30s, ttl: 90s}}
                                        ---
                                        apiVersion: muster.dev/v1
                                        kind: Asset
                                        metadata: {name: lamp-1}
                                        spec: {type: lamp, lifecycle: active}
                                        """)))
                        .statusCode())
                .isEqualTo(200);
        AssetId lamp = new AssetId("lamp-1");
        assertThat(retire(lamp, 422, "").path("detail").asString())
                .contains("its type lamp declares no command \"wipe\"");
        retire(lamp, 201, ",\"wipe\":false");
        await(lamp, "retired");
    }

    /** Nothing but the database knows how far it is: each step is done by a worker that has just started. */
    @Test
    void aServerThatDiesBetweenOrInTheMiddleOfStepsGoesOnWhereItWas() throws Exception {
        RetirementWorker worker = server.bean(RetirementWorker.class);
        RetirementSteps steps = server.bean(RetirementSteps.class);
        Leases leases = server.bean(Leases.class);
        Box box = box();
        worker.stop();
        try {
            JsonNode begun = retire(box.id(), 201, "");
            String id = server.bean(RetirementStore.class)
                    .latest(box.id())
                    .orElseThrow()
                    .id();
            Lease lease = leases.acquire("retirement", "the test", Duration.ofMinutes(1))
                    .orElseThrow();
            wiped(box.id(), begun);
            for (String phase : List.of("leaving", "cutting_off", "settling", "retired")) {
                String before = phase(box.id());
                new TransactionTemplate(server.bean(PlatformTransactionManager.class)).executeWithoutResult(cut -> {
                    steps.step(lease, id);
                    cut.setRollbackOnly();
                });
                assertThat(phase(box.id())).isEqualTo(before);
                assertThat(code(box.certificate()))
                        .as("cut in the middle of " + before)
                        .isEqualTo(List.of("settling").contains(before) ? "revoked" : "admitted");
                assertThat(await(() -> steps.step(lease, id) ? phase(box.id()) : before, phase::equals))
                        .isEqualTo(phase);
            }
            leases.release(lease);
        } finally {
            worker.start();
        }
        assertThat(get("/api/v1/assets/" + box.id() + "/retirement")
                        .path("summary")
                        .asString())
                .isEqualTo("retired, wipe confirmed");
        assertThat(types(box.id()).stream().filter(type -> type.equals("certificate.revoked")))
                .hasSize(1);
    }

    private static Box box() throws GeneralSecurityException {
        AssetId id = new AssetId("box-" + COUNT.incrementAndGet());
        String any = token("box-*");
        String bound = token(id.value());
        Outcome outcome = server.bean(Enrolment.class)
                .enrol(new Credential.ClaimToken("", any), Csr.of(id.value(), key()), "192.0.2.1");
        assertThat(outcome).isInstanceOf(Outcome.Issued.class);
        presence(id, Presence.ONLINE, Instant.now().minusSeconds(120));
        return new Box(id, ((Outcome.Issued) outcome).certificate(), bound, any);
    }

    private static String token(String pattern) {
        return json(send("POST", "/api/v1/claim-tokens", """
                        {"name":"t","type":"linux-device","idPattern":"%s","uses":50,"expiresIn":"1h"}""".formatted(pattern)))
                .path("token")
                .asString();
    }

    private static KeyPair key() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return generator.generateKeyPair();
    }

    /** The asset's part: its word, and the end of its session, some time ago. */
    private static void wiped(AssetId id, JsonNode begun) {
        say(id, begun, CommandResult.Status.SUCCEEDED);
        presence(id, Presence.OFFLINE, Instant.now().minusSeconds(30));
    }

    private static void say(AssetId id, JsonNode begun, CommandResult.Status status) {
        server.bean(CommandResults.class)
                .accept(List.of(new CommandResults.Word(
                        id,
                        Instant.now().minusSeconds(60),
                        new CommandResult(begun.path("command").asString(), status, null))));
    }

    private static void presence(AssetId id, Presence presence, Instant since) {
        server.bean(AssetStore.class).updatePresence(List.of(new PresenceUpdate(id, presence, since, since)));
    }

    private static String code(X509Certificate certificate) {
        return switch (server.bean(Admission.class).admit(certificate)) {
            case Admission.Decision.Admitted admitted -> "admitted";
            case Admission.Decision.Refused refused -> refused.code();
        };
    }

    private static String enrol(String token, AssetId id) throws GeneralSecurityException {
        return result(server.bean(Enrolment.class)
                .enrol(new Credential.ClaimToken("", token), Csr.of(id.value(), key()), "192.0.2.1"));
    }

    private static String renew(Box box) throws GeneralSecurityException {
        return result(server.bean(Enrolment.class)
                .renew(box.certificate(), Csr.of(box.id().value(), key()), "192.0.2.1"));
    }

    private static String result(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Issued issued -> "issued";
            case Outcome.Refused refused -> refused.status() + " " + refused.code();
        };
    }

    private static JsonNode retire(AssetId id, int status, String more) {
        HttpResponse<String> answer = send(
                "POST", "/api/v1/assets/" + id + "/retirement", "{\"confirm\":true,\"reason\":\"sold\"" + more + "}");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        return json(answer);
    }

    private static JsonNode await(AssetId id, String phase) throws Exception {
        return await(
                () -> get("/api/v1/assets/" + id + "/retirement"),
                found -> found.path("phase").asString().equals(phase));
    }

    private static <T> T await(java.util.concurrent.Callable<T> question, Predicate<T> right) throws Exception {
        T found = question.call();
        for (long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
                !right.test(found) && System.nanoTime() < end;
                found = question.call()) {
            Thread.sleep(50);
        }
        assertThat(right.test(found)).as("in the end it was %s", found).isTrue();
        return found;
    }

    private static String phase(AssetId id) {
        return get("/api/v1/assets/" + id + "/retirement").path("phase").asString();
    }

    private static List<String> types(AssetId id) {
        server.bean(EventLog.class).sequence(); // what is committed has its place at once
        return server.bean(JdbcClient.class)
                .sql("select type from event_log where subject = :subject order by position")
                .param("subject", "asset/" + id)
                .query((row, _) -> row.getString(1))
                .list();
    }

    private static JsonNode get(String path) {
        return json(server.send(server.adminRequest(path).GET()));
    }

    private static HttpResponse<String> send(String method, String path, String body) {
        return server.send(server.adminRequest(path)
                .header("Content-Type", "application/json")
                .method(method, BodyPublishers.ofString(body)));
    }

    private static JsonNode json(HttpResponse<String> answer) {
        return JsonMapper.shared().readTree(answer.body());
    }
}
