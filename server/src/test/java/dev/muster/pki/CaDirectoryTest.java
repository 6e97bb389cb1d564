package dev.muster.pki;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.gateway.port.Admission;
import dev.muster.platform.error.StartRefusal;
import dev.muster.protocol.AssetId;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CaDirectoryTest {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final Instant NOW = Instant.now();
    private static final Duration YEAR = Duration.ofDays(365);

    @TempDir
    Path data;

    private Path pki;

    @BeforeEach
    void choosesADirectory() {
        pki = data.resolve("pki");
    }

    @Test
    void issuesCertificatesThatOpensslVerifies() throws Exception {
        Openssl openssl = new Openssl(data);
        CertificateAuthority authority = open("correct horse battery", NOW);
        KeyPair key = CertificateAuthority.generateKey("secp256r1", RANDOM);
        X509Certificate asset = authority.signAsset(new AssetId("pump-1"), key.getPublic(), NOW, Duration.ofDays(90));
        X509Certificate server = authority.signServer(
                List.of("muster.example.com", "localhost", "127.0.0.1", "::1"),
                key.getPublic(),
                NOW,
                Duration.ofDays(90));
        Files.writeString(data.resolve("asset.pem"), Pem.of(asset));
        Files.writeString(data.resolve("server.pem"), Pem.of(server));

        assertThat(openssl.run("verify", "-x509_strict", "-purpose", "sslclient", "-CAfile", "pki/ca.pem", "asset.pem"))
                .contains("asset.pem: OK");
        assertThat(openssl.run(
                        "verify",
                        "-x509_strict",
                        "-purpose",
                        "sslserver",
                        "-verify_ip",
                        "127.0.0.1",
                        "-CAfile",
                        "pki/root.crt",
                        "-untrusted",
                        "pki/issuing-1.crt",
                        "server.pem"))
                .contains("server.pem: OK");
        assertThat(openssl.attempt("verify", "-purpose", "sslserver", "-CAfile", "pki/ca.pem", "asset.pem")
                        .exit())
                .isNotZero();
        assertThat(openssl.attempt("verify", "-purpose", "sslclient", "-CAfile", "pki/ca.pem", "server.pem")
                        .exit())
                .isNotZero();
        assertThat(openssl.run("x509", "-noout", "-text", "-in", "asset.pem"))
                .contains(
                        "Subject: CN = pump-1",
                        "Issuer: O = Muster, CN = Muster Issuing CA 1 ",
                        "URI:urn:muster:asset:pump-1",
                        "TLS Web Client Authentication",
                        "Digital Signature",
                        "CA:FALSE",
                        "ecdsa-with-SHA256")
                .doesNotContain("TLS Web Server Authentication");
        assertThat(openssl.run("x509", "-noout", "-serial", "-in", "asset.pem").strip())
                .isEqualToIgnoringCase("serial=" + IssuedCertificate.serialOf(asset));
        assertThat(openssl.run("x509", "-noout", "-text", "-in", "pki/root.crt"))
                .contains("CA:TRUE, pathlen:1", "secp384r1", "ecdsa-with-SHA384");
        assertThat(openssl.run("x509", "-noout", "-text", "-in", "pki/issuing-1.crt"))
                .contains("CA:TRUE, pathlen:0", "ecdsa-with-SHA384");
    }

    @Test
    void sealsKeysSoThatOpensslOpensThemWithThePassphraseOnly() throws Exception {
        Openssl openssl = new Openssl(data);
        Path file = Files.writeString(data.resolve("secret"), "correct horse battery\n");
        Passphrase passphrase = Passphrase.resolve(Optional.of(file), pki, RANDOM);
        new CaDirectory(pki, KeySeal.of(passphrase), RANDOM).open(NOW);
        assertThat(Files.readString(pki.resolve("root.key"))).startsWith("-----BEGIN ENCRYPTED PRIVATE KEY-----");
        assertThat(openssl.run(
                        "pkey", "-in", "pki/root.key", "-passin", "pass:correct horse battery", "-noout", "-text"))
                .contains("secp384r1");
        assertThat(openssl.attempt("pkey", "-in", "pki/root.key", "-passin", "pass:another horse", "-noout")
                        .exit())
                .isNotZero();
    }

    @Test
    void opensKeysThatOpensslSealedUnderANewPassphrase() throws Exception {
        Openssl openssl = new Openssl(data);
        open("correct horse battery", NOW);
        // openssl empties the output before it reads the input, so it must be another file
        openssl.run(
                "pkcs8",
                "-topk8",
                "-scrypt",
                "-v2",
                "aes-256-cbc",
                "-in",
                "pki/issuing-1.key",
                "-passin",
                "pass:correct horse battery",
                "-passout",
                "pass:a new passphrase",
                "-out",
                "resealed.key");
        Files.move(data.resolve("resealed.key"), pki.resolve("issuing-1.key"), StandardCopyOption.REPLACE_EXISTING);
        assertThat(open("a new passphrase", NOW).issuing()).hasSize(1);
    }

    @Test
    void isTheSameCaAfterARestart() throws Exception {
        CertificateAuthority first = open("correct horse battery", NOW);
        CertificateAuthority second = open("correct horse battery", NOW.plusSeconds(60));
        assertThat(second.chain()).isEqualTo(first.chain());
        assertThat(second.rootPin()).isEqualTo(first.rootPin()).hasSize(43);
        KeyPair key = CertificateAuthority.generateKey("secp256r1", RANDOM);
        X509Certificate asset = second.signAsset(new AssetId("pump-1"), key.getPublic(), NOW, Duration.ofDays(90));
        asset.verify(first.issuing().getFirst().getPublicKey());
        assertThat(first.signed(asset)).isTrue();
    }

    @Test
    void keepsFilesToTheirOwner() throws Exception {
        Passphrase.resolve(Optional.empty(), pki, RANDOM);
        open("correct horse battery", NOW);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(pki)))
                .isEqualTo("rwx------");
        try (var files = Files.list(pki)) {
            List<Path> all = files.toList();
            assertThat(all.stream().map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder(
                            "passphrase", "root.crt", "root.key", "issuing-1.crt", "issuing-1.key", "ca.pem");
            for (Path file : all) {
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                        .as("%s", file)
                        .isEqualTo("rw-------");
            }
        }
    }

    @Test
    void stopsAtAWrongPassphrase() {
        open("correct horse battery", NOW);
        assertThatThrownBy(() -> open("another horse", NOW))
                .isInstanceOf(StartRefusal.class)
                .hasMessageContaining("issuing-1.key: the passphrase is wrong")
                .hasMessageContaining("pki-passphrase-file")
                .hasMessageNotContaining("another horse");
    }

    @Test
    void stopsAtADamagedOrForeignFile() throws Exception {
        open("correct horse battery", NOW);
        Path issuing = pki.resolve("issuing-1.crt");
        byte[] good = Files.readAllBytes(issuing);
        Files.writeString(issuing, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
        assertThatThrownBy(() -> open("correct horse battery", NOW)).hasMessageContaining("issuing-1.crt: it holds no");
        Files.write(issuing, new byte[PrivateFiles.MAX_BYTES + 1]);
        assertThatThrownBy(() -> open("correct horse battery", NOW))
                .hasMessageContaining("at most " + PrivateFiles.MAX_BYTES);
        Files.delete(issuing);
        Files.createDirectory(issuing);
        assertThatThrownBy(() -> open("correct horse battery", NOW))
                .isInstanceOf(StartRefusal.class)
                .hasMessageContaining("cannot read " + issuing);
        Files.delete(issuing);
        Files.write(issuing, good);
        Files.writeString(pki.resolve("issuing-1.key"), "nothing");
        assertThatThrownBy(() -> open("correct horse battery", NOW)).hasMessageContaining("restore it from a backup");
    }

    @Test
    void neverReplacesALostRoot() throws Exception {
        open("correct horse battery", NOW);
        Files.delete(pki.resolve("root.crt"));
        assertThatThrownBy(() -> open("correct horse battery", NOW))
                .hasMessageContaining("root.crt: no such file")
                .hasMessageContaining("backup");
    }

    @Test
    void finishesACreationThatWasInterrupted() throws Exception {
        open("correct horse battery", NOW);
        Files.delete(pki.resolve("issuing-1.crt"));
        Files.delete(pki.resolve("root.crt"));
        assertThat(open("correct horse battery", NOW).issuing()).hasSize(1);
    }

    @Test
    void startsWithTheRootKeyOffline() throws Exception {
        open("correct horse battery", NOW);
        Path elsewhere = Files.move(pki.resolve("root.key"), data.resolve("usb-stick"));
        assertThat(open("correct horse battery", NOW.plus(YEAR.multipliedBy(4))).issuing())
                .hasSize(1);
        Files.move(elsewhere, pki.resolve("root.key"));
        assertThat(open("correct horse battery", NOW.plus(YEAR.multipliedBy(4))).issuing())
                .hasSize(2);
    }

    @Test
    void rotatesTheIssuingCaInTimeAndTrustsTheOldOne() {
        CertificateAuthority before = open("correct horse battery", NOW);
        assertThat(open("correct horse battery", NOW.plus(YEAR.multipliedBy(2))).issuing())
                .hasSize(1);
        CertificateAuthority after = open("correct horse battery", NOW.plus(YEAR.multipliedBy(4)));
        assertThat(after.issuing()).hasSize(2).contains(before.issuing().getFirst());
        assertThat(after.issuing().getFirst()).isNotEqualTo(before.issuing().getFirst());
        assertThat(after.rootPin()).isEqualTo(before.rootPin());
        assertThat(open("correct horse battery", NOW.plus(YEAR.multipliedBy(6))).issuing())
                .hasSize(1);
    }

    @Test
    void aStolenIssuingCaCanBeGivenUpUnderTheSameRoot() throws Exception {
        CertificateAuthority stolen = open("correct horse battery", NOW);
        KeyPair key = CertificateAuthority.generateKey("secp256r1", RANDOM);
        X509Certificate forged = stolen.signAsset(new AssetId("pump-1"), key.getPublic(), NOW, Duration.ofDays(90));
        Files.delete(pki.resolve("issuing-1.crt"));
        Files.delete(pki.resolve("issuing-1.key"));
        CertificateAuthority after = open("correct horse battery", NOW);
        assertThat(after.rootPin()).isEqualTo(stolen.rootPin());
        assertThat(after.signed(forged)).isFalse();
        assertThat(new AdmissionList(after, new KnownTokens(Clock.systemUTC()), (asset, certificate) -> {})
                        .admit(forged))
                .isInstanceOf(Admission.Decision.Refused.class);
    }

    @Test
    void neverSignsBeyondTheIssuingCa() {
        CertificateAuthority authority = open("correct horse battery", NOW);
        KeyPair key = CertificateAuthority.generateKey("secp256r1", RANDOM);
        X509Certificate asset = authority.signAsset(new AssetId("pump-1"), key.getPublic(), NOW, YEAR.multipliedBy(9));
        assertThat(asset.getNotAfter()).isEqualTo(authority.issuing().getFirst().getNotAfter());
        assertThat(asset.getNotBefore().toInstant()).isBefore(NOW.minusSeconds(299));
    }

    @Test
    void generatesAPassphraseOnceAndNeverForAnExistingCa() throws Exception {
        byte[] generated = Passphrase.resolve(Optional.empty(), pki, RANDOM).secret();
        assertThat(generated)
                .hasSize(43)
                .isEqualTo(Passphrase.resolve(Optional.empty(), pki, RANDOM).secret());
        open("correct horse battery", NOW);
        Files.delete(pki.resolve("passphrase"));
        assertThatThrownBy(() -> Passphrase.resolve(Optional.empty(), pki, RANDOM))
                .hasMessageContaining("there is no passphrase");
    }

    @Test
    void refusesAShortPassphrase() throws Exception {
        Path file = Files.writeString(data.resolve("secret"), "short\n");
        assertThatThrownBy(() -> Passphrase.resolve(Optional.of(file), pki, RANDOM))
                .hasMessageContaining("it has 5 bytes, allowed are 12 to 1024")
                .hasMessageNotContaining("short");
        assertThatThrownBy(() -> Passphrase.resolve(Optional.of(data.resolve("absent")), pki, RANDOM))
                .hasMessageContaining("absent: no such file");
    }

    /** Cheap sealing, because these tests open the CA often. */
    private CertificateAuthority open(String passphrase, Instant now) {
        return new CaDirectory(pki, new KeySeal(passphrase.getBytes(StandardCharsets.UTF_8), 1 << 4, 1), RANDOM)
                .open(now);
    }
}
