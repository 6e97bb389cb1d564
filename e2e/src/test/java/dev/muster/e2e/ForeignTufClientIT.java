package dev.muster.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.protocol.tuf.Metadata;
import dev.muster.protocol.tuf.MetadataReader;
import dev.muster.protocol.tuf.SignedDocument;
import dev.muster.protocol.tuf.SigningKey;
import dev.sigstore.tuf.DelegatedTargets;
import dev.sigstore.tuf.Fetcher;
import dev.sigstore.tuf.FileSystemTufStore;
import dev.sigstore.tuf.InvalidHashesException;
import dev.sigstore.tuf.MetaFetcher;
import dev.sigstore.tuf.PassthroughCacheMetaStore;
import dev.sigstore.tuf.RollbackVersionException;
import dev.sigstore.tuf.SignatureVerificationException;
import dev.sigstore.tuf.TrustedMetaStore;
import dev.sigstore.tuf.Updater;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * The client of The Update Framework inside sigstore-java, which nobody here wrote, against what a real server gives an asset at
 * device HTTPS: it believes what is right, and nothing that somebody has altered on the way.
 */
class ForeignTufClientIT {
    private static final String PATH = "app/1.0/app.bin";
    private static final byte[] CONTENT = "the application".getBytes(StandardCharsets.UTF_8);

    @TempDir
    static Path folder;

    @SuppressWarnings("NullAway.Init")
    private static ServerProcess server;

    @SuppressWarnings("NullAway.Init")
    private static CommandLine muster;

    @SuppressWarnings("NullAway.Init")
    private static ReleaseWorkshop workshop;

    @SuppressWarnings("NullAway.Init")
    private static HttpClient asset;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path state;

    /** What somebody between server and asset does to a file. */
    private final Map<String, UnaryOperator<byte[]>> between = new HashMap<>();

    @SuppressWarnings("NullAway.Init")
    private Updater updater;

    @SuppressWarnings("NullAway.Init")
    private DelegatedTargets delegated;

    @SuppressWarnings("NullAway.Init")
    private TrustedMetaStore believed;

    @BeforeAll
    static void start() throws Exception {
        server = new ServerProcess(folder.resolve("data"), Map.of(), List.of());
        server.start();
        muster = new CommandLine(server, folder.resolve("cli"));
        workshop = new ReleaseWorkshop(muster, folder.resolve("releases"), "app");
        workshop.publish(
                "app", "1.0", Files.write(folder.resolve("app.bin"), CONTENT).toString());
        asset = asset("box-1");
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
    }

    @BeforeEach
    void client() throws Exception {
        byte[] first = get("/v1/tuf/1.root.json");
        FileSystemTufStore store = FileSystemTufStore.newFileSystemStore(state);
        believed = TrustedMetaStore.newTrustedMetaStore(PassthroughCacheMetaStore.newPassthroughMetaCache(store));
        Fetcher metadata = fetcher("/v1/tuf/");
        updater = Updater.builder()
                .setTrustedRootPath(() -> new String(first, StandardCharsets.UTF_8))
                .setMetaFetcher(MetaFetcher.newFetcher(metadata))
                .setTargetFetcher(fetcher("/v1/targets/"))
                .setTrustedMetaStore(believed)
                .setTargetStore(store)
                .build();
        delegated = new DelegatedTargets(updater, believed, store, metadata);
    }

    @Test
    void itVerifiesARepositoryWhoseRootRotatesAndDownloadsATarget() throws Exception {
        updater.updateMeta();
        long before = believed.getRoot().getSignedMeta().getVersion();
        assertThat(delegated.download("releases-app", PATH)).isEqualTo(CONTENT);

        // two of three people from now on; the next root is signed by the old and the new
        String draft = folder.resolve("root.next").toString();
        String key = workshop.keys().resolve("root.key").toString();
        muster.must(
                "release",
                "keys",
                "rotate",
                "root",
                "--plain",
                "--key",
                key,
                "--threshold",
                "2",
                "--draft",
                draft,
                "--new",
                folder.resolve("root2.key").toString(),
                "--new",
                folder.resolve("root3.key").toString());
        muster.must("release", "keys", "publish", draft);
        updater.updateMeta();

        assertThat(believed.getRoot().getSignedMeta().getVersion()).isEqualTo(before + 1);
        assertThat(Objects.requireNonNull(
                                believed.getRoot().getSignedMeta().getRoles().get("root"))
                        .getThreshold())
                .isEqualTo(2);
        assertThat(delegated.download("releases-app", PATH)).isEqualTo(CONTENT);
    }

    @Test
    void itRefusesAnAlteredTimestamp() throws Exception {
        between.put(
                "timestamp.json", bytes -> replaced(bytes, "\"x-muster-issued\" : \"2", "\"x-muster-issued\" : \"3"));
        assertThatThrownBy(updater::updateMeta).isInstanceOf(SignatureVerificationException.class);
    }

