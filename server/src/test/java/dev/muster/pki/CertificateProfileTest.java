package dev.muster.pki;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.protocol.AssetId;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.SubjectKeyIdentifier;
import org.bouncycastle.cert.jcajce.JcaX509CertificateHolder;
import org.junit.jupiter.api.Test;

class CertificateProfileTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final Duration YEAR = Duration.ofDays(365);
    private static final int THREADS = 8;
    private static final int EACH = 150;

    private final SecureRandom random = new SecureRandom();
    private final CertificateProfile profile = new CertificateProfile(random);
    private final KeyPair rootKey = CertificateAuthority.generateKey("secp384r1", random);
    private final KeyPair issuerKey = CertificateAuthority.generateKey("secp256r1", random);
    private final X509Certificate root = profile.root("root", rootKey.getPublic(), rootKey.getPrivate(), NOW, YEAR);
    private final X509Certificate issuer =
            profile.issuing("issuing", issuerKey.getPublic(), root, rootKey.getPrivate(), NOW, YEAR);

    /** A verifier finds the issuer by its key identifier: a wrong one makes a certificate that nobody accepts. */
    @Test
    void certificatesMadeAtTheSameTimeAllNameTheirIssuer() throws Exception {
        KeyPair key = CertificateAuthority.generateKey("secp256r1", random);
        List<Callable<List<X509Certificate>>> tasks = new ArrayList<>();
        for (int thread = 0; thread < THREADS; thread++) {
            tasks.add(() -> some(key));
        }
        Set<String> identifiers = new HashSet<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
            for (Future<List<X509Certificate>> made : threads.invokeAll(tasks)) {
                for (X509Certificate certificate : made.get()) {
                    identifiers.add(subject(certificate) + " issued by " + authority(certificate));
                }
            }
        }
        assertThat(identifiers).containsExactly(subject(some(key).getFirst()) + " issued by " + subject(issuer));
    }

    private List<X509Certificate> some(KeyPair key) {
        List<X509Certificate> made = new ArrayList<>();
        for (int i = 0; i < EACH; i++) {
            made.add(profile.asset(new AssetId("truck-1"), key.getPublic(), issuer, issuerKey.getPrivate(), NOW, YEAR));
        }
        return made;
    }

    private static String subject(X509Certificate certificate) throws Exception {
        return hex(SubjectKeyIdentifier.fromExtensions(new JcaX509CertificateHolder(certificate).getExtensions())
                .getKeyIdentifier());
    }

    private static String authority(X509Certificate certificate) throws Exception {
        return hex(AuthorityKeyIdentifier.fromExtensions(new JcaX509CertificateHolder(certificate).getExtensions())
                .getKeyIdentifierOctets());
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
