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
                    .isEqualTo(Renewal.Due.NOTHING);
            Instant now = identity.renewAt().plus(life.dividedBy(20));
            assertThat(renewal.dueAt(now)).as("seed %s", seed).isEqualTo(Renewal.Due.RENEW);
            renewal.failed(now);
            assertThat(renewal.dueAt(now)).isEqualTo(Renewal.Due.NOTHING);
            assertThat(renewal.dueAt(now.plus(Renewal.FIRST_RETRY))).isEqualTo(Renewal.Due.RENEW);
            for (int i = 0; i < 40; i++) {
                renewal.failed(now);
            }
            assertThat(Duration.between(now, renewal.nextAttempt()))
                    .isBetween(Renewal.LAST_RETRY.dividedBy(2), Renewal.LAST_RETRY);
        }
    }

    /** A server that is away for most of what is left is still met before the end. */
    @Test
    void theLastMinutesOfACertificateAreNotSleptAway() throws Exception {
        try (StateDirectory state = StateDirectory.open(folder.resolve("state"))) {
            KeyPair key = new FileKeyHome(state).nextKey();
            Identity identity = new Identity(new AssetId("box-1"), key.getPrivate(), List.of(selfSigned(key)));
            long seed = System.nanoTime();
            Renewal renewal = new Renewal(identity, new Random(seed));
            Instant now = identity.expiresAt().minus(Duration.ofMinutes(2));
            int attempts = 0;
            Instant last = now;
            while (renewal.dueAt(now) != Renewal.Due.ENROL_AGAIN) {
                last = now;
                renewal.failed(now);
                attempts++;
                now = renewal.nextAttempt();
            }
            assertThat(attempts).as("seed %s", seed).isBetween(12, 120);
            assertThat(Duration.between(last, identity.expiresAt()))
                    .as("seed %s", seed)
                    .isLessThan(Duration.ofSeconds(10));
        }
    }

    @Test
    void anExpiredCertificateIsNotRenewedButEnrolledForAgainAtABoundedPace() throws Exception {
        try (StateDirectory state = StateDirectory.open(folder.resolve("state"))) {
            KeyPair key = new FileKeyHome(state).nextKey();
            Identity identity = new Identity(new AssetId("box-1"), key.getPrivate(), List.of(selfSigned(key)));
            Instant end = identity.expiresAt();
            long seed = System.nanoTime();
            Renewal renewal = new Renewal(identity, new Random(seed));
            renewal.failed(end.minusSeconds(10));
            // however long the pause would be, the first moment after the end is not slept through
            assertThat(renewal.nextAttempt()).as("seed %s", seed).isAfter(end.minusSeconds(10));
            Instant now = end.plus(
                    Duration.between(identity.certificate().getNotBefore().toInstant(), end));
            assertThat(renewal.dueAt(now)).isEqualTo(Renewal.Due.ENROL_AGAIN);
            Duration longest = Duration.ZERO;
            for (int i = 0; i < 40; i++) {
                renewal.failed(now);
                assertThat(renewal.dueAt(now)).isEqualTo(Renewal.Due.NOTHING);
                Duration wait = Duration.between(now, renewal.nextAttempt());
                assertThat(wait)
                        .as("seed %s, attempt %s", seed, i)
                        .isBetween(Renewal.FIRST_RETRY.dividedBy(2), Renewal.LAST_RETRY_EXPIRED);
                longest = wait.compareTo(longest) > 0 ? wait : longest;
                now = renewal.nextAttempt();
                assertThat(renewal.dueAt(now)).isEqualTo(Renewal.Due.ENROL_AGAIN);
            }
            assertThat(longest).isGreaterThan(Renewal.LAST_RETRY_EXPIRED.dividedBy(2));
        }
    }

    @Test
    void aClockThatWasWrongAndIsSetBackIsNotWaitedFor() throws Exception {
        try (StateDirectory state = StateDirectory.open(folder.resolve("state"))) {
            KeyPair key = new FileKeyHome(state).nextKey();
            Identity identity = new Identity(new AssetId("box-1"), key.getPrivate(), List.of(selfSigned(key)));
            Renewal renewal = new Renewal(identity, new Random(1));
            Instant wrong = identity.expiresAt().plus(Duration.ofDays(3650));
            assertThat(renewal.dueAt(wrong)).isEqualTo(Renewal.Due.ENROL_AGAIN);
            renewal.failed(wrong);
            Instant right = identity.renewAt().minusSeconds(1);
            assertThat(renewal.dueAt(right)).isEqualTo(Renewal.Due.RENEW);
            renewal.failed(right);
            assertThat(renewal.dueAt(right)).isEqualTo(Renewal.Due.NOTHING);
            assertThat(renewal.nextAttempt())
                    .isBefore(right.plus(Renewal.FIRST_RETRY).plusSeconds(1));
        }
    }

    private static X509Certificate selfSigned(KeyPair key) throws GeneralSecurityException {
        return CertificateRequest.placeholder(new X500Principal("CN=x"), key.getPublic(), key.getPrivate());
    }
}
