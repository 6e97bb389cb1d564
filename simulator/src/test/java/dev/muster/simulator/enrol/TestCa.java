package dev.muster.simulator.enrol;

import dev.muster.protocol.AssetId;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A certificate authority for tests: one root that issues everything. */
public final class TestCa {
    private final AtomicLong serials = new AtomicLong(100);
    private final KeyPair keys;
    private final X509Certificate root;

    public TestCa() {
        keys = newKey();
        root = issue("CN=Test Root", keys.getPublic(), Duration.ofDays(1), true, null);
    }

    public X509Certificate root() {
        return root;
    }

    public String claimToken(String secret) {
        try {
            byte[] pin = MessageDigest.getInstance("SHA-256")
                    .digest(root.getPublicKey().getEncoded());
            return "claim_" + secret + "."
                    + Base64.getUrlEncoder().withoutPadding().encodeToString(pin);
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    public AssetIdentity asset(String id) {
        return asset(id, Duration.ofHours(1));
    }

    public AssetIdentity asset(String id, Duration life) {
        KeyPair own = newKey();
        X509Certificate certificate = issue("CN=" + id, own.getPublic(), life, false, null);
        return new AssetIdentity(new AssetId(id), own.getPrivate(), List.of(certificate), List.of(root));
    }

    /** For 127.0.0.1 and localhost. */
    public AssetIdentity server() {
        KeyPair own = newKey();
        GeneralNames names = new GeneralNames(new GeneralName[] {
            new GeneralName(GeneralName.dNSName, "localhost"), new GeneralName(GeneralName.iPAddress, "127.0.0.1")
        });
        X509Certificate certificate = issue("CN=server", own.getPublic(), Duration.ofHours(1), false, names);
        return new AssetIdentity(new AssetId("server"), own.getPrivate(), List.of(certificate), List.of(root));
    }

    public X509Certificate issue(
            String subject,
            PublicKey key,
            Duration life,
            boolean ca,
            @org.jspecify.annotations.Nullable GeneralNames names) {
        try {
            Instant now = Instant.now();
            X509v3CertificateBuilder builder = new X509v3CertificateBuilder(
                    new X500Name("CN=Test Root"),
                    BigInteger.valueOf(serials.incrementAndGet()),
                    Date.from(now.minusSeconds(60)),
                    Date.from(now.plus(life)),
                    new X500Name(subject),
                    SubjectPublicKeyInfo.getInstance(key.getEncoded()));
            if (ca) {
                builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
            }
            if (names != null) {
                builder.addExtension(Extension.subjectAlternativeName, false, names);
            }
            return new JcaX509CertificateConverter()
                    .getCertificate(
                            builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate())));
        } catch (GeneralSecurityException | OperatorCreationException | IOException e) {
            throw new AssertionError(e);
        }
    }

    private static KeyPair newKey() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }
}
