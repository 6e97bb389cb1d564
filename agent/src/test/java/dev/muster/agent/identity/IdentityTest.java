package dev.muster.agent.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.agent.state.StateDirectory;
import dev.muster.protocol.AssetId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import javax.security.auth.x500.X500Principal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdentityTest {
    @TempDir
    Path folder;

    @Test
    void aKeyThatWasMadeBeforeACrashIsUsedAgainAndNoLongerOnceItIsKept() throws Exception {
        try (StateDirectory state = StateDirectory.open(folder.resolve("state"))) {
            FileKeyHome home = new FileKeyHome(state);
            assertThat(home.load()).isEmpty();
            KeyPair key = home.nextKey();
            KeyPair again = new FileKeyHome(state).nextKey();
            assertThat(again.getPublic()).isEqualTo(key.getPublic());
            assertThat(again.getPrivate()).isEqualTo(key.getPrivate());

            X509Certificate certificate = selfSigned(key);
            home.keep(key, List.of(certificate));
            assertThat(home.load()).contains(new KeyHome.Pair(key.getPrivate(), List.of(certificate)));
            assertThat(home.nextKey().getPublic()).isNotEqualTo(key.getPublic());
            assertThat(home.load()).contains(new KeyHome.Pair(key.getPrivate(), List.of(certificate)));
        }
    }

    @Test
    void keysAreForTheirOwnerOnly() throws Exception {
        try (StateDirectory state = StateDirectory.open(folder.resolve("state"))) {
            FileKeyHome home = new FileKeyHome(state);
            KeyPair key = home.nextKey();
            home.keep(key, List.of(selfSigned(key)));
            home.nextKey();
            for (String name : List.of("identity.pem", "identity.next.pem")) {
                assertThat(PosixFilePermissions.toString(
                                Files.getPosixFilePermissions(state.path().resolve(name))))
                        .isEqualTo("rw-------");
            }
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(state.path())))
                    .isEqualTo("rwx------");
        }
    }

    @Test
    void aDamagedFileSaysWhatToDo() throws Exception {
        try (StateDirectory state = StateDirectory.open(folder.resolve("state"))) {
            Files.writeString(state.path().resolve("identity.pem"), "nonsense");
            assertThatThrownBy(() -> new FileKeyHome(state).load())
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("identity.pem")
                    .hasMessageContaining("enrol again");
        }
    }

    @Test
    void whatIsWrittenByHandIsSignedByTheKey() throws Exception {
        try (StateDirectory state = StateDirectory.open(folder.resolve("state"))) {
            KeyPair key = new FileKeyHome(state).nextKey();
            X509Certificate certificate = selfSigned(key);
            certificate.verify(key.getPublic());
            assertThat(certificate.getSubjectX500Principal()).isEqualTo(new X500Principal("CN=x"));
            assertThat(Pem.certificates(Pem.of(List.of(certificate)))).containsExactly(certificate);
        }
    }

    @Test
    void aTokenPinsTheRootOfItsServerAndNoOther() throws Exception {
        try (StateDirectory state = StateDirectory.open(folder.resolve("state"))) {
            KeyPair key = new FileKeyHome(state).nextKey();
            byte[] hash =
                    MessageDigest.getInstance("SHA-256").digest(key.getPublic().getEncoded());
            ClaimToken token = ClaimToken.parse(
                    "claim_secret." + Base64.getUrlEncoder().withoutPadding().encodeToString(hash));
            assertThat(token.pins(selfSigned(key))).isTrue();
            new FileKeyHome(state).keep(key, List.of(selfSigned(key)));
            assertThat(token.pins(selfSigned(new FileKeyHome(state).nextKey()))).isFalse();
            assertThat(token.toString()).doesNotContain("secret");
        }
    }

    @Test
    void aWrongTokenIsRefusedWithoutRepeatingIt() {
        for (String text : List.of(
                "",
                "geheim",
                "claim_.AAAA",
                "claim_geheim",
                "claim_geheim.",
                "claim_geheim.AAAA",
                "claim_geheim.%%%")) {
            assertThatThrownBy(() -> ClaimToken.parse(text))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("must be a claim token")
                    .hasMessageNotContaining("geheim");
        }
    }

    @Test
    void renewsFromTwoThirdsOfTheLifeOnAndTriesAgainEverMoreSeldom() throws Exception {
        try (StateDirectory state = StateDirectory.open(folder.resolve("state"))) {
            KeyPair key = new FileKeyHome(state).nextKey();
            Identity identity = new Identity(new AssetId("box-1"), key.getPrivate(), List.of(selfSigned(key)));
            Duration life =
                    Duration.between(identity.certificate().getNotBefore().toInstant(), identity.expiresAt());
            assertThat(Duration.between(identity.renewAt(), identity.expiresAt()))
                    .isBetween(
                            life.dividedBy(3).minusSeconds(1), life.dividedBy(3).plusSeconds(2));

            long seed = System.nanoTime();
            Renewal renewal = new Renewal(identity, new Random(seed));
            assertThat(renewal.dueAt(identity.renewAt().minusSeconds(1)))
                    .as("seed %s", seed)
                    .isFalse();
            Instant now = identity.renewAt().plus(life.dividedBy(20));
            assertThat(renewal.dueAt(now)).as("seed %s", seed).isTrue();
            renewal.failed(now);
            assertThat(renewal.dueAt(now)).isFalse();
            assertThat(renewal.dueAt(now.plus(Renewal.FIRST_RETRY))).isTrue();
            for (int i = 0; i < 40; i++) {
                renewal.failed(now);
            }
            assertThat(Duration.between(now, renewal.nextAttempt()))
                    .isBetween(Renewal.LAST_RETRY.dividedBy(2), Renewal.LAST_RETRY);
        }
    }

    private static X509Certificate selfSigned(KeyPair key) throws GeneralSecurityException {
        return CertificateRequest.placeholder(new X500Principal("CN=x"), key.getPublic(), key.getPrivate());
    }
}
