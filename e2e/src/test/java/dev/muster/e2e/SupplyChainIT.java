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
import java.util.ArrayList;
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
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * From a tag to an asset: the commands of the examples for CI publish a release and roll it out to a real agent; and the client of
 * The Update Framework inside sigstore-java, which nobody here wrote, believes what the server then gives an asset at device HTTPS, and
 * nothing that somebody has altered on the way.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class SupplyChainIT {
    private static final String PATH = "app/1.0/app.tar.gz";
    private static final Path EXAMPLES = Path.of("..", "examples", "ci");

    @TempDir
    static Path folder;

    @SuppressWarnings("NullAway.Init")
    private static ServerProcess server;

    @SuppressWarnings("NullAway.Init")
    private static CommandLine muster;

    @SuppressWarnings("NullAway.Init")
    private static ReleaseWorkshop workshop;

    @SuppressWarnings("NullAway.Init")
    private static Box box;

    @SuppressWarnings("NullAway.Init")
    private static HttpClient asset;

    private static byte[] content = new byte[0];
    /** The timestamp of before the second publication. */
    private static byte[] before = new byte[0];

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
        server.apply("""
                apiVersion: muster.dev/v1
                kind: Asset
                metadata: {name: box-1, labels: {channel: stable}}
                spec: {type: linux-device}
                """);
        box = new Box(server, server.mqtt(), folder, "box-1", "--release-root=" + workshop.root());
        box.agent().start();
        box.agent().awaitConnected();
        asset = asset("reader");
    }

    @AfterAll
    static void stop() throws Exception {
        try (ServerProcess ending = server;
                Box first = box) {
            assertThat(ending).isNotNull();
            assertThat(first).isNotNull();
        }
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

    /** A checkout of the application, as a CI has it. */
    private static Pipeline checkout(String version) throws Exception {
        Path work = Files.createDirectories(folder.resolve("checkout-" + version));
        workshop.application(version, "exec sleep 1000\n");
        Files.move(folder.resolve("releases").resolve(version), work.resolve("src"));
        String rollout = Files.readString(EXAMPLES.resolve("rollout.yaml"));
        assertThat(rollout).contains("soak: 10m");
        Files.createDirectories(work.resolve("deploy"));
        Files.writeString(work.resolve("deploy/rollout.yaml"), rollout.replace("soak: 10m", "soak: 1s"));
        return new Pipeline(
                work,
                Map.of(
                        "MUSTER_SERVER", server.http().toString(),
                        "MUSTER_TOKEN",
                                server.post("/api/v1/tokens", Map.of("name", "ci-" + version, "role", "operator"))
                                        .path("secret")
                                        .asString(""),
                        "MUSTER_SIGNING_KEY", Files.readString(workshop.keys().resolve("releases-app.key")),
                        "MUSTER_PROVENANCE_KEY",
                                Files.readString(workshop.keys().resolve("releases-app.key")),
                        "RELEASE_ROOT", workshop.root()));
    }

    @Test
    @Order(1)
    void theExampleForGitHubActionsPublishesAndRollsOutToTheCanary() throws Exception {
        checkout("1.0")
                .github(
                        EXAMPLES.resolve("github-actions.yml"),
                        Map.of(
                                "GITHUB_ACTIONS", "true",
                                "GITHUB_SERVER_URL", "https://github.com",
                                "GITHUB_REPOSITORY", "acme/app",
                                "GITHUB_REF_NAME", "v1.0",
                                "GITHUB_SHA", "c0ffee",
                                "GITHUB_RUN_ID", "7"));

        content = Files.readAllBytes(folder.resolve("checkout-1.0/app.tar.gz"));
        assertThat(server.get("/api/v1/assets/box-1/twin")
                        .at("/reported/software/app")
                        .asString(""))
                .isEqualTo("1.0");
        JsonNode release = server.get("/api/v1/releases/app@1.0");
        assertThat(release.at("/builds/0/source").asString("")).isEqualTo("git+https://github.com/acme/app");
        JsonNode use =
                server.get("/api/v1/sbom-components?name=zlib&version=1.3.1").at("/items/0");
        assertThat(use.path("release").asString("") + " on "
                        + use.path("assets").asLong(0))
                .isEqualTo("app@1.0 on 1");
    }

    @Test
    @Order(2)
    void theExampleForGitLabPublishesAndRollsOutByTheSameCommands() throws Exception {
        before = Objects.requireNonNull(get("/v1/tuf/timestamp.json"));
        checkout("1.1")
                .gitlab(
                        EXAMPLES.resolve("gitlab-ci.yml"),
                        Map.of(
                                "GITLAB_CI", "true",
                                "CI_SERVER_URL", "https://gitlab.example",
                                "CI_RUNNER_ID", "12",
                                "CI_PROJECT_URL", "https://gitlab.example/acme/app",
                                "CI_COMMIT_TAG", "v1.1",
                                "CI_COMMIT_SHA", "c0ffee",
                                "CI_PIPELINE_ID", "8",
                                "CI_JOB_URL", "https://gitlab.example/acme/app/-/jobs/9"),
                        List.of("build", "publish"));

        assertThat(server.get("/api/v1/releases/app@1.1")
                        .at("/builds/0/builder")
                        .asString(""))
                .isEqualTo("https://gitlab.example/-/runners/12");
        // what follows is what the other example has done; it is not done twice, for the sake of time
        List<String> canary = new ArrayList<>();
        Pipeline.yaml(EXAMPLES.resolve("gitlab-ci.yml"))
                .at("/canary/script")
                .forEach(line -> canary.add(line.asString("").replaceAll("--reason .*", "")));
        List<String> github = Pipeline.yaml(EXAMPLES.resolve("github-actions.yml"))
                .at("/jobs/release/steps/6/run")
                .asString("")
                .lines()
                .map(line -> line.replaceAll("--reason .*", ""))
                .toList();
        assertThat(canary).isEqualTo(github.subList(2, github.size())).hasSize(4);
    }

    @Test
    @Order(3)
    void theExampleOfAHookIsTaken() throws Exception {
        assertThat(muster.must(
                                "hook",
                                "create",
                                "-f",
                                EXAMPLES.resolve("hook.yaml").toAbsolutePath().toString())
                        .strip())
                .hasSize(64);
    }

    @Test
    @Order(5)
    void itVerifiesARepositoryWhoseRootRotatesAndDownloadsATarget() throws Exception {
        updater.updateMeta();
        long before = believed.getRoot().getSignedMeta().getVersion();
        assertThat(delegated.download("releases-app", PATH)).isEqualTo(content);

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
        assertThat(delegated.download("releases-app", PATH)).isEqualTo(content);
    }

    @Test
    @Order(6)
    void itRefusesAnAlteredTimestamp() throws Exception {
        between.put(
                "timestamp.json", bytes -> replaced(bytes, "\"x-muster-issued\" : \"2", "\"x-muster-issued\" : \"3"));
        assertThatThrownBy(updater::updateMeta).isInstanceOf(SignatureVerificationException.class);
    }

    @Test
    @Order(7)
    void itRefusesAnAlteredReleaseAndAnAlteredArtifact() throws Exception {
        updater.updateMeta();
        between.put("releases-app.json", bytes -> replaced(bytes, "app.tar.gz", "bad.tar.gz"));
        assertThatThrownBy(() -> delegated.download("releases-app", PATH)).isInstanceOf(InvalidHashesException.class);
        between.clear();
        between.put("app.tar.gz", bytes -> {
            bytes[bytes.length / 2] ^= 1;
            return bytes;
        });
        assertThatThrownBy(() -> delegated.download("releases-app", PATH)).isInstanceOf(InvalidHashesException.class);
    }

    @Test
    @Order(8)
    void itRefusesAnOldTimestamp() throws Exception {
        updater.updateMeta();
        between.put("timestamp.json", bytes -> before);
        assertThatThrownBy(updater::updateMeta).isInstanceOf(RollbackVersionException.class);
    }

    @Test
    @Order(9)
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
