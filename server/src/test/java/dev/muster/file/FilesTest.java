package dev.muster.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.muster.gateway.port.FileIntake;
import dev.muster.gateway.port.FileIntake.Announced;
import dev.muster.gateway.port.FileIntake.Said;
import dev.muster.protocol.AssetId;
import dev.muster.testing.Shell;
import dev.muster.testing.TestAsset;
import dev.muster.testing.TestServer;
import io.tus.java.client.TusClient;
import io.tus.java.client.TusURLMemoryStore;
import io.tus.java.client.TusUpload;
import io.tus.java.client.TusUploader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.Random;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Files from assets as curl sends them, as people read them, and as they go. */
class FilesTest {
    private static final String QUOTA = "8MiB";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private static Path folder;

    @SuppressWarnings("NullAway.Init")
    private static TestServer server;

    @BeforeAll
    static void start() throws IOException {
        Shell.require("curl");
        server = TestServer.start(Map.of("file-quota", QUOTA, "file-max-bytes", "6MiB", "file-disk-reserve", "0"));
        for (String id : new String[] {"cam-1", "cam-2", "cam-3", "cam-4", "cam-5", "cam-6"}) {
            TestAsset asset = TestAsset.enrol(server, id, "sensor");
            Files.write(folder.resolve(id + ".crt"), asset.certificatePem());
            Files.write(folder.resolve(id + ".key"), asset.keyPem());
            Files.write(folder.resolve("ca.crt"), asset.caPem());
            Files.writeString(folder.resolve("url"), asset.httpsUrl());
        }
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
    }

    /** As an asset; prints headers and body, then the status. */
    private static String curl(String asset, String arguments) throws IOException {
        return Shell.run(
                folder,
                "curl -sS -D - --cacert ca.crt --cert %s.crt --key %s.key -w '\\nstatus %%{http_code}' "
                                .formatted(asset, asset)
                        + arguments.replace("$URL", Files.readString(folder.resolve("url"))));
    }

    private static byte[] written(String name, int bytes, long seed) throws IOException {
        byte[] content = new byte[bytes];
        new Random(seed).nextBytes(content);
        Files.write(folder.resolve(name), content);
        return content;
    }

    private static HttpResponse<String> admin(HttpRequest.Builder request) {
        return server.send(request);
    }

    private static JsonNode json(String path) {
        HttpResponse<String> answer = admin(server.adminRequest(path).GET());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return JsonMapper.shared().readTree(answer.body());
    }

    private static String id(String answer) {
        return answer.replaceAll("(?s).*\"id\":\"([0-9a-f-]{36})\".*", "$1");
    }

    private static String location(String answer) {
        return answer.replaceAll("(?s).*[Ll]ocation: (\\S+).*", "$1");
    }

    @Test
    void whatCurlSendsIsThereForWhoeverMayReadItAndNeverComesBackAsAPage() throws Exception {
        byte[] content = written("evil.html", 300_000, 1);

        String sent = curl(
                "cam-1",
                "-X POST -H 'Content-Type: text/html' --data-binary @evil.html"
                        + " '$URL/v1/files?name=evil.html&kind=log&taken=2026-03-01T12:00:00Z&label.trip=17'");

        assertThat(sent).endsWith("status 201");
        String id = id(sent);
        String sha256 =
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        JsonNode shown = json("/api/v1/files?asset=cam-1").at("/items/0");
        assertThat(shown.at("/id").asString()).isEqualTo(id);
        assertThat(shown.at("/name").asString()).isEqualTo("evil.html");
        assertThat(shown.at("/kind").asString()).isEqualTo("log");
        assertThat(shown.at("/mediaType").asString()).isEqualTo("text/html");
        assertThat(shown.at("/size").asLong()).isEqualTo(300_000);
        assertThat(shown.at("/sha256").asString()).isEqualTo(sha256);
        assertThat(shown.at("/takenAt").asString()).isEqualTo("2026-03-01T12:00:00Z");
        assertThat(shown.at("/labels/trip").asString()).isEqualTo("17");

        String read = Shell.run(
                folder,
                "curl -sS -D read.headers -o read -H 'Authorization: Bearer %s' %s/api/v1/files/%s/content"
                        .formatted(server.adminToken(), server.url(), id));
        assertThat(read).isEmpty();
        assertThat(Files.readAllBytes(folder.resolve("read"))).isEqualTo(content);
        assertThat(Files.readString(folder.resolve("read.headers")))
                .contains("Content-Type: application/octet-stream")
                .contains("attachment;")
                .contains("evil.html")
                .contains("X-Content-Type-Options: nosniff")
                .contains("sandbox");
        HttpResponse<String> range =
                admin(server.adminRequest("/api/v1/files/" + id + "/content").header("Range", "bytes=0-9"));
        assertThat(range.statusCode()).isEqualTo(206);
        assertThat(range.headers().firstValue("Content-Range")).contains("bytes 0-9/300000");
        assertThat(json("/api/v1/audit?object=asset/cam-1").toString()).contains("file.read");

        String again = curl("cam-1", "-X POST --data-binary @evil.html '$URL/v1/files?name=evil.html'");
        assertThat(again).endsWith("status 200");
        assertThat(id(again)).isEqualTo(id);
    }

