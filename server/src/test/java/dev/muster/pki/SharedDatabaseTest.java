package dev.muster.pki;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.gateway.port.Admission;
import dev.muster.gateway.port.Admission.Decision;
import dev.muster.identity.Actor;
import dev.muster.platform.error.StartRefusal;
import dev.muster.platform.testing.TestDatabase;
import dev.muster.protocol.AssetId;
import dev.muster.registry.Lifecycle;
import dev.muster.registry.asset.AssetService;
import dev.muster.registry.asset.AssetSpec;
import dev.muster.testing.TestServer;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two servers on one database: they share the CA, and hear of each other's revocations. */
class SharedDatabaseTest {
    @TempDir
    Path directory;

    @Test
    void whatOneServerRevokesOrBlocksTheOtherRefusesToo() throws Exception {
        String database = TestDatabase.freshUrl();
        try (TestServer one = TestServer.start(Map.of("db-url", database))) {
            copyCa(one.directory(), directory);
            try (TestServer two = TestServer.start(Map.of("db-url", database, "data-dir", directory.toString()))) {
                ConcurrentLinkedQueue<String> closed = new ConcurrentLinkedQueue<>();
                two.bean(LiveSessions.class).attach((asset, reason) -> closed.add(asset.value()));
                X509Certificate pump = credentials(one, "pump-1");
                X509Certificate truck = credentials(one, "truck-1");
                Admission other = two.bean(Admission.class);
                assertThat(other.admit(pump)).isInstanceOf(Decision.Admitted.class);

                one.bean(Certificates.class).revoke(Actor.SYSTEM, IssuedCertificate.serialOf(pump), "stolen");
                AssetService assets = one.bean(AssetService.class);
                assets.replace(
                        Actor.SYSTEM,
                        new AssetId("truck-1"),
                        spec().withLifecycle(Lifecycle.QUARANTINED),
                        null,
                        "test");

                Await.until(
                        "the other server refuses the revoked", () -> other.admit(pump) instanceof Decision.Refused);
                Await.until(
                        "the other server refuses the blocked", () -> other.admit(truck) instanceof Decision.Refused);
                Await.until(
                        "the other server closes sessions",
                        () -> closed.contains("pump-1") && closed.contains("truck-1"));
            }
            try (TestServer again = TestServer.start(Map.of("db-url", database, "data-dir", directory.toString()))) {
                assertThat(again.bean(AdmissionList.class).revokedCount()).isEqualTo(1);
                assertThat(again.bean(AdmissionList.class).blockedCount()).isEqualTo(1);
            }
        }
    }

    @Test
    void aServerWithAnotherCaDoesNotStart() {
        String database = TestDatabase.freshUrl();
        try (TestServer one = TestServer.start(Map.of("db-url", database))) {
            assertThat(one.bean(CertificateAuthority.class).issuing()).hasSize(1);
            assertThatThrownBy(
                            () -> TestServer.start(Map.of("db-url", database)).close())
                    .rootCause()
                    .isInstanceOf(StartRefusal.class)
                    .hasMessageContaining("the database belongs to the root CA")
                    .hasMessageContaining("backup");
        }
    }

    @Test
    void aWrongPassphraseStopsTheStart() throws Exception {
        Path right = Files.writeString(directory.resolve("right"), "correct horse battery\n");
        Path wrong = Files.writeString(directory.resolve("wrong"), "another horse battery\n");
        String database = TestDatabase.freshUrl();
        Path data = directory.resolve("data");
        TestServer.start(Map.of(
                        "db-url", database, "data-dir", data.toString(), "pki-passphrase-file", right.toString()))
                .close();
        assertThat(data.resolve("pki/passphrase")).doesNotExist();
        assertThatThrownBy(() -> TestServer.start(Map.of(
                                "db-url", database,
                                "data-dir", data.toString(),
                                "pki-passphrase-file", wrong.toString()))
                        .close())
                .rootCause()
                .isInstanceOf(StartRefusal.class)
                .hasMessageContaining("the passphrase is wrong");
    }

    private static X509Certificate credentials(TestServer server, String id) throws Exception {
        server.bean(AssetService.class).create(Actor.SYSTEM, new AssetId(id), spec(), "test");
        String pem = server.bean(Certificates.class)
                .credentials(Actor.SYSTEM, id, "192.0.2.1")
                .chain();
        return (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)));
    }

    private static AssetSpec spec() {
        return new AssetSpec("sensor", Map.of(), "", "", "", "", null);
    }

    private static void copyCa(Path from, Path to) throws Exception {
        Path target = Files.createDirectories(to.resolve("pki"));
        try (var files = Files.list(from.resolve("pki"))) {
            for (Path file : files.toList()) {
                Files.copy(file, target.resolve(file.getFileName().toString()));
            }
        }
    }
}
