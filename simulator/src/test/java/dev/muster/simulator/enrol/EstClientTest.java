package dev.muster.simulator.enrol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.protocol.AssetId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EstClientTest {
    private final TestCa ca = new TestCa();
    private final String token = ca.claimToken("s3cret");

    @Test
    void enrolsWithAKeyOfItsOwn() throws Exception {
        try (TestEst server = new TestEst(ca, token);
                EstClient est = EstClient.pinned(server.address(), ClaimToken.parse(token))) {
            AssetIdentity one = est.enrol(new AssetId("pos-1"), ClaimToken.parse(token));
            AssetIdentity two = est.enrol(new AssetId("pos-2"), ClaimToken.parse(token));
            assertThat(one.certificate().getSubjectX500Principal()).hasToString("CN=pos-1");
            assertThat(one.serial()).isNotEqualTo(two.serial());
            assertThat(one.key()).isNotEqualTo(two.key());
            assertThat(one.cas()).containsExactly(ca.root());
        }
    }

    @Test
    void sendsNoSecretToAServerThatTheTokenDoesNotPin() throws Exception {
        String foreign = new TestCa().claimToken("s3cret");
        try (TestEst server = new TestEst(ca, token)) {
            assertThatThrownBy(() -> EstClient.pinned(server.address(), ClaimToken.parse(foreign)))
                    .isInstanceOf(EnrolmentException.class)
                    .hasMessageContaining("none of the 1 CA certificates of " + server.address())
                    .hasMessageNotContaining("s3cret");
            assertThat(server.requestsWithCredentials).hasValue(0);
        }
    }

    @Test
    void saysWhatTheServerRefused() throws Exception {
        try (TestEst server = new TestEst(ca, token)) {
            ClaimToken wrong = ClaimToken.parse(ca.claimToken("guess"));
            try (EstClient est = EstClient.pinned(server.address(), wrong)) {
                assertThatThrownBy(() -> est.enrol(new AssetId("pos-1"), wrong))
                        .hasMessage("cannot enrol asset pos-1: /.well-known/est/simpleenroll answered 401:"
                                + " the claim token is not known");
            }
        }
    }

    @Test
    void keepsKeysUnderTheOwnersEyesOnly(@TempDir Path directory) throws Exception {
        IdentityStore store = new IdentityStore(directory.resolve("state"));
        AssetIdentity identity = ca.asset("pos-1");
        store.save(identity);
        AssetIdentity found = store.find(new AssetId("pos-1")).orElseThrow();
        assertThat(found).isEqualTo(identity);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve("state/pos-1.pem"))))
                .isEqualTo("rw-------");
        assertThat(store.find(new AssetId("pos-2"))).isEmpty();
    }

    @Test
    void isDueForRenewalAfterTwoThirdsOfItsLife() {
        AssetIdentity identity = ca.asset("pos-1", Duration.ofMinutes(59));
        Instant now = Instant.now();
        assertThat(identity.dueForRenewalAt(now)).isFalse();
        assertThat(identity.dueForRenewalAt(now.plus(Duration.ofMinutes(45)))).isTrue();
        assertThat(identity.expiredAt(now.plus(Duration.ofMinutes(61)))).isTrue();
    }

    @Test
    void readsOnlyClaimTokens() {
        assertThatThrownBy(() -> ClaimToken.parse("muster_abc"))
                .hasMessage("the claim token is not of the form claim_SECRET.PIN;"
                        + " create one with: muster claim-token create");
        assertThatThrownBy(() -> ClaimToken.parse("claim_abc.QUJD"))
                .hasMessage("the CA pin of the claim token has 3 bytes, a SHA-256 has 32");
        assertThat(ClaimToken.parse(token)).hasToString("ClaimToken");
    }
}