    @Test
    void anotherAssetReadsWritesAndEndsNothing() throws Exception {
        written("mine", 2_000, 2);
        String begun = curl(
                "cam-2",
                "-X POST -H 'Tus-Resumable: 1.0.0' -H 'Upload-Length: 2000' -H 'Upload-Metadata: filename bWluZQ=='"
                        + " $URL/v1/files");
        assertThat(begun).endsWith("status 201");
        String upload = location(begun);

        assertThat(curl("cam-3", "-I -H 'Tus-Resumable: 1.0.0' $URL" + upload)).endsWith("status 404");
        assertThat(curl("cam-3", "-X DELETE -H 'Tus-Resumable: 1.0.0' $URL" + upload))
                .endsWith("status 404");
        assertThat(curl(
                        "cam-3",
                        "-X PATCH -H 'Tus-Resumable: 1.0.0' -H 'Upload-Offset: 0' --data-binary @mine"
                                + " -H 'Content-Type: application/offset+octet-stream' $URL" + upload))
                .endsWith("status 404");
        assertThat(curl("cam-3", "$URL" + upload)).as("no way to content").endsWith("status 405");
        assertThat(curl("cam-3", "-X POST --data-binary @mine '$URL/v1/assets/cam-2/files?name=mine'"))
                .contains("other_asset")
                .endsWith("status 403");
        assertThat(curl("cam-2", "-I -H 'Tus-Resumable: 1.0.0' $URL" + upload))
                .contains("Upload-Offset: 0")
                .endsWith("status 200");

        // By its hash, where artifacts of releases are: neither for assets nor for those who may read releases.
        String sent = curl("cam-2", "-X POST --data-binary @mine '$URL/v1/files?name=mine'");
        String sha256 = JsonMapper.shared()
                .readTree(sent.substring(sent.indexOf('{'), sent.indexOf('}') + 1))
                .at("/sha256")
                .asString();
        assertThat(curl("cam-3", "$URL/v1/artifacts/sha256/" + sha256)).endsWith("status 404");
        assertThat(json("/api/v1/artifacts/" + sha256).at("/complete").asBoolean())
                .isFalse();
    }

    @Test
    void whatIsTooLargeOrTooMuchIsRefusedBeforeItIsSent() throws Exception {
        written("seven", 7 << 20, 3);
        written("five", 5 << 20, 4);

        assertThat(curl("cam-4", "-X POST --data-binary @seven '$URL/v1/files?name=seven'"))
                .contains("too_large", "allowed are 6291456")
                .doesNotContain("100 Continue")
                .endsWith("status 413");
        assertThat(curl("cam-4", "-X POST --data-binary @five '$URL/v1/files?name=five'"))
                .endsWith("status 201");
        assertThat(curl("cam-4", "-X POST --data-binary @five '$URL/v1/files?name=another'"))
                .contains("\"code\":\"quota\"", "8388608 are allowed")
                .endsWith("status 507");
        assertThat(curl("cam-4", "-X POST --data-binary @five '$URL/v1/files?name=../../etc/passwd'"))
                .contains("malformed")
                .endsWith("status 400");
        assertThat(curl(
                        "cam-4",
                        "-X POST -H 'Repr-Digest: sha-256=:"
                                + Base64.getEncoder().encodeToString(new byte[32])
                                + ":' --data 'x' '$URL/v1/files?name=wrong'"))
                .contains("digest_mismatch")
                .endsWith("status 422");
    }

