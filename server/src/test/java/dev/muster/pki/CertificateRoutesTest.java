package dev.muster.pki;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.gateway.port.Admission;
import dev.muster.testing.TestServer;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Certificates and claim tokens over the management API. */
class CertificateRoutesTest {
    private static final JsonMapper JSON = JsonMapper.shared();

    @SuppressWarnings("NullAway.Init")
    private static TestServer server;

    @TempDir
    Path directory;

    @BeforeAll
    static void start() {
        server = TestServer.start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void credentialsForAFirstTryWorkInOpensslAndTheKeyIsKeptNowhere() throws Exception {
        Openssl openssl = new Openssl(directory);
        asset("first-try", "eu");
        HttpResponse<String> answer = post("/api/v1/assets/first-try/credentials", "");
        assertThat(answer.statusCode()).isEqualTo(201);
        assertThat(answer.headers().firstValue("Cache-Control")).contains("no-store");
        JsonNode credentials = JSON.readTree(answer.body());
        Files.writeString(openssl.file("key.pem"), credentials.path("key").asString());
        Files.writeString(
                openssl.file("crt.pem"), credentials.path("certificate").asString());
        Files.writeString(openssl.file("ca.pem"), credentials.path("ca").asString());
        assertThat(openssl.run("verify", "-purpose", "sslclient", "-CAfile", "ca.pem", "crt.pem"))
                .contains("OK");
        assertThat(openssl.run("x509", "-noout", "-pubkey", "-in", "crt.pem"))
                .isEqualTo(openssl.run("pkey", "-in", "key.pem", "-pubout"));
        assertThat(get("/api/v1/ca").body()).isEqualTo(credentials.path("ca").asString());
        assertThat(server.bean(JdbcClient.class)
                        .sql("select count(*) from audit_entry where after::text like '%PRIVATE KEY%'")
                        .query(Long.class)
                        .single())
                .isZero();
        assertThat(json(get("/api/v1/assets/first-try")).toString()).contains("provisioned");
    }

    @Test
    void thePinOfAClaimTokenIsTheHashOfTheRootsKey() throws Exception {
        Openssl openssl = new Openssl(directory);
        HttpResponse<String> answer =
                post("/api/v1/claim-tokens", "{\"type\":\"sensor\",\"uses\":2,\"expiresIn\":\"7d\"}");
        assertThat(answer.statusCode()).isEqualTo(201);
        String token = JSON.readTree(answer.body()).path("token").asString();
        assertThat(token).matches("claim_[0-9a-f]{64}\\.[A-Za-z0-9_-]{43}");
        Files.copy(server.directory().resolve("pki/root.crt"), openssl.file("root.crt"));
        openssl.run("x509", "-in", "root.crt", "-noout", "-pubkey", "-out", "root.pub");
        openssl.run("pkey", "-pubin", "-in", "root.pub", "-outform", "DER", "-out", "root.der");
        openssl.run("dgst", "-sha256", "-binary", "-out", "pin.bin", "root.der");
        String pin = openssl.run("base64", "-A", "-in", "pin.bin")
                .strip()
                .replace('+', '-')
                .replace('/', '_')
                .replace("=", "");
        assertThat(token).endsWith("." + pin);
        String id = JSON.readTree(answer.body()).at("/claimToken/id").asString();
        assertThat(get("/api/v1/claim-tokens/" + id).body())
                .doesNotContain(token.substring(6, 70))
                .contains("\"state\":\"usable\"", "\"uses\":2", "\"used\":0");
        assertThat(delete("/api/v1/claim-tokens/" + id).statusCode()).isEqualTo(204);
        assertThat(delete("/api/v1/claim-tokens/" + id).statusCode()).isEqualTo(204);
        assertThat(json(get("/api/v1/claim-tokens/" + id)).path("state").asString())
                .isEqualTo("revoked");
    }

    @Test
    void aTokenOfAnAssetIsShownOnceAndOpensNothingOnceRevoked() {
        asset("bridged", "eu");
        asset("other", "eu");
        HttpResponse<String> answer = post("/api/v1/assets/bridged/tokens", "{\"expiresIn\":\"7d\"}");
        assertThat(answer.statusCode()).isEqualTo(201);
        assertThat(answer.headers().firstValue("Cache-Control")).contains("no-store");
        String secret = json(answer).path("token").asString();
        String id = json(answer).at("/assetToken/id").asString();
        Admission admission = server.bean(Admission.class);
        assertThat(admission.admit(new Admission.Token("bridged", secret)))
                .isInstanceOfSatisfying(
                        Admission.Decision.Admitted.class,
                        as -> assertThat(as.credential()).isEqualTo(id));
        assertThat(admission.admit(new Admission.Token("other", secret)))
                .isInstanceOf(Admission.Decision.Refused.class);
        assertThat(get("/api/v1/assets/bridged/tokens").body())
                .contains(id, "\"state\":\"usable\"")
                .doesNotContain(secret.substring(6));
        assertThat(delete("/api/v1/assets/other/tokens/" + id).statusCode()).isEqualTo(404);
        assertThat(delete("/api/v1/assets/bridged/tokens/" + id).statusCode()).isEqualTo(204);
        assertThat(delete("/api/v1/assets/bridged/tokens/" + id).statusCode()).isEqualTo(204);
        assertThat(admission.admit(new Admission.Token("bridged", secret)))
                .isInstanceOf(Admission.Decision.Refused.class);
        assertThat(json(get("/api/v1/assets/bridged/tokens"))
                        .at("/items/0/state")
                        .asString())
                .isEqualTo("revoked");
        assertThat(server.bean(JdbcClient.class)
                        .sql(
                                "select count(*) from audit_entry where object_name = 'bridged' and action like 'asset-token.%'")
                        .query(Long.class)
                        .single())
                .isEqualTo(2);
        post("/api/v1/assets/bridged/tokens", "");
        assertThat(post("/api/v1/assets/bridged/tokens", "{\"expiresIn\":\"367d\"}")
                        .statusCode())
                .isEqualTo(400);
        assertThat(delete("/api/v1/assets/bridged").statusCode()).isEqualTo(204);
        assertThat(server.bean(JdbcClient.class)
                        .sql("select count(*) from asset_token where asset_id = 'bridged' and revoked_at is null")
                        .query(Long.class)
                        .single())
                .isZero();
    }

    @Test
    void aWrongClaimTokenIsRefusedWithEveryProblem() {
        HttpResponse<String> answer = post(
                "/api/v1/claim-tokens",
                "{\"type\":\"submarine\",\"uses\":0,\"expiresIn\":\"9999d\",\"idPattern\":\"(a+)+\",\"labels\":{\"-\":\"\"}}");
        assertThat(answer.statusCode()).isEqualTo(400);
        Set<String> fields = new HashSet<>();
        json(answer)
                .path("errors")
                .forEach(error -> fields.add(error.path("field").asString()));
        assertThat(fields).containsExactlyInAnyOrder("type", "uses", "expiresIn", "idPattern", "labels.-");
    }

    @Test
    void listsByExpiryPageByPageAndRevokesOnce() {
        asset("listed", "us");
        Set<String> serials = new HashSet<>();
        for (int i = 0; i < 5; i++) {
            serials.add(json(post("/api/v1/assets/listed/credentials", ""))
                    .path("serial")
                    .asString());
        }
        Set<String> found = new HashSet<>();
        String next = "";
        do {
            JsonNode page = json(get("/api/v1/certificates?asset=listed&limit=2" + next));
            page.path("items")
                    .forEach(item -> assertThat(found.add(item.path("serial").asString()))
                            .isTrue());
            next = page.path("continue").isString()
                    ? "&continue=" + page.path("continue").asString()
                    : "";
        } while (!next.isEmpty());
        assertThat(found).isEqualTo(serials);
        assertThat(json(get("/api/v1/certificates?asset=listed&expiresBefore=2020-01-01T00:00:00Z"))
                        .path("items"))
                .isEmpty();
        assertThat(get("/api/v1/certificates?asset=no%20id").statusCode()).isEqualTo(400);
        assertThat(get("/api/v1/certificates?continue=AAAA").statusCode()).isEqualTo(400);

        String serial = serials.iterator().next();
        JsonNode revoked = json(post("/api/v1/certificates/" + serial + "/revoke", "{\"reason\":\"lost\"}"));
        assertThat(revoked.path("revokedReason").asString()).isEqualTo("lost");
        assertThat(json(post("/api/v1/certificates/" + serial + "/revoke", "{\"reason\":\"again\"}")))
                .isEqualTo(revoked);
        assertThat(post("/api/v1/certificates/00ff/revoke", "").statusCode()).isEqualTo(404);
    }

    @Test
    void stopsAtTheMostCertificatesOfAnAsset() {
        asset("greedy", "us");
        for (int i = 0; i < CertificateLedger.MAX_VALID; i++) {
            assertThat(post("/api/v1/assets/greedy/credentials", "").statusCode())
                    .isEqualTo(201);
        }
        HttpResponse<String> refused = post("/api/v1/assets/greedy/credentials", "");
        assertThat(refused.statusCode()).isEqualTo(409);
        assertThat(refused.body()).contains("already holds 10 valid certificates");
    }

    @Test
    void theFiguresCountAssetsByTheExpiryOfTheirNewestCertificate() {
        JdbcClient jdbc = server.bean(JdbcClient.class);
        asset("ends-soon", "us");
        post("/api/v1/assets/ends-soon/credentials", "");
        post("/api/v1/assets/ends-soon/credentials", "");
        CertificateStore store = server.bean(CertificateStore.class);
        var now = java.time.Instant.now();
        var before = store.expiries(now);
        jdbc.sql("update certificate set not_after = now() + interval '3 days' where asset_id = 'ends-soon'")
                .update();
        var after = store.expiries(now);
        assertThat(after.within7Days() - before.within7Days()).isEqualTo(1);
        assertThat(after.within30Days() - before.within30Days()).isEqualTo(1);
        assertThat(after.withinOneDay()).isEqualTo(before.withinOneDay());
        jdbc.sql("update certificate set not_after = now() - interval '3 days' where asset_id = 'ends-soon'")
                .update();
        assertThat(store.expiries(now).expired() - before.expired()).isEqualTo(1);
        JsonNode ended = json(get("/api/v1/certificates?asset=ends-soon&state=expired"));
        assertThat(ended.path("items")).hasSize(1);
        assertThat(json(get("/api/v1/certificates?asset=ends-soon&state=superseded"))
                        .path("items"))
                .hasSize(1);
        assertThat(json(get("/api/v1/certificates?asset=ends-soon&state=current"))
                        .path("items"))
                .isEmpty();
        JsonNode expiry = json(get("/api/v1/certificates/expiry"));
        assertThat(expiry.path("buckets").get(0).path("certificates").asLong()).isPositive();
        assertThat(expiry.path("buckets")).hasSize(9);
        assertThat(expiry.path("complete").asBoolean()).isTrue();
        jdbc.sql("update asset set lifecycle = 'retired' where id = 'ends-soon'")
                .update();
        assertThat(store.expiries(now).expired()).isEqualTo(before.expired());
    }

    private static void asset(String id, String region) {
        assertThat(post("/api/v1/assets", "{\"id\":\"%s\",\"type\":\"sensor\",\"region\":\"%s\"}".formatted(id, region))
                        .statusCode())
                .isEqualTo(201);
    }

    private static HttpResponse<String> get(String path) {
        return server.send(server.adminRequest(path).GET());
    }

    private static HttpResponse<String> delete(String path) {
        return server.send(server.adminRequest(path).DELETE());
    }

    private static HttpResponse<String> post(String path, String body) {
        return server.send(server.adminRequest(path)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body)));
    }

    private static JsonNode json(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isLessThan(500);
        return JSON.readTree(answer.body());
    }
}
