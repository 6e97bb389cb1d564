package dev.muster.pki;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.gateway.DevicePlane;
import dev.muster.gateway.config.DevicePlaneConfig;
import dev.muster.gateway.journal.JournalConfig;
import dev.muster.gateway.journal.LocalJournal;
import dev.muster.gateway.port.Admission;
import dev.muster.gateway.port.Artifacts;
import dev.muster.gateway.port.DownlinkSource;
import dev.muster.gateway.port.Enrolment;
import dev.muster.identity.Actor;
import dev.muster.protocol.AssetId;
import dev.muster.registry.Asset;
import dev.muster.registry.Lifecycle;
import dev.muster.registry.asset.AssetService;
import dev.muster.registry.asset.AssetSpec;
import dev.muster.registry.asset.AssetStore;
import dev.muster.testing.TestServer;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An asset's life as its owner would type it, with openssl and curl alone, against the real device plane. */
class DeviceEnrolmentTest {
    @TempDir
    Path directory;

    @SuppressWarnings("NullAway.Init")
    private Openssl openssl;

    @SuppressWarnings("NullAway.Init")
    private TestServer server;

    @SuppressWarnings("NullAway.Init")
    private LocalJournal journal;

    @SuppressWarnings("NullAway.Init")
    private DevicePlane plane;

    @BeforeEach
    void start() throws IOException {
        openssl = new Openssl(directory);
        requireCurl();
        server = TestServer.start(Map.of("device-host-names", "muster.example.com"));
        MeterRegistry meters = new SimpleMeterRegistry();
        journal = LocalJournal.open(JournalConfig.in(directory.resolve("journal")), meters);
        InetSocketAddress free = new InetSocketAddress("127.0.0.1", 0);
        plane = DevicePlane.start(
                DevicePlaneConfig.listeningOn(free, free),
                server.bean(ServerIdentity.class).material(),
                journal,
                server.bean(Admission.class),
                server.bean(Enrolment.class),
                Artifacts.NOTHING,
                server.bean(DownlinkSource.class),
                meters,
                Clock.systemUTC());
        server.bean(LiveSessions.class).attach((asset, reason) -> plane.disconnect(asset, reason));
        Files.copy(server.directory().resolve("pki/root.crt"), openssl.file("root.crt"));
    }

    @AfterEach
    void stop() {
        plane.close();
        journal.close();
        server.close();
    }

    @Test
    void enrolsRenewsAndIsCutOff() throws Exception {
        String token = token(false);
        base64("csr.b64", openssl.request("/CN=pump-1"));
        assertThat(curl("answer.p7", "-u", ":" + token, "--data-binary", "@csr.b64", est("simpleenroll")))
                .isEqualTo(200);
        certificate("answer.p7", "asset.crt");
        assertThat(openssl.run(
                        "verify", "-purpose", "sslclient", "-CAfile", "root.crt", "-untrusted", issuing(), "asset.crt"))
                .contains("OK");

        Files.move(openssl.file("asset.key"), openssl.file("first.key"));
        base64("renew.b64", openssl.request("/CN=pump-1"));
        assertThat(curl(
                        "renewed.p7",
                        "--cert",
                        "asset.crt",
                        "--key",
                        "first.key",
                        "--data-binary",
                        "@renew.b64",
                        est("simplereenroll")))
                .isEqualTo(200);
        certificate("renewed.p7", "renewed.crt");

        try (SSLSocket session = connected("renewed.crt", "asset.key", "pump-1")) {
            assertThat(plane.sessions()).isEqualTo(1);
            server.bean(Certificates.class).revoke(Actor.SYSTEM, serial("renewed.crt"), "stolen");
            assertThat(session.getInputStream().read()).isEqualTo(-1);
        }
        assertThat(isConnected("renewed.crt", "asset.key", "pump-1")).isFalse();
        assertThat(isConnected("asset.crt", "first.key", "pump-1")).isTrue();
        assertThat(curl(
                        "refused",
                        "--cert",
                        "renewed.crt",
                        "--key",
                        "asset.key",
                        "--data-binary",
                        "@renew.b64",
                        est("simplereenroll")))
                .isEqualTo(403);
    }