    @Test
    void whatWasCutGoesOnWhereItWasAndIsWholeAtTheEnd() throws Exception {
        byte[] content = written("long", 3 << 20, 5);
        String digest = Base64.getEncoder()
                .encodeToString(MessageDigest.getInstance("SHA-256").digest(content));
        String upload = location(curl(
                "cam-5",
                "-X POST -H 'Tus-Resumable: 1.0.0' -H 'Upload-Length: 3145728' -H 'Repr-Digest: sha-256=:" + digest
                        + ":' -H 'Upload-Metadata: filename bG9uZw==,kind dmlkZW8=' $URL/v1/files"));
        String piece = "-X PATCH -H 'Tus-Resumable: 1.0.0' -H 'Content-Type: application/offset+octet-stream' ";

        // A client that is killed in the middle of its first piece.
        String url = Files.readString(folder.resolve("url"));
        Process killed = new ProcessBuilder(
                        "sh",
                        "-c",
                        "exec curl -sS --limit-rate 600k --cacert ca.crt --cert cam-5.crt --key cam-5.key -H 'Upload-Offset: 0' "
                                + piece + " --data-binary @long " + url + upload)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        Path part = server.directory().resolve("files/uploads/" + upload.substring(upload.lastIndexOf('/') + 1));
        await().until(() -> Files.exists(part) && Files.size(part) > 100_000);
        killed.destroyForcibly().waitFor();

        String head = "-I -H 'Tus-Resumable: 1.0.0' $URL" + upload;
        await().until(() -> offset(curl("cam-5", head)) > 100_000);
        long offset = offset(curl("cam-5", head));
        assertThat(offset).isLessThan(3 << 20);
        assertThat(curl("cam-5", piece + "-H 'Upload-Offset: 1' --data-binary 'x' $URL" + upload))
                .contains("conflict", offset + " bytes are there")
                .endsWith("status 409");
        Shell.run(folder, "tail -c +%d long >rest".formatted(offset + 1));
        assertThat(curl("cam-5", piece + "-H 'Upload-Offset: " + offset + "' --data-binary @rest $URL" + upload))
                .contains("Upload-Offset: 3145728")
                .endsWith("status 204");

        assertThat(offset(curl("cam-5", head))).as("a lost answer is no matter").isEqualTo(3 << 20);
        JsonNode file = json("/api/v1/files?asset=cam-5").at("/items/0");
        assertThat(file.at("/kind").asString()).isEqualTo("video");
        assertThat(Files.readAllBytes(stored(file.at("/sha256").asString()))).isEqualTo(content);
        assertThat(part).doesNotExist();
    }

    /** tus-java-client, which sends by POST with X-HTTP-Method-Override where it knows no PATCH. */
    @Test
    void aClientOfTusThatNobodyHereWroteGoesOnAfterItWasEnded() throws Exception {
        byte[] content = written("tus", 500_000, 8);
        TusURLMemoryStore remembered = new TusURLMemoryStore();
        TusUploader first =
                tus(remembered).createUpload(new TusUpload(folder.resolve("tus").toFile()));
        first.setChunkSize(64 * 1024);
        first.setRequestPayloadSize(128 * 1024);
        for (int chunk = 0; chunk < 3; chunk++) {
            first.uploadChunk();
        }
        first.finish();

        TusUploader second =
                tus(remembered).resumeUpload(new TusUpload(folder.resolve("tus").toFile()));
        assertThat(second.getOffset()).isEqualTo(3 * 64 * 1024);
        while (second.uploadChunk() >= 0) {
            assertThat(second.getOffset()).isLessThanOrEqualTo(content.length);
        }
        second.finish();

        JsonNode file = json("/api/v1/files?asset=cam-2").at("/items/0");
        assertThat(file.at("/name").asString()).isEqualTo("tus");
        assertThat(Files.readAllBytes(stored(file.at("/sha256").asString()))).isEqualTo(content);
    }

    private static TusClient tus(TusURLMemoryStore remembered) throws Exception {
        SSLSocketFactory tls = tls("cam-2");
        TusClient client = new TusClient() {
            @Override
            public void prepareConnection(HttpURLConnection connection) {
                super.prepareConnection(connection);
                ((HttpsURLConnection) connection).setSSLSocketFactory(tls);
            }
        };
        client.setUploadCreationURL(URI.create(Files.readString(folder.resolve("url")) + "/v1/files")
                .toURL());
        client.enableResuming(remembered);
        return client;
    }