    @Test
    void itRefusesAnAlteredReleaseAndAnAlteredArtifact() throws Exception {
        updater.updateMeta();
        between.put("releases-app.json", bytes -> replaced(bytes, "app.bin", "bad.bin"));
        assertThatThrownBy(() -> delegated.download("releases-app", PATH)).isInstanceOf(InvalidHashesException.class);
        between.clear();
        between.put("app.bin", bytes -> replaced(bytes, "the", "The"));
        assertThatThrownBy(() -> delegated.download("releases-app", PATH)).isInstanceOf(InvalidHashesException.class);
    }

    @Test
    void itRefusesAnOldTimestamp() throws Exception {
        byte[] old = get("/v1/tuf/timestamp.json");
        workshop.publish(
                "app",
                "1.1",
                Files.writeString(folder.resolve("app.1.1.bin"), "another").toString());
        updater.updateMeta();
        between.put("timestamp.json", bytes -> old);
        assertThatThrownBy(updater::updateMeta).isInstanceOf(RollbackVersionException.class);
    }

    @Test
    void itRefusesARootThatTheOneBeforeHasNotSigned() throws Exception {
        Metadata.Root root = MetadataReader.root(
                SignedDocument.parse(Objects.requireNonNull(get("/v1/tuf/1.root.json")), "root.json"));
        SigningKey thief = SigningKey.generate(new SecureRandom());
        byte[] forged = SignedDocument.sign(
                        new Metadata.Root(2, root.expires(), root.roles()).signed(), "root.json", List.of(thief))
                .bytes();
        between.put("root.json", bytes -> forged);
        assertThatThrownBy(updater::updateMeta).isInstanceOf(SignatureVerificationException.class);
    }

    /** Of files that are named {@code VERSION.NAME} or {@code SHA256.NAME}, as consistent snapshots want it. */
    private Fetcher fetcher(String base) {
        return new Fetcher() {
            @Override
            public String getSource() {
                return base;
            }

            @Override
            public byte @Nullable [] fetchResource(String file, int maxLength) throws IOException {
                byte @Nullable [] found = get(base + file);
                String name = file.substring(file.lastIndexOf('/') + 1).replaceFirst("^([0-9]+|[0-9a-f]{64})\\.", "");
                UnaryOperator<byte[]> altered = between.get(name);
                if (altered != null) {
                    return altered.apply(found == null ? new byte[0] : found);
                }
                return found;
            }
        };
    }

    private static byte @Nullable [] get(String path) throws IOException {
        try {
            HttpResponse<byte[]> answer = asset.send(
                    HttpRequest.newBuilder(URI.create(server.device() + path)).build(),
                    HttpResponse.BodyHandlers.ofByteArray());
            if (answer.statusCode() == 404) {
                return null;
            }
            if (answer.statusCode() != 200) {
                throw new IOException(path + ": " + answer.statusCode());
            }
            return answer.body();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    private static byte[] replaced(byte[] bytes, String from, String to) {
        String text = new String(bytes, StandardCharsets.UTF_8);
        assertThat(text).contains(from);
        return text.replace(from, to).getBytes(StandardCharsets.UTF_8);
    }

    // ---- the asset's own certificate

    private static HttpClient asset(String id) throws Exception {
        server.post("/api/v1/assets", Map.of("id", id, "type", "linux-device"));
        JsonNode credentials = server.post("/api/v1/assets/" + id + "/credentials", Map.of());
        KeyStore keys = KeyStore.getInstance("PKCS12");
        keys.load(null, null);
        keys.setKeyEntry(
                "asset",
                key(credentials.path("key").asString("")),
                new char[0],
                certificates(credentials.path("certificate").asString("")));
        KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        own.init(keys, new char[0]);
        KeyStore anchors = KeyStore.getInstance("PKCS12");
        anchors.load(null, null);
        anchors.setCertificateEntry(
                "root", certificates(Files.readString(server.dataDirectory().resolve("pki/root.crt")))[0]);
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(anchors);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(own.getKeyManagers(), trust.getTrustManagers(), null);
        return HttpClient.newBuilder()
                .sslContext(context)
                .version(HttpClient.Version.HTTP_1_1)
                .build();
    }

    private static PrivateKey key(String pem) throws Exception {
        String body = pem.replaceAll("-----[A-Z ]+-----", "").replaceAll("\\s", "");
        return KeyFactory.getInstance("EC")
                .generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(body)));
    }

    private static Certificate[] certificates(String pem) throws Exception {
        try (InputStream in = new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII))) {
            return CertificateFactory.getInstance("X.509")
                    .generateCertificates(in)
                    .toArray(Certificate[]::new);
        }
    }
}