    @Test
    void quarantineCutsAnAssetOff() throws Exception {
        base64("csr.b64", openssl.request("/CN=pump-2"));
        assertThat(curl("answer.p7", "-u", ":" + token(false), "--data-binary", "@csr.b64", est("simpleenroll")))
                .isEqualTo(200);
        certificate("answer.p7", "asset.crt");
        AssetId id = new AssetId("pump-2");
        Asset asset = server.bean(AssetStore.class).find(id).orElseThrow();
        try (SSLSocket session = connected("asset.crt", "asset.key", "pump-2")) {
            server.bean(AssetService.class)
                    .replace(Actor.SYSTEM, id, AssetSpec.of(asset).withLifecycle(Lifecycle.QUARANTINED), null, "test");
            assertThat(session.getInputStream().read()).isEqualTo(-1);
        }
        assertThat(isConnected("asset.crt", "asset.key", "pump-2")).isFalse();
    }

    @Test
    void theFirstContactIsVerifiedByThePinOfTheToken() throws Exception {
        String token = token(false);
        assertThat(curl("ca.p7", "--insecure", est("cacerts"))).isEqualTo(200);
        openssl.run("base64", "-d", "-in", "ca.p7", "-out", "ca.der");
        openssl.run("pkcs7", "-inform", "DER", "-in", "ca.der", "-print_certs", "-out", "ca.crt");
        List<String> pins = new ArrayList<>();
        for (Certificate certificate : certificates("ca.crt")) {
            pins.add(java.util.Base64.getUrlEncoder()
                    .withoutPadding()
                    .encodeToString(CertificateAuthority.sha256(
                            certificate.getPublicKey().getEncoded())));
        }
        assertThat(pins).contains(token.substring(token.indexOf('.') + 1));
        assertThat(curl("attributes", est("csrattrs"))).isEqualTo(200);
        assertThat(Files.readString(openssl.file("attributes")).strip()).isNotEmpty();
    }

    @Test
    void theServerAnswersToItsConfiguredNameAndNoOther() {
        assertThat(curl(
                        "named",
                        "--connect-to",
                        "muster.example.com::127.0.0.1:",
                        est("cacerts").replace("localhost", "muster.example.com")))
                .isEqualTo(200);
        assertThat(curl(
                        "other",
                        "--connect-to",
                        "other.example.com::127.0.0.1:",
                        est("cacerts").replace("localhost", "other.example.com")))
                .isZero();
    }

    @Test
    void refusesWithTheReasonInTheBody() throws Exception {
        base64("csr.b64", openssl.request("/CN=pump-1", "-addext", "basicConstraints=CA:TRUE"));
        String token = token(false);
        assertThat(curl("refused", "-u", ":" + token, "--data-binary", "@csr.b64", est("simpleenroll")))
                .isEqualTo(400);
        assertThat(Files.readString(openssl.file("refused")))
                .contains("extension_not_allowed", "asks for a CA certificate");
        assertThat(curl("refused", "-u", ":claim_wrong", "--data-binary", "@csr.b64", est("simpleenroll")))
                .isEqualTo(401);
        assertThat(curl("refused", "--data-binary", "@csr.b64", est("simpleenroll")))
                .isEqualTo(401);
        assertThat(curl("refused", "--data-binary", "@csr.b64", est("simplereenroll")))
                .isEqualTo(401);
    }

    private String token(boolean allowReenrol) {
        return server.bean(ClaimTokens.class)
                .create(
                        Actor.SYSTEM,
                        "",
                        new ClaimToken.Grants("sensor", Map.of(), "", "", ""),
                        null,
                        1,
                        Duration.ofHours(1),
                        allowReenrol)
                .text();
    }

    private String est(String operation) {
        return "https://localhost:" + plane.httpsPort() + "/.well-known/est/" + operation;
    }

    private String issuing() {
        return server.directory().resolve("pki/issuing-1.crt").toString();
    }

