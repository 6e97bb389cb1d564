package dev.muster.pki;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.gateway.port.Admission;
import dev.muster.gateway.port.Enrolment;
import dev.muster.gateway.port.Enrolment.Credential;
import dev.muster.gateway.port.Enrolment.Outcome;
import dev.muster.identity.Actor;
import dev.muster.platform.page.PageRequest;
import dev.muster.protocol.AssetId;
import dev.muster.registry.Asset;
import dev.muster.registry.Lifecycle;
import dev.muster.registry.asset.AssetService;
import dev.muster.registry.asset.AssetSpec;
import dev.muster.registry.asset.AssetStore;
import dev.muster.testing.TestServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Enrolment, renewal and revocation through the ports of the device plane, on a whole server. */
class EnrolmentTest {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final AtomicInteger COUNT = new AtomicInteger();
    private static TestServer server;
    private static Enrolment enrolment;
    private static Admission admission;

    @TempDir
    Path directory;

    @BeforeAll
    static void startsTheServer() {
        server = TestServer.start();
        enrolment = server.bean(Enrolment.class);
        admission = server.bean(Admission.class);
    }

    @AfterAll
    static void stopsTheServer() {
        server.close();
    }

    @Test
    void enrolsAnUnknownAssetWithWhatTheTokenGrants() throws Exception {
        Openssl openssl = new Openssl(directory);
        AssetId id = newId("pump");
        String token = server.bean(ClaimTokens.class)
                .create(
                        Actor.SYSTEM,
                        "plant 7",
                        new ClaimToken.Grants("sensor", Map.of("plant", "7"), "ops", "eu", "ulm"),
                        "pump-*",
                        1,
                        Duration.ofHours(1),
                        false)
                .text();
        X509Certificate certificate = issued(enrol(token, openssl.request("/O=Acme/CN=" + id)));

        Asset asset = asset(id);
        assertThat(asset.type()).isEqualTo("sensor");
        assertThat(asset.labels()).isEqualTo(Map.of("plant", "7"));
        assertThat(List.of(asset.owner(), asset.region(), asset.site())).containsExactly("ops", "eu", "ulm");
        assertThat(asset.lifecycle()).isEqualTo(Lifecycle.PROVISIONED);
        assertThat(asset.certificateExpires())
                .isEqualTo(certificate.getNotAfter().toInstant());
        assertThat(admission.admit(certificate))
                .isEqualTo(new Admission.Decision.Admitted(
                        id,
                        IssuedCertificate.serialOf(certificate),
                        certificate.getNotAfter().toInstant()));

        Files.writeString(openssl.file("asset.pem"), Pem.of(certificate));
        Files.writeString(openssl.file("ca.pem"), Pem.of(enrolment.caCertificates()));
        assertThat(openssl.run("verify", "-x509_strict", "-purpose", "sslclient", "-CAfile", "ca.pem", "asset.pem"))
                .contains("OK");
        assertThat(openssl.run("x509", "-noout", "-pubkey", "-in", "asset.pem"))
                .isEqualTo(openssl.run("pkey", "-in", "asset.key", "-pubout"));
        assertThat(openssl.run("x509", "-noout", "-subject", "-in", "asset.pem").strip())
                .isEqualTo("subject=CN = " + id);
    }

    @Test
    void acceptsTheTokenWithoutItsPin() {
        String token = token(1, false);
        assertThat(enrol(token.substring(0, token.indexOf('.')), newCsr(newId("pump"))))
                .isInstanceOf(Outcome.Issued.class);
    }

    @Test
    void provisionsAnAssetThatWasRegisteredBefore() {
        AssetId id = registered("sensor");
        issued(enrol(token(1, false), newCsr(id)));
        assertThat(asset(id).lifecycle()).isEqualTo(Lifecycle.PROVISIONED);
        assertThat(asset(id).labels()).isEmpty();
    }

