package dev.muster.pki;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.gateway.port.TlsMaterial;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServerIdentityTest {
    @TempDir
    Path directory;

    private final MovingClock clock = new MovingClock();

    @Test
    void namesTheConfiguredHostsFirstAndLoopbackAlways() throws Exception {
        List<String> hosts = ServerIdentity.hosts(List.of("muster.example.com", "10.1.2.3"));
        assertThat(hosts).startsWith("muster.example.com", "10.1.2.3").endsWith("localhost", "127.0.0.1", "::1");
        TlsMaterial material = new ServerIdentity(authority(), hosts, new SecureRandom(), clock).material();
        assertThat(material.chain().getFirst().getSubjectAlternativeNames())
                .contains(List.of(2, "muster.example.com"), List.of(7, "10.1.2.3"), List.of(2, "localhost"));
        assertThat(material.chain()).hasSize(2);
    }

    @Test
    void trustsTheIssuingCaAndNotTheRootAboveIt() {
        CertificateAuthority authority = authority();
        TlsMaterial material =
                new ServerIdentity(authority, List.of("localhost"), new SecureRandom(), clock).material();
        assertThat(material.trustedCas()).isEqualTo(authority.issuing()).doesNotContain(authority.root());
    }

    @Test
    void isRenewedAtTwoThirdsOfItsLife() {
        ServerIdentity identity = new ServerIdentity(authority(), List.of("localhost"), new SecureRandom(), clock);
        TlsMaterial first = identity.material();
        clock.now = clock.now.plus(Duration.ofDays(59));
        assertThat(identity.renewIfDue()).isFalse();
        clock.now = clock.now.plus(Duration.ofDays(2));
        assertThat(identity.renewIfDue()).isTrue();
        assertThat(identity.material().chain().getFirst().getSerialNumber())
                .isNotEqualTo(first.chain().getFirst().getSerialNumber());
        assertThat(identity.expires()).isAfter(clock.now.plus(Duration.ofDays(89)));
        assertThat(identity.renewIfDue()).isFalse();
    }

    @Test
    void refusesWhatIsNoHostName() {
        assertThat(PkiSettings.DEVICE_HOST_NAMES.parser().apply("muster.example.com, 10.1.2.3,::1, fe80::1"))
                .containsExactly("muster.example.com", "10.1.2.3", "::1", "fe80::1");
        for (String wrong : List.of("https://muster", "muster:8883", "a b", "*.example.com", "-x")) {
            assertThatThrownBy(() -> PkiSettings.DEVICE_HOST_NAMES.parser().apply(wrong))
                    .as(wrong)
                    .hasMessageContaining("without port or scheme");
        }
    }

    private CertificateAuthority authority() {
        KeySeal seal = new KeySeal("correct horse".getBytes(StandardCharsets.UTF_8), 16, 1);
        return new CaDirectory(directory, seal, new SecureRandom()).open(clock.now);
    }

    private static final class MovingClock extends Clock {
        private Instant now = Instant.now();

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }
}
