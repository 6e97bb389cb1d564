package dev.muster.pki;

import dev.muster.protocol.AssetId;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.regex.Pattern;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * What the CA puts into each kind of certificate (RFC 5280), whatever was asked for.
 *
 * <p>Root: P-384, path length 1. Issuing: P-256, path length 0. Server: serverAuth. Asset: clientAuth, CN and SAN URI.
 */
final class CertificateProfile {
    static final String URN_PREFIX = "urn:muster:asset:";

    /** Accepted between the clock of an asset and ours. */
    static final Duration CLOCK_SKEW = Duration.ofMinutes(5);

    /** 150 random bits at a fixed length, so that a serial reads the same in openssl, in a log and in the store. */
    static final int SERIAL_BYTES = 19;

    private static final Pattern IP_ADDRESS = Pattern.compile("[0-9.]+|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*");
    private static final Duration CA_CLOCK_SKEW = Duration.ofDays(1);

    private final SecureRandom random;

    CertificateProfile(SecureRandom random) {
        this.random = random;
    }

    X509Certificate root(String name, PublicKey key, PrivateKey signer, Instant now, Duration lifetime) {
        X500Name subject = caName(name);
        X509v3CertificateBuilder builder = builder(subject, subject, key, now.minus(CA_CLOCK_SKEW), now.plus(lifetime));
        try {
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(1));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
            builder.addExtension(
                    Extension.subjectKeyIdentifier, false, identifiers().createSubjectKeyIdentifier(key));
        } catch (IOException e) {
            throw new IllegalStateException("cannot encode an extension", e);
        }
        return sign(builder, signer);
    }

    X509Certificate issuing(
            String name, PublicKey key, X509Certificate root, PrivateKey rootKey, Instant now, Duration lifetime) {
        X509v3CertificateBuilder builder = builder(
                nameOf(root),
                caName(name),
                key,
                now.minus(CA_CLOCK_SKEW),
                earlier(now.plus(lifetime), root.getNotAfter().toInstant()));
        try {
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
            builder.addExtension(
                    Extension.subjectKeyIdentifier, false, identifiers().createSubjectKeyIdentifier(key));
            builder.addExtension(
                    Extension.authorityKeyIdentifier,
                    false,
                    identifiers().createAuthorityKeyIdentifier(root.getPublicKey()));
        } catch (IOException e) {
            throw new IllegalStateException("cannot encode an extension", e);
        }
        return sign(builder, rootKey);
    }

    /** @param hosts DNS names and IP addresses, at least one; the first becomes the CN */
    X509Certificate server(
            List<String> hosts,
            PublicKey key,
            X509Certificate issuer,
            PrivateKey issuerKey,
            Instant now,
            Duration lifetime) {
        List<GeneralName> names = new ArrayList<>();
        for (String host : hosts) {
            names.add(new GeneralName(
                    IP_ADDRESS.matcher(host).matches() ? GeneralName.iPAddress : GeneralName.dNSName, host));
        }
        return leaf(cn(hosts.getFirst()), names, KeyPurposeId.id_kp_serverAuth, key, issuer, issuerKey, now, lifetime);
    }

    X509Certificate asset(
            AssetId asset,
            PublicKey key,
            X509Certificate issuer,
            PrivateKey issuerKey,
            Instant now,
            Duration lifetime) {
        return leaf(
                cn(asset.value()),
                List.of(new GeneralName(GeneralName.uniformResourceIdentifier, URN_PREFIX + asset.value())),
                KeyPurposeId.id_kp_clientAuth,
                key,
                issuer,
                issuerKey,
                now,
                lifetime);
    }

    private X509Certificate leaf(
            X500Name subject,
            List<GeneralName> names,
            KeyPurposeId purpose,
            PublicKey key,
            X509Certificate issuer,
            PrivateKey issuerKey,
            Instant now,
            Duration lifetime) {
        X509v3CertificateBuilder builder = builder(
                nameOf(issuer),
                subject,
                key,
                now.minus(CLOCK_SKEW),
                earlier(now.plus(lifetime), issuer.getNotAfter().toInstant()));
        try {
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
            builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purpose));
            builder.addExtension(
                    Extension.subjectAlternativeName, false, new GeneralNames(names.toArray(new GeneralName[0])));
            builder.addExtension(
                    Extension.subjectKeyIdentifier, false, identifiers().createSubjectKeyIdentifier(key));
            builder.addExtension(
                    Extension.authorityKeyIdentifier,
                    false,
                    identifiers().createAuthorityKeyIdentifier(issuer.getPublicKey()));
        } catch (IOException e) {
            throw new IllegalStateException("cannot encode an extension", e);
        }
        return sign(builder, issuerKey);
    }

    private X509v3CertificateBuilder builder(
            X500Name issuer, X500Name subject, PublicKey key, Instant notBefore, Instant notAfter) {
        return new X509v3CertificateBuilder(
                issuer,
                serial(),
                Date.from(notBefore.truncatedTo(ChronoUnit.SECONDS)),
                Date.from(notAfter.truncatedTo(ChronoUnit.SECONDS)),
                subject,
                SubjectPublicKeyInfo.getInstance(key.getEncoded()));
    }

    /** Made anew for each use: it keeps one digest, and certificates are signed on many threads. */
    private static JcaX509ExtensionUtils identifiers() {
        try {
            return new JcaX509ExtensionUtils();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this JDK has no SHA-1, which key identifiers need (RFC 5280 §4.2.1.2)", e);
        }
    }

    private static X509Certificate sign(X509v3CertificateBuilder builder, PrivateKey key) {
        try {
            return new JcaX509CertificateConverter()
                    .getCertificate(builder.build(new JcaContentSignerBuilder(signatureFor(key)).build(key)));
        } catch (OperatorCreationException | GeneralSecurityException e) {
            throw new IllegalStateException("cannot sign a certificate with the CA's key", e);
        }
    }

    private static String signatureFor(PrivateKey key) {
        boolean p384 = key instanceof java.security.interfaces.ECPrivateKey ec
                && ec.getParams().getOrder().bitLength() > 256;
        return p384 ? "SHA384withECDSA" : "SHA256withECDSA";
    }

    private BigInteger serial() {
        byte[] bytes = new byte[SERIAL_BYTES];
        random.nextBytes(bytes);
        bytes[0] = (byte) (bytes[0] & 0x3f | 0x40);
        return new BigInteger(1, bytes);
    }

    /** The issuer's name byte for byte: some verifiers compare encodings. */
    private static X500Name nameOf(X509Certificate certificate) {
        X500Principal subject = certificate.getSubjectX500Principal();
        return X500Name.getInstance(subject.getEncoded());
    }

    private static X500Name caName(String name) {
        return new X500NameBuilder(BCStyle.INSTANCE)
                .addRDN(BCStyle.O, "Muster")
                .addRDN(BCStyle.CN, name)
                .build();
    }

    private static X500Name cn(String name) {
        return new X500NameBuilder(BCStyle.INSTANCE).addRDN(BCStyle.CN, name).build();
    }

    private static Instant earlier(Instant a, Instant b) {
        return a.isBefore(b) ? a : b;
    }
}
