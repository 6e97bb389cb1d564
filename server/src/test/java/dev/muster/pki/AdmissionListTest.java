package dev.muster.pki;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.gateway.port.Admission.Decision;
import dev.muster.gateway.port.Admission.Token;
import dev.muster.protocol.AssetId;
import dev.muster.registry.Lifecycle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AdmissionListTest {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final Instant NOW = Instant.now();
    private static final AssetId PUMP = new AssetId("pump-1");
    private static final AssetId TRUCK = new AssetId("truck-1");

    @TempDir
    @SuppressWarnings("NullAway.Init")
    static Path directory;

    @SuppressWarnings("NullAway.Init")
    private static CertificateAuthority authority;

    @SuppressWarnings("NullAway.Init")
    private static CertificateAuthority foreign;

    @SuppressWarnings("NullAway.Init")
    private static KeyPair key;

    private final List<AssetId> witnessed = new ArrayList<>();
    private final KnownTokens tokens = new KnownTokens(Clock.fixed(NOW, ZoneOffset.UTC));
    private final AdmissionList admission =
            new AdmissionList(authority, tokens, (asset, certificate) -> witnessed.add(asset));

    @BeforeAll
    static void opensTwoCas() {
        KeySeal seal = new KeySeal("correct horse".getBytes(StandardCharsets.UTF_8), 16, 1);
        authority = new CaDirectory(directory.resolve("own"), seal, RANDOM).open(NOW);
        foreign = new CaDirectory(directory.resolve("foreign"), seal, RANDOM).open(NOW);
        key = CertificateAuthority.generateKey("secp256r1", RANDOM);
    }

    @Test
    void aTokenOpensWhatItsAssetMayAndOnlyUntilItExpires() {
        AssetSecret secret = AssetSecret.generate(RANDOM);
        Token shown = new Token(PUMP.value(), secret.text());
        assertThat(admission.admit(shown)).isInstanceOf(Decision.Refused.class);
        AssetToken token = new AssetToken("t1", PUMP, secret.hash(), NOW.plusSeconds(60), NOW, "ann", null, null);
        tokens.add(token);
        assertThat(admission.admit(shown)).isEqualTo(new Decision.Admitted(PUMP, "t1", NOW.plusSeconds(60)));
        assertThat(admission.admit(new Token("pump-8", secret.text()))).isInstanceOf(Decision.Refused.class);
        assertThat(admission.admit(
                        new Token(PUMP.value(), AssetSecret.generate(RANDOM).text())))
                .isInstanceOf(Decision.Refused.class);
        admission.lifecycle(PUMP, Lifecycle.QUARANTINED);
        assertThat(admission.admit(shown)).isInstanceOf(Decision.Refused.class);
        admission.lifecycle(PUMP, Lifecycle.ACTIVE);
        tokens.add(new AssetToken("t1", PUMP, secret.hash(), NOW, NOW, "ann", null, null));
        assertThat(admission.admit(shown)).isInstanceOf(Decision.Refused.class);
    }

    @Test
    void aReloadForgetsTokensThatEndedElsewhereAndKeepsThoseMadeMeanwhile() {
        AssetToken ended = new AssetToken("t1", PUMP, "aa", NOW.plusSeconds(60), NOW, "ann", null, null);
        AssetToken kept = new AssetToken("t2", PUMP, "bb", NOW.plusSeconds(60), NOW, "ann", null, null);
        tokens.add(ended);
        tokens.add(kept);
        var before = tokens.hashes();
        tokens.add(new AssetToken("t3", PUMP, "cc", NOW.plusSeconds(60), NOW, "ann", null, null));
        tokens.load(List.of(kept), before);
        assertThat(tokens.hashes()).containsExactlyInAnyOrder("bb", "cc");
    }

    @Test
    void admitsWhatTheCaGaveToAnAssetWithoutKnowingIt() {
        X509Certificate certificate = certificate(PUMP);
        assertThat(admission.admit(certificate))
                .isEqualTo(new Decision.Admitted(
                        PUMP,
                        IssuedCertificate.serialOf(certificate),
                        certificate.getNotAfter().toInstant()));
        assertThat(witnessed).containsExactly(PUMP);
    }

    @Test
    void refusesARevokedSerialAndOnlyThat() {
        X509Certificate stolen = certificate(PUMP);
        admission.revoke(
                IssuedCertificate.serialOf(stolen), stolen.getNotAfter().toInstant());
        assertThat(code(admission.admit(stolen))).isEqualTo("revoked");
        assertThat(code(admission.admit(certificate(PUMP)))).isEqualTo("admitted");
    }

    @Test
    void refusesCertificatesThatNameNoAsset() {
        X509Certificate ofServer = authority.signServer(List.of("pump-1"), key.getPublic(), NOW, Duration.ofDays(1));
        assertThat(code(admission.admit(ofServer))).isEqualTo("unknown");
        assertThat(code(admission.admit(authority.issuing().getFirst()))).isEqualTo("unknown");
        assertThat(code(admission.admit(authority.root()))).isEqualTo("unknown");
        assertThat(witnessed).isEmpty();
    }

    @Test
    void refusesBlockedAssetsUntilTheyAreReleased() {
        admission.lifecycle(PUMP, Lifecycle.QUARANTINED);
        admission.lifecycle(TRUCK, Lifecycle.RETIRED);
        assertThat(code(admission.admit(certificate(PUMP)))).isEqualTo("quarantined");
        assertThat(code(admission.admit(certificate(TRUCK)))).isEqualTo("retired");
        admission.lifecycle(PUMP, Lifecycle.MAINTENANCE);
        assertThat(code(admission.admit(certificate(PUMP)))).isEqualTo("admitted");
    }

    @Test
    void forgetsRevocationsOfExpiredCertificates() {
        admission.load(
                Map.of("aa", NOW.plusSeconds(60), "bb", NOW.plusSeconds(600)), Map.of(), Set.of(), NOW.plusSeconds(60));
        assertThat(admission.revokedCount()).isEqualTo(1);
        assertThat(admission.isRevoked("bb")).isTrue();
    }

    /** Between reading the store and loading what was read, the world goes on. */
    @Test
    void aReloadTakesNothingBackThatHappenedDuringIt() {
        admission.lifecycle(PUMP, Lifecycle.QUARANTINED);
        Set<AssetId> before = admission.blockedAssets();
        Map<AssetId, Lifecycle> read = Map.of();
        admission.lifecycle(TRUCK, Lifecycle.QUARANTINED);
        admission.revoke("aa", NOW.plusSeconds(600));
        admission.load(Map.of(), read, before, NOW);
        assertThat(admission.blockedAssets()).containsExactly(TRUCK);
        assertThat(admission.isRevoked("aa")).isTrue();
    }

    @Test
    void refusesCertificatesOfAnotherCa() {
        X509Certificate certificate = foreign.signAsset(PUMP, key.getPublic(), NOW, Duration.ofDays(1));
        assertThat(code(admission.admit(certificate))).isEqualTo("unknown");
        assertThat(authority.signed(certificate)).isFalse();
        assertThat(authority.signed(certificate(PUMP))).isTrue();
    }

    private static X509Certificate certificate(AssetId asset) {
        return authority.signAsset(asset, key.getPublic(), NOW, Duration.ofDays(90));
    }

    private static String code(Decision decision) {
        return decision instanceof Decision.Refused refused ? refused.code() : "admitted";
    }
}