    /** @return the HTTP status, 0 when there was no answer */
    private int curl(String output, String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                "curl",
                "--silent",
                "--max-time",
                "30",
                "--cacert",
                "root.crt",
                "--output",
                output,
                "--write-out",
                "%{http_code}",
                "--header",
                "Content-Type: application/pkcs10"));
        command.addAll(List.of(arguments));
        try {
            Path status = Files.createTempFile(directory, "curl", ".status");
            Process process = new ProcessBuilder(command)
                    .directory(directory.toFile())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .redirectOutput(status.toFile())
                    .start();
            process.getOutputStream().close();
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError("curl did not end");
            }
            return Integer.parseInt(Files.readString(status).strip());
        } catch (IOException | InterruptedException e) {
            throw new AssertionError("cannot run curl", e);
        }
    }

    private void base64(String file, byte[] content) throws IOException {
        Files.writeString(openssl.file(file), java.util.Base64.getMimeEncoder().encodeToString(content));
    }

    private void certificate(String answer, String file) {
        openssl.run("base64", "-d", "-in", answer, "-out", answer + ".der");
        openssl.run("pkcs7", "-inform", "DER", "-in", answer + ".der", "-print_certs", "-out", file);
    }

    private String serial(String file) throws Exception {
        return IssuedCertificate.serialOf((X509Certificate) certificates(file).getFirst());
    }

    private List<Certificate> certificates(String file) throws IOException, GeneralSecurityException {
        return List.copyOf(CertificateFactory.getInstance("X.509")
                .generateCertificates(new ByteArrayInputStream(Files.readAllBytes(openssl.file(file)))));
    }

    private boolean isConnected(String certificate, String key, String client) throws Exception {
        try (SSLSocket session = connected(certificate, key, client)) {
            return session.isConnected();
        } catch (IOException refused) {
            return false;
        }
    }

    /** A session of MQTT 3.1.1: CONNECT sent, CONNACK with return code 0 read. */
    private SSLSocket connected(String certificate, String key, String client) throws Exception {
        SSLSocket socket =
                (SSLSocket) tls(certificate, key).getSocketFactory().createSocket("localhost", plane.mqttPort());
        try {
            socket.setSoTimeout(30_000);
            byte[] id = client.getBytes(StandardCharsets.US_ASCII);
            byte[] connect = new byte[14 + id.length];
            byte[] header = {0x10, (byte) (12 + id.length), 0, 4, 'M', 'Q', 'T', 'T', 4, 2, 0, 60, 0, (byte) id.length};
            System.arraycopy(header, 0, connect, 0, header.length);
            System.arraycopy(id, 0, connect, header.length, id.length);
            socket.getOutputStream().write(connect);
            InputStream in = socket.getInputStream();
            byte[] answer = in.readNBytes(4);
            if (answer.length < 4 || answer[0] != 0x20 || answer[3] != 0) {
                throw new IOException("not connected");
            }
            return socket;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    private SSLContext tls(String certificate, String key) throws Exception {
        String pem = Files.readString(openssl.file(key));
        byte[] der = Pem.read(pem.getBytes(StandardCharsets.US_ASCII), "PRIVATE KEY", openssl.file(key));
        PrivateKey privateKey = KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(der));
        KeyStore keys = KeyStore.getInstance("PKCS12");
        keys.load(null, null);
        keys.setKeyEntry(
                "asset", privateKey, new char[0], certificates(certificate).toArray(Certificate[]::new));
        KeyManagerFactory keyManagers = KeyManagerFactory.getInstance("PKIX");
        keyManagers.init(keys, new char[0]);
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("root", certificates("root.crt").getFirst());
        TrustManagerFactory trustManagers = TrustManagerFactory.getInstance("PKIX");
        trustManagers.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keyManagers.getKeyManagers(), trustManagers.getTrustManagers(), null);
        return context;
    }

    private static void requireCurl() {
        boolean there;
        try {
            there = new ProcessBuilder("curl", "--version")
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException | InterruptedException e) {
            there = false;
        }
        if (!there && "true".equals(System.getenv("CI"))) {
            throw new AssertionError("curl is missing; apt install curl");
        }
        Assumptions.assumeTrue(there, "SKIPPED: curl is missing; apt install curl");
    }
}
