package dev.muster.release;

import static dev.muster.release.Signers.artifact;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.protocol.tuf.MetadataSource;
import dev.muster.protocol.tuf.Sha256;
import dev.muster.protocol.tuf.TargetFile;
import dev.muster.protocol.tuf.UpdateClient;
import dev.muster.release.metadata.OnlineKeys;
import dev.muster.release.metadata.SignedRepository;
import dev.muster.testing.TestServer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
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
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Clock;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** A release on its whole way: uploaded and published over the management API, fetched and verified by an asset. */
class ReleasesOverHttpTest {
    private static final JsonMapper JSON = JsonMapper.shared();

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path directory;

    private static final byte[] CONTENT = bytes(11);
    private static final TargetFile FILE = artifact("app", "1.0.0", CONTENT, "asset.type == 'sensor'", "rpi4");
    private static final byte[] SBOM = Signers.sbom("log4j-core", "2.14.1");
    private static final byte[] OTHER = bytes(12);

    @SuppressWarnings("NullAway.Init")
    private static TestServer server;

    @BeforeAll
    static void start() {
        server = TestServer.start();
        publish();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static byte[] bytes(long seed) {
        byte[] bytes = new byte[300_000];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    @Test
    void whatIsPublishedIsWhatAnAssetInstalls() throws Exception {
        HttpClient asset = asset("pump-7");
        UpdateClient client = UpdateClient.in(directory.resolve("trust"), source(asset), Clock.systemUTC());
        client.pinRoot(json("GET", "/api/v1/tuf", null, 200).path("rootSha256").asString(""));

        client.refresh();
        TargetFile found = client.find("app/1.0.0/file.bin");
        found.requireFits("app", "1.0.0", "rpi4");
        HttpResponse<Path> downloaded = asset.send(
                HttpRequest.newBuilder(device(ReleaseCatalog.download(found).url()))
                        .build(),
                HttpResponse.BodyHandlers.ofFile(directory.resolve("downloaded")));
        found.verify(downloaded.body());

        assertThat(found).isEqualTo(FILE);
        assertThat(Files.readAllBytes(downloaded.body())).isEqualTo(CONTENT);
        assertThat(json("POST", "/api/v1/releases/app@1.0.0/quarantine", "{\"reason\":\"bricks the pump\"}", 200)
                        .path("status")
                        .asString(""))
                .isEqualTo("quarantined");
        HttpResponse<String> refused = asset.send(
                HttpRequest.newBuilder(device("/v1/artifacts/sha256/" + FILE.sha256()))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(refused.statusCode()).isEqualTo(403);
        assertThat(refused.body()).contains("\"code\":\"quarantined\"");
    }

    @Test
    void anUploadGoesOnWhereItEndedAndADownloadToo() {
        assertThat(json("GET", artifactPath(OTHER), null, 200)).hasToString(progress(0, false));
        assertThat(json(piece(OTHER, 0, 100_000), 200)).hasToString(progress(100_000, false));
        assertThat(json(piece(OTHER, 0, 100_000), 409).path("detail").asString(""))
                .isEqualTo("the piece of artifact " + Sha256.of(OTHER)
                        + " begins at 0, 100000 bytes are there; go on from there");
        assertThat(json(piece(OTHER, 100_000, 300_000), 200)).hasToString(progress(300_000, true));

        HttpResponse<String> part = server.send(
                server.adminRequest(artifactPath(OTHER) + "/content").header("Range", "bytes=299990-"));
        assertThat(part.statusCode()).isEqualTo(206);
        assertThat(part.headers().firstValue("content-range")).contains("bytes 299990-299999/300000");
        assertThat(part.headers().firstValue("etag")).contains("\"" + Sha256.of(OTHER) + "\"");
        assertThat(json("GET", "/api/v1/audit?action=artifact.upload", null, 200)
                        .path("items")
                        .size())
                .isPositive();
    }

    @Test
    void theListIsReadInPages() {
        JsonNode list = json("GET", "/api/v1/releases?limit=1", null, 200);
        assertThat(list.path("items").get(0).path("name").asString("")).isEqualTo("app@1.0.0");
        assertThat(list.path("items")
                        .get(0)
                        .path("files")
                        .get(0)
                        .path("hardware")
                        .get(0)
                        .asString(""))
                .isEqualTo("rpi4");
        assertThat(json("GET", "/api/v1/releases/app@2.0.0", null, 404)
                        .path("detail")
                        .asString(""))
                .isEqualTo(
                        "there is no release app@2.0.0; names are component@version, GET /api/v1/releases lists them");
    }

    @Test
    void whatContainsAComponentAndWhereItRunsIsAsked() {
        JsonNode found = json(
                "GET", "/api/v1/sbom-components?purl=pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1", null, 200);
        assertThat(found.path("items"))
                .hasToString("[{\"release\":\"app@1.0.0\",\"status\":\""
                        + found.at("/items/0/status").asString("")
                        + "\",\"component\":{\"type\":\"library\",\"group\":\"org.apache.logging.log4j\","
                        + "\"name\":\"log4j-core\",\"version\":\"2.14.1\",\"purl\":"
                        + "\"pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1?type=jar\"},\"assets\":0,"
                        + "\"selector\":\"asset.software['app'] == '1.0.0'\"}]");
        assertThat(json("GET", "/api/v1/sbom-components?name=log4j-core&version=2.17.0", null, 200)
                        .path("items"))
                .isEmpty();
        json("GET", "/api/v1/sbom-components", null, 400);
        json("GET", "/api/v1/sbom-components?name=a&purl=b", null, 400);
        JsonNode release = json("GET", "/api/v1/releases/app@1.0.0", null, 200);
        assertThat(release.path("sbomComponents").asInt()).isEqualTo(1);
        assertThat(release.at("/builds/0/builder").asString("")).isEqualTo("https://ci.example/runner");
        assertThat(json("GET", "/api/v1/releases/app@1.0.0/sbom", null, 200)).isEqualTo(JSON.readTree(SBOM));
        assertThat(json("GET", "/api/v1/releases/app@1.0.0/provenance", null, 200)
                        .path("payloadType")
                        .asString(""))
                .isEqualTo("application/vnd.in-toto+json");
    }

    private static void publish() {
        OnlineKeys online = server.bean(SignedRepository.class).keys();
        Signers signers = new Signers(
                9,
                online.snapshot().publicKey(),
                online.timestamp().publicKey(),
                Clock.systemUTC().instant());
        byte[] provenance = signers.provenance(CONTENT);
        for (byte[] content : List.of(CONTENT, SBOM, provenance)) {
            json(piece(content, 0, content.length), 200);
        }
        TargetFile[] files = {
            FILE,
            Signers.file("app", "1.0.0", "sbom.json", SBOM, Signers.kind("app", "1.0.0", TargetFile.Kind.SBOM)),
            Signers.file(
                    "app", "1.0.0", "p.jsonl", provenance, Signers.kind("app", "1.0.0", TargetFile.Kind.PROVENANCE))
        };
        ObjectNode body = JSON.createObjectNode();
        ObjectNode metadata = body.putObject("metadata");
        Map.of(
                        "root", signers.root(1, signers.root),
                        "targets", signers.targets(1, signers.targets, "app"),
                        "releases-app", signers.releases(1, signers.ci, files))
                .forEach((role, document) -> metadata.put(role, new String(document, StandardCharsets.UTF_8)));
        JsonNode published = json("POST", "/api/v1/tuf", body.toString(), 200);
        assertThat(published.path("releases").get(0).asString("")).isEqualTo("app@1.0.0");
    }

    private static String artifactPath(byte[] content) {
        return "/api/v1/artifacts/" + Sha256.of(content);
    }

    private static HttpRequest.Builder piece(byte[] content, int from, int to) {
        return server.adminRequest(artifactPath(content))
                .header("Content-Type", "application/octet-stream")
                .header("Upload-Offset", Integer.toString(from))
                .header("Upload-Length", Integer.toString(content.length))
                .method("PATCH", HttpRequest.BodyPublishers.ofByteArray(Arrays.copyOfRange(content, from, to)));
    }

    private static String progress(long size, boolean complete) {
        return "{\"sha256\":\"" + Sha256.of(OTHER) + "\",\"size\":" + size + ",\"complete\":" + complete + "}";
    }

    private static JsonNode json(String method, String path, @Nullable String body, int status) {
        HttpRequest.Builder request = server.adminRequest(path).header("Content-Type", "application/json");
        return json(
                request.method(
                        method,
                        body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body)),
                status);
    }

    private static JsonNode json(HttpRequest.Builder request, int status) {
        HttpResponse<String> answer = server.send(request);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        return JSON.readTree(answer.body());
    }

    // ---- the asset

    private static URI device(String path) {
        try {
            JsonNode running =
                    JSON.readTree(Files.readAllBytes(server.directory().resolve("run/server.json")));
            return URI.create(running.path("device").asString("") + path);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static MetadataSource source(HttpClient asset) {
        return (name, maxBytes) -> {
            try {
                HttpResponse<byte[]> answer = asset.send(
                        HttpRequest.newBuilder(device("/v1/tuf/" + name)).build(),
                        HttpResponse.BodyHandlers.limiting(HttpResponse.BodyHandlers.ofByteArray(), maxBytes));
                return answer.statusCode() == 404 ? Optional.empty() : Optional.of(answer.body());
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        };
    }

    private static HttpClient asset(String id) throws Exception {
        json("POST", "/api/v1/assets", "{\"id\":\"" + id + "\",\"type\":\"sensor\"}", 201);
        JsonNode credentials = json("POST", "/api/v1/assets/" + id + "/credentials", "{}", 201);
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
                "root", certificates(Files.readString(server.directory().resolve("pki/root.crt")))[0]);
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
        return CertificateFactory.getInstance("X.509")
                .generateCertificates(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)))
                .toArray(Certificate[]::new);
    }
}