    @Test
    void refusesATokenForAnotherTypeOrId() {
        assertThat(refusal(enrol(token(1, false), newCsr(registered("vehicle")))))
                .isEqualTo("403 type_mismatch");
        assertThat(refusal(enrol(token("pump-*", 1, Duration.ofHours(1), false), newCsr(newId("truck")))))
                .isEqualTo("403 id_not_allowed");
    }

    @Test
    void refusesWhatIsNoTokenOfThisServer() {
        byte[] csr = newCsr(newId("pump"));
        assertThat(refusal(enrol("", csr))).isEqualTo("401 unauthenticated");
        assertThat(refusal(enrol("claim_guess", csr))).isEqualTo("401 unauthenticated");
        assertThat(refusal(enrol(ClaimSecret.generate(RANDOM).text(), csr))).isEqualTo("401 unauthenticated");
        assertThat(refusal(enrol("claim_" + "0".repeat(100_000), csr))).isEqualTo("401 unauthenticated");
    }

    @Test
    void refusesARevokedAnExpiredAndAUsedUpToken() {
        ClaimTokens tokens = server.bean(ClaimTokens.class);
        ClaimTokens.Created revoked = create("*", 5, Duration.ofHours(1), false);
        tokens.revoke(Actor.SYSTEM, revoked.token().id());
        assertThat(refusal(enrol(revoked.text(), newCsr(newId("pump"))))).isEqualTo("403 token_revoked");

        ClaimTokens.Created expired = create("*", 5, Duration.ofHours(1), false);
        server.bean(JdbcClient.class)
                .sql("update claim_token set expires_at = now() - interval '1 second' where id = :id")
                .param("id", expired.token().id())
                .update();
        assertThat(refusal(enrol(expired.text(), newCsr(newId("pump"))))).isEqualTo("403 token_expired");

        ClaimTokens.Created once = create("*", 1, Duration.ofHours(1), false);
        issued(enrol(once.text(), newCsr(newId("pump"))));
        assertThat(refusal(enrol(once.text(), newCsr(newId("pump"))))).isEqualTo("403 token_used_up");
    }

    @Test
    void aRefusedRequestUsesNothingUp() {
        ClaimTokens.Created once = create("pump-*", 1, Duration.ofHours(1), false);
        assertThat(refusal(enrol(once.text(), new byte[] {1, 2, 3}))).isEqualTo("400 csr_malformed");
        assertThat(refusal(enrol(once.text(), newCsr(newId("truck"))))).isEqualTo("403 id_not_allowed");
        AssetId retired = registered("sensor");
        lifecycle(retired, Lifecycle.RETIRED);
        assertThat(uses(once)).isZero();
        assertThat(refusal(enrol(create("*", 1, Duration.ofHours(1), false).text(), newCsr(retired))))
                .isEqualTo("403 asset_retired");
        issued(enrol(once.text(), newCsr(newId("pump"))));
        assertThat(uses(once)).isEqualTo(1);
    }

