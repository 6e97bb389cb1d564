package dev.muster.bench;

import dev.muster.protocol.AssetId;
import dev.muster.simulator.enrol.AssetIdentity;
import java.io.OutputStream;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.stream.IntStream;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A CA of one run for the bare sink, so that its sessions cost the same handshake and cipher as the server's. */
final class BenchCa {
    /** Protects a key that lives as long as the run. */
    static final char[] PASSWORD = "bench".toCharArray();

    private final KeyPair keys = keyPair();
    private final X509Certificate certificate = issue("bench CA", keys, true);
    private long serial = 1;

    X509Certificate certificate() {
        return certificate;
    }

    /** Key and chain of a server on 127.0.0.1, as PKCS #12. */
    void writeServer(Path file) throws Exception {
        KeyPair server = keyPair();
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        Certificate[] chain = {issue("127.0.0.1", server, false), certificate};
        store.setKeyEntry("server", server.getPrivate(), PASSWORD, chain);
        try (OutputStream out = Files.newOutputStream(file)) {
            store.store(out, PASSWORD);
        }
    }

    List<AssetIdentity> identities(int count) {
        return IntStream.range(0, count).mapToObj(this::identity).toList();
    }

    private AssetIdentity identity(int index) {
        AssetId id = new AssetId("bench-" + index);
        KeyPair own = keyPair();
        return new AssetIdentity(id, own.getPrivate(), List.of(issue(id.value(), own, false)), List.of(certificate));
    }

    private X509Certificate issue(String name, KeyPair subject, boolean ca) {
        try {
            Instant now = Instant.now();
            JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                    new X500Name("CN=bench CA"),
                    BigInteger.valueOf(++serial),
                    Date.from(now.minus(Duration.ofHours(1))),
                    Date.from(now.plus(Duration.ofDays(1))),
                    new X500Name("CN=" + name),
                    subject.getPublic());
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(ca));
            if (!ca) {
                GeneralName address = new GeneralName(GeneralName.iPAddress, "127.0.0.1");
                builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(address));
            }
            return new JcaX509CertificateConverter()
                    .getCertificate(
                            builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate())));
        } catch (Exception e) {
            throw new IllegalStateException("cannot issue a certificate for " + name, e);
        }
    }

    private static KeyPair keyPair() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (Exception e) {
            throw new IllegalStateException("every JDK has P-256", e);
        }
    }
}