    private static SSLSocketFactory tls(String asset) throws Exception {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        keys.load(null, null);
        CertificateFactory x509 = CertificateFactory.getInstance("X.509");
        try (InputStream certificate = Files.newInputStream(folder.resolve(asset + ".crt"));
                InputStream ca = Files.newInputStream(folder.resolve("ca.crt"))) {
            String pem = Files.readString(folder.resolve(asset + ".key")).replaceAll("-----.*-----|\\s", "");
            var key = KeyFactory.getInstance("EC")
                    .generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(pem)));
            keys.setKeyEntry(
                    "asset",
                    key,
                    new char[0],
                    x509.generateCertificates(certificate).toArray(new Certificate[0]));
            keys.setCertificateEntry("ca", x509.generateCertificate(ca));
        }
        KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        own.init(keys, new char[0]);
        TrustManagerFactory trusted = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trusted.init(keys);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(own.getKeyManagers(), trusted.getTrustManagers(), null);
        return context.getSocketFactory();
    }

    private static long offset(String head) {
        return Long.parseLong(head.replaceAll("(?s).*Upload-Offset: (\\d+).*", "$1"));
    }

    private static Path stored(String sha256) {
        return server.directory().resolve("files/" + sha256.substring(0, 2) + "/" + sha256);
    }

    @Test
    void aFileGoesWhenItsTimeIsOverUnlessItIsHeldAndItsBytesGoWithTheLastOfThem() throws Exception {
        written("evidence", 5_000, 6);
        String held = id(curl("cam-6", "-X POST --data-binary @evidence '$URL/v1/files?name=held'"));
        String free = id(curl("cam-6", "-X POST --data-binary @evidence '$URL/v1/files?name=free'"));
        String sha256 = json("/api/v1/files/" + held).at("/sha256").asString();
        assertThat(change(held, "{\"hold\":\"INC-42\"}")).isEqualTo(200);
        assertThat(admin(server.adminRequest("/api/v1/files/" + held).DELETE()).statusCode())
                .isEqualTo(409);
        Instant soon =
                Instant.now().plusSeconds(1).truncatedTo(ChronoUnit.SECONDS).plusSeconds(1);
        assertThat(change(held, "{\"until\":\"" + soon + "\"}")).isEqualTo(200);
        assertThat(change(free, "{\"until\":\"" + soon + "\"}")).isEqualTo(200);

        await().atMost(Duration.ofSeconds(40)).until(() -> isGone(free));

        assertThat(status(held)).isEqualTo(200);
        assertThat(stored(sha256)).exists();
        assertThat(change(held, "{\"hold\":\"\"}")).isEqualTo(200);
        await().until(() -> isGone(held));
        await().until(() -> !Files.exists(stored(sha256)));
    }

    @Test
    void killedBetweenAnyTwoStepsItIsDoneAgain() throws Exception {
        AssetId asset = new AssetId("cam-3");
        FileIntake intake = server.bean(FileIntake.class);
        FileStore store = server.bean(FileStore.class);
        FileContents contents = server.bean(FileContents.class);
        byte[] content = written("steps", 10_000, 7);
        var announced = new Announced("steps", "log", "text/plain", content.length, null, null, Map.of());
        String upload = ((Said.Going) intake.begin(asset, announced, true)).upload();
        InputStream dies = new InputStream() {
            private int at;

            @Override
            public int read() throws IOException {
                if (at == 4_000) {
                    throw new IOException("gone");
                }
                return content[at++] & 0xff;
            }
        };
        assertThat(intake.append(asset, upload, 0, dies)).isInstanceOf(Said.Going.class);

        // Written and not yet promised: what lies beyond the offset counts for nothing.
        Path part = server.directory().resolve("files/uploads/" + upload);
        Files.write(part, new byte[3_000], java.nio.file.StandardOpenOption.APPEND);
        assertThat(((Said.Going) intake.progress(asset, upload)).offset()).isEqualTo(4_000);
        // Killed with the last piece on disk, its hash stored, its bytes named and no file yet.
        contents.store()
                .write(
                        upload,
                        4_000,
                        10_000,
                        there -> store.received(upload, there, Instant.now().plusSeconds(60)),
                        new ByteArrayInputStream(content, 4_000, 6_000));
        String sha256 = contents.store().hash(upload);
        store.found(upload, sha256);
        contents.store().keep(upload, sha256);
        assertThat(store.referenced(java.util.List.of(sha256))).containsExactly(sha256);

        Said said = intake.append(asset, upload, 10_000, InputStream.nullInputStream());

        assertThat(said).isEqualTo(new Said.Stored(upload, 10_000, sha256, true));
        assertThat(Files.readAllBytes(stored(sha256))).isEqualTo(content);
        assertThat(server.bean(JdbcClient.class)
                        .sql("select count(*) from file_upload where id = ?")
                        .param(upload)
                        .query(Integer.class)
                        .single())
                .isZero();
    }

    private static boolean isGone(String id) {
        server.bean(FileKeeper.class).wake();
        return status(id) == 404;
    }

    private static int status(String id) {
        return admin(server.adminRequest("/api/v1/files/" + id).GET()).statusCode();
    }

    private static int change(String id, String body) {
        return admin(server.adminRequest("/api/v1/files/" + id)
                        .header("Content-Type", "application/json")
                        .method("PATCH", HttpRequest.BodyPublishers.ofString(body)))
                .statusCode();
    }
}