    @Test
    void fiftyAtOnceGetExactlyTheTenOfTheToken() throws Exception {
        ClaimTokens.Created ten = create("*", 10, Duration.ofHours(1), false);
        CountDownLatch start = new CountDownLatch(1);
        List<Outcome> outcomes = new ArrayList<>();
        List<AssetId> ids = new ArrayList<>();
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Outcome>> running = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                AssetId id = newId("crowd");
                ids.add(id);
                byte[] csr = newCsr(id);
                running.add(executor.submit(() -> {
                    start.await();
                    return enrol(ten.text(), csr);
                }));
            }
            start.countDown();
            for (Future<Outcome> one : running) {
                outcomes.add(one.get());
            }
        }
        assertThat(outcomes).filteredOn(Outcome.Issued.class::isInstance).hasSize(10);
        assertThat(outcomes)
                .filteredOn(Outcome.Refused.class::isInstance)
                .allSatisfy(refused -> assertThat(refusal(refused)).isEqualTo("403 token_used_up"));
        assertThat(uses(ten)).isEqualTo(10);
        assertThat(server.bean(AssetStore.class).findAll(ids)).hasSize(10);
    }

    @Test
    void oneAssetClaimedByManyAtOnceGoesToOne() throws Exception {
        String token = token(50, false);
        AssetId id = newId("contested");
        CountDownLatch start = new CountDownLatch(1);
        ConcurrentLinkedQueue<Outcome> outcomes = new ConcurrentLinkedQueue<>();
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 10; i++) {
                byte[] csr = newCsr(id);
                executor.submit(() -> {
                    start.await();
                    return outcomes.add(enrol(token, csr));
                });
            }
            start.countDown();
        }
        assertThat(outcomes)
                .hasSize(10)
                .filteredOn(Outcome.Issued.class::isInstance)
                .hasSize(1);
    }

    @Test
    void anotherKeyCannotTakeOverAnEnrolledAsset() {
        String token = token(5, false);
        AssetId id = newId("pump");
        X509Certificate first = issued(enrol(token, newCsr(id)));
        assertThat(refusal(enrol(token, newCsr(id)))).isEqualTo("409 already_enrolled");
        assertThat(refusal(enrol(token(1, false), newCsr(id)))).isEqualTo("409 already_enrolled");
        assertThat(admission.admit(first)).isInstanceOf(Admission.Decision.Admitted.class);
    }

    @Test
    void aTokenThatAllowsItReplacesTheHardwareAndCutsTheOldOneOff() {
        AssetId id = newId("pump");
        X509Certificate old = issued(enrol(token(1, false), newCsr(id)));
        X509Certificate replacement = issued(enrol(token(1, true), newCsr(id)));
        assertThat(code(admission.admit(old))).isEqualTo("revoked");
        assertThat(admission.admit(replacement)).isInstanceOf(Admission.Decision.Admitted.class);
        assertThat(asset(id).certificateExpires())
                .isEqualTo(replacement.getNotAfter().toInstant());
    }

    @Test
    void theSameKeyGetsItsLostAnswerAgainForNoFurtherUse() {
        ClaimTokens.Created once = create("*", 1, Duration.ofHours(1), false);
        byte[] csr = newCsr(newId("pump"));
        X509Certificate first = issued(enrol(once.text(), csr));
        X509Certificate second = issued(enrol(once.text(), csr));
        assertThat(second.getPublicKey()).isEqualTo(first.getPublicKey());
        assertThat(second).isNotEqualTo(first);
        assertThat(uses(once)).isEqualTo(1);
        for (int i = 2; i < CertificateLedger.MAX_VALID; i++) {
            issued(enrol(once.text(), csr));
        }
        assertThat(refusal(enrol(once.text(), csr))).isEqualTo("429 too_many_certificates");
    }

    @Test
    void renewsForItselfOnly() {
        AssetId id = newId("pump");
        X509Certificate first = issued(enrol(token(1, false), newCsr(id)));
        X509Certificate renewed = issued(enrolment.renew(first, newCsr(id), "192.0.2.1"));
        assertThat(AssetIdentity.of(renewed)).contains(id);
        assertThat(admission.admit(first)).isInstanceOf(Admission.Decision.Admitted.class);
        IssuedCertificate stored = stored(first);
        assertThat(stored.supersededBy()).isEqualTo(IssuedCertificate.serialOf(renewed));
        assertThat(stored(renewed).originRef()).isEqualTo(stored.serial());
        assertThat(refusal(enrolment.renew(first, newCsr(newId("pump")), "192.0.2.1")))
                .isEqualTo("403 subject_mismatch");
        assertThat(refusal(enrolment.renew(first, new byte[5], "192.0.2.1"))).isEqualTo("400 csr_malformed");
    }

    @Test
    void refusesToRenewWithWhatIsNotAnAssetsValidCertificate() {
        AssetId id = newId("pump");
        X509Certificate certificate = issued(enrol(token(1, false), newCsr(id)));
        revoke(certificate);
        assertThat(refusal(enrolment.renew(certificate, newCsr(id), "192.0.2.1")))
                .isEqualTo("403 certificate_revoked");
        X509Certificate ofServer =
                server.bean(ServerIdentity.class).material().chain().getFirst();
        assertThat(refusal(enrolment.renew(ofServer, newCsr(id), "192.0.2.1"))).isEqualTo("403 unknown_certificate");

        AssetId quarantined = newId("pump");
        X509Certificate held = issued(enrol(token(1, false), newCsr(quarantined)));
        lifecycle(quarantined, Lifecycle.QUARANTINED);
        assertThat(refusal(enrolment.renew(held, newCsr(quarantined), "192.0.2.1")))
                .isEqualTo("403 asset_quarantined");
    }

    @Test
    void revocationClosesTheSessionAndRefusesTheNextAtOnce() {
        List<String> closed = new CopyOnWriteArrayList<>();
        server.bean(LiveSessions.class).attach((asset, reason) -> closed.add(asset + ": " + reason));
        AssetId id = newId("pump");
        X509Certificate certificate = issued(enrol(token(1, false), newCsr(id)));
        revoke(certificate);
        // The feed, by which other servers hear of it, may say it too.
        assertThat(closed)
                .contains(id + ": certificate " + IssuedCertificate.serialOf(certificate) + " is revoked: stolen");
        assertThat(code(admission.admit(certificate))).isEqualTo("revoked");
        assertThat(asset(id).certificateExpires()).isNull();
        revoke(certificate);
        assertThat(closed).hasSize(1);
    }

    @Test
    void quarantineAndRetirementAreInEffectAtOnce() {
        List<String> closed = new ArrayList<>();
        server.bean(LiveSessions.class).attach((asset, reason) -> closed.add(asset + ": " + reason));
        AssetId id = newId("pump");
        X509Certificate certificate = issued(enrol(token(1, false), newCsr(id)));
        lifecycle(id, Lifecycle.QUARANTINED);
        assertThat(code(admission.admit(certificate))).isEqualTo("quarantined");
        assertThat(closed).contains(id + ": asset is quarantined");
        lifecycle(id, Lifecycle.ACTIVE);
        assertThat(admission.admit(certificate)).isInstanceOf(Admission.Decision.Admitted.class);
        lifecycle(id, Lifecycle.RETIRED);
        assertThat(code(admission.admit(certificate))).isEqualTo("retired");
    }

    @Test
    void aDeletedAssetLosesItsCertificates() {
        AssetId id = newId("pump");
        X509Certificate certificate = issued(enrol(token(1, false), newCsr(id)));
        server.bean(AssetService.class).delete(Actor.SYSTEM, id, null);
        assertThat(code(admission.admit(certificate))).isEqualTo("revoked");
        issued(enrol(token(1, false), newCsr(id)));
    }

    @Test
    void admitsAndWritesDownACertificateThatTheStoreLost() throws Exception {
        AssetId id = newId("pump");
        X509Certificate certificate = issued(enrol(token(1, false), newCsr(id)));
        server.bean(JdbcClient.class)
                .sql("delete from certificate where asset_id = :id")
                .param("id", id.value())
                .update();
        assertThat(admission.admit(certificate)).isInstanceOf(Admission.Decision.Admitted.class);
        Await.until(
                "the certificate is in the store again",
                () -> server.bean(CertificateStore.class)
                        .find(IssuedCertificate.serialOf(certificate))
                        .isPresent());
        assertThat(stored(certificate).origin()).isEqualTo(IssuedCertificate.Origin.SEEN);
        issued(enrolment.renew(certificate, newCsr(id), "192.0.2.1"));
    }

    @Test
    void everyIssueAndRevocationIsAuditedWithItsActor() {
        ClaimTokens.Created once = create("*", 1, Duration.ofHours(1), false);
        AssetId id = newId("pump");
        X509Certificate certificate = issued(enrol(once.text(), newCsr(id)));
        issued(enrolment.renew(certificate, newCsr(id), "192.0.2.1"));
        revoke(certificate);
        List<@Nullable String> trail = server.bean(JdbcClient.class)
                .sql("select actor_kind || ' ' || actor || ' ' || action from audit_entry"
                        + " where object_name = :id and action like 'certificate.%' order by id")
                .param("id", id.value())
                .query(String.class)
                .list();
        assertThat(trail)
                .containsExactly(
                        "claim-token " + once.token().id() + " certificate.issue",
                        "asset " + id + " certificate.issue",
                        "system system certificate.revoke");
    }

    @Test
    void noTableHoldsTheTokensSecret() {
        ClaimTokens.Created created = create("*", 1, Duration.ofHours(1), false);
        String secret =
                created.text().substring("claim_".length(), created.text().indexOf('.'));
        JdbcClient jdbc = server.bean(JdbcClient.class);
        for (String table : List.of("claim_token", "audit_entry", "event_log", "event_pending", "certificate")) {
            assertThat(jdbc.sql("select count(*) from " + table + " t where t::text like '%' || :secret || '%'")
                            .param("secret", secret)
                            .query(Long.class)
                            .single())
                    .as(table)
                    .isZero();
        }
        assertThat(server.bean(ClaimTokens.class).list(PageRequest.FIRST).items())
                .isNotEmpty();
    }

    private static Outcome enrol(String token, byte[] csr) {
        return enrolment.enrol(new Credential.ClaimToken("", token), csr, "192.0.2.1");
    }

    private static X509Certificate issued(Outcome outcome) {
        assertThat(outcome).isInstanceOf(Outcome.Issued.class);
        return ((Outcome.Issued) outcome).certificate();
    }

    private static String refusal(Outcome outcome) {
        assertThat(outcome).isInstanceOf(Outcome.Refused.class);
        Outcome.Refused refused = (Outcome.Refused) outcome;
        return refused.status() + " " + refused.code();
    }

    private static @Nullable String code(Admission.Decision decision) {
        return decision instanceof Admission.Decision.Refused refused ? refused.code() : null;
    }

    private static void revoke(X509Certificate certificate) {
        server.bean(Certificates.class).revoke(Actor.SYSTEM, IssuedCertificate.serialOf(certificate), "stolen");
    }

    private static IssuedCertificate stored(X509Certificate certificate) {
        return server.bean(CertificateStore.class)
                .find(IssuedCertificate.serialOf(certificate))
                .orElseThrow();
    }

    private static Asset asset(AssetId id) {
        return server.bean(AssetStore.class).find(id).orElseThrow();
    }

    private static AssetId registered(String type) {
        AssetId id = newId("pump");
        server.bean(AssetService.class)
                .create(Actor.SYSTEM, id, new AssetSpec(type, Map.of(), "", "", "", "", null), "test");
        return id;
    }

    private static void lifecycle(AssetId id, Lifecycle next) {
        server.bean(AssetService.class)
                .replace(Actor.SYSTEM, id, AssetSpec.of(asset(id)).withLifecycle(next), null, "test");
    }

    private static int uses(ClaimTokens.Created created) {
        return server.bean(ClaimTokens.class).get(created.token().id()).uses();
    }

    private static String token(int uses, boolean allowReenrol) {
        return token("*", uses, Duration.ofHours(1), allowReenrol);
    }

    private static String token(String pattern, int uses, Duration lifetime, boolean allowReenrol) {
        return create(pattern, uses, lifetime, allowReenrol).text();
    }

    private static ClaimTokens.Created create(String pattern, int uses, Duration lifetime, boolean allowReenrol) {
        return server.bean(ClaimTokens.class)
                .create(
                        Actor.SYSTEM,
                        "",
                        new ClaimToken.Grants("sensor", Map.of(), "", "", ""),
                        pattern,
                        uses,
                        lifetime,
                        allowReenrol);
    }

    private static AssetId newId(String prefix) {
        return new AssetId(prefix + "-" + COUNT.incrementAndGet());
    }

    private static byte[] newCsr(AssetId id) {
        KeyPair key = CertificateAuthority.generateKey("secp256r1", RANDOM);
        return Csr.of(id.value(), key);
    }
}
