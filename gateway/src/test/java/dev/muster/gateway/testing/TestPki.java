package dev.muster.gateway.testing;

import dev.muster.gateway.port.TlsMaterial;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;
import org.jspecify.annotations.Nullable;

/** A root CA that issues certificates to a server on the loopback addresses and to assets. */
public final class TestPki {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final Duration LIFE = Duration.ofDays(30);

    private final KeyPair caKey = newKey();
    private final X509Certificate ca;
    private final TlsMaterial server;

    public TestPki() {
        this("Test Root");
    }

    public TestPki(String name) {
        ca = sign("CN=" + name, caKey.getPublic(), "CN=" + name, LIFE, Kind.CA, List.of());
        KeyPair serverKey = newKey();
        X509Certificate certificate = sign(
                "CN=localhost",
                serverKey.getPublic(),
                "CN=" + name,
                LIFE,
                Kind.SERVER,
                List.of(
                        new GeneralName(GeneralName.dNSName, "localhost"),
                        new GeneralName(GeneralName.iPAddress, "127.0.0.1")));
        server = new TlsMaterial(serverKey.getPrivate(), List.of(certificate), List.of(ca));
    }

    /** A certificate with its key. */
    public record Credential(PrivateKey key, X509Certificate certificate) {}

    private enum Kind {
        CA,
        SERVER,
        CLIENT
    }

    public X509Certificate ca() {
        return ca;
    }

    public TlsMaterial server() {
        return server;
    }

    public Credential asset(String id) {
        return asset(id, LIFE);
    }

    /** @param life negative for a certificate that has expired */
    public Credential asset(String id, Duration life) {
        KeyPair key = newKey();
        return new Credential(key.getPrivate(), certify(id, key.getPublic(), life));
    }

    public X509Certificate certify(String id, PublicKey key, Duration life) {
        return sign(
                "CN=" + id,
                key,
                ca.getSubjectX500Principal().getName(),
                life,
                Kind.CLIENT,
                List.of(new GeneralName(GeneralName.uniformResourceIdentifier, "urn:muster:asset:" + id)));
    }

    /** What a client needs that trusts this CA; null for a client without a certificate. */
    public SSLContext clientContext(@Nullable Credential credential) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(
                    credential == null ? null : new KeyManager[] {new Showing(credential)},
                    trust().getTrustManagers(),
                    null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    public TrustManagerFactory trust() {
        try {
            KeyStore trusted = KeyStore.getInstance("PKCS12");
            trusted.load(null, null);
            trusted.setCertificateEntry("ca", ca);
            TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
            trust.init(trusted);
            return trust;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** For clients that want a factory, and show a certificate only to a server that names its CA. */
    public KeyManagerFactory keyManagers(Credential credential) {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry("client", credential.key(), new char[0], new Certificate[] {credential.certificate()});
            KeyManagerFactory keys = KeyManagerFactory.getInstance("NewSunX509");
            keys.init(store, new char[0]);
            return keys;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Shows the certificate whoever issued it and whenever it ends, as openssl and curl do. */
    private static final class Showing extends X509ExtendedKeyManager {
        private static final String ALIAS = "client";

        private final Credential credential;

        private Showing(Credential credential) {
            this.credential = credential;
        }

        @Override
        public String chooseEngineClientAlias(
                String[] keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
            return ALIAS;
        }

        @Override
        public String[] getClientAliases(String keyType, Principal @Nullable [] issuers) {
            return new String[] {ALIAS};
        }

        @Override
        public String chooseClientAlias(String[] keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
            return ALIAS;
        }

        @Override
        public String[] getServerAliases(String keyType, Principal @Nullable [] issuers) {
            return new String[0];
        }

        @Override
        public @Nullable String chooseServerAlias(
                String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
            return null;
        }

        @Override
        public X509Certificate[] getCertificateChain(String alias) {
            return new X509Certificate[] {credential.certificate()};
        }

        @Override
        public PrivateKey getPrivateKey(String alias) {
            return credential.key();
        }
    }

    /** DER of a certificate signing request for {@code CN=id}. */
    public static byte[] request(String id, KeyPair key) {
        try {
            return new JcaPKCS10CertificationRequestBuilder(new X500Name("CN=" + id), key.getPublic())
                    .build(new JcaContentSignerBuilder("SHA256withECDSA").build(key.getPrivate()))
                    .getEncoded();
        } catch (OperatorCreationException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    public static Path writePem(Path file, Object object) {
        var text = new StringWriter();
        try (var pem = new JcaPEMWriter(text)) {
            pem.writeObject(object instanceof PrivateKey key ? new JcaPKCS8Generator(key, null) : object);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        try {
            return Files.writeString(file, text.toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static KeyPair newKey() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"), RANDOM);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private X509Certificate sign(
            String subject, PublicKey key, String issuer, Duration life, Kind kind, List<GeneralName> names) {
        try {
            Instant now = Instant.now();
            Instant from = now.minus(life.isNegative() ? Duration.ofDays(2) : Duration.ofHours(1));
            var builder = new JcaX509v3CertificateBuilder(
                    new X500Name(issuer),
                    new BigInteger(120, RANDOM),
                    Date.from(from),
                    Date.from(now.plus(life)),
                    new X500Name(subject),
                    key);
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(kind == Kind.CA));
            if (kind == Kind.CA) {
                builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
            } else {
                builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
                builder.addExtension(
                        Extension.extendedKeyUsage,
                        false,
                        new ExtendedKeyUsage(
                                kind == Kind.SERVER ? KeyPurposeId.id_kp_serverAuth : KeyPurposeId.id_kp_clientAuth));
                builder.addExtension(
                        Extension.subjectAlternativeName, false, new GeneralNames(names.toArray(new GeneralName[0])));
            }
            return new JcaX509CertificateConverter()
                    .getCertificate(
                            builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(caKey.getPrivate())));
        } catch (OperatorCreationException | GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
