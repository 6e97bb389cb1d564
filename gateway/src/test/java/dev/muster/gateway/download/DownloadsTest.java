package dev.muster.gateway.download;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.gateway.config.DevicePlaneConfig;
import dev.muster.gateway.https.DeviceHttps;
import dev.muster.gateway.port.Artifacts;
import dev.muster.gateway.testing.Await;
import dev.muster.gateway.testing.Program;
import dev.muster.gateway.testing.TestAdmission;
import dev.muster.gateway.testing.TestPki;
import dev.muster.protocol.AssetId;
import io.airlift.compress.zstd.ZstdCompressor;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Downloads as docs/protocol.md promises them, to the JDK's client and to curl. */
class DownloadsTest {
    private static final TestPki PKI = new TestPki();
    private static final TestPki.Credential PUMP = PKI.asset("pump-7");
    private static final String HASH = "ab".repeat(32);
    private static final String WORDS = "01".repeat(32);
    private static final byte[] TEXT = "all work and no play ".repeat(500).getBytes(StandardCharsets.UTF_8);
    private static final byte[] ZSTD = zstd(TEXT);
    private static final String GONE = "cd".repeat(32);
    private static final String AWAY = "ef".repeat(32);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path directory;

    private final byte[] content = new byte[8 << 20];
    private final TestAdmission admission = new TestAdmission();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final List<AutoCloseable> open = new ArrayList<>();

    @SuppressWarnings("NullAway.Init")
    private DeviceHttps https;

    @BeforeEach
    void start() throws IOException {
        start(new DevicePlaneConfig.Downloads(1, 0, 0));
    }

    private void start(DevicePlaneConfig.Downloads bounds) throws IOException {
        new Random(5).nextBytes(content);
        Path file = Files.write(directory.resolve("artifact"), content);
        Path text = Files.write(directory.resolve("text"), TEXT);
        Path packed = Files.write(directory.resolve("text.zst"), ZSTD);
        Artifacts artifacts = new Artifacts() {
            @Override
            public Found find(String sha256) {
                if (sha256.equals(AWAY)) {
                    throw new UncheckedIOException(new IOException("the database is away"));
                }
                return sha256.equals(HASH)
                        ? new Found.File(file)
                        : sha256.equals(WORDS)
                                ? new Found.File(text)
                                : new Found.Refused(410, "gone", "the artifact was removed by retention");
            }

            @Override
            public Optional<Path> packed(String sha256) {
                return sha256.equals(WORDS) ? Optional.of(packed) : Optional.empty();
            }

            @Override
            public Found delta(String sha256, String base) {
                return base.equals(HASH) ? new Found.File(text) : Artifacts.super.delta(sha256, base);
            }

            @Override
            public String site(AssetId asset) {
                return asset.value().equals("pump-7") ? "plant" : "";
            }

            @Override
            public Optional<byte[]> metadata(String name) {
                return Optional.ofNullable(Map.of("timestamp.json", "{\"t\":1}", "1.root.json", "{\"r\":1}")
                                .get(name))
                        .map(text -> text.getBytes(StandardCharsets.UTF_8));
            }
        };
        DevicePlaneConfig config = DevicePlaneConfig.listeningOn(
                new InetSocketAddress("127.0.0.1", 0), new InetSocketAddress("127.0.0.1", 0));
        config = config.with(config.https().withDownloads(bounds));
        https = DeviceHttps.start(
                config,
                PKI.server(),
                admission,
                new DownloadRoutes(artifacts, config.https(), meters).routes(),
                meters);
        open.add(https);
    }

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
    }

    @Test
    void anAssetGetsTheWholeAndMayKeepIt() throws Exception {
        HttpResponse<byte[]> response = get(PUMP, "/v1/artifacts/sha256/" + HASH, it -> it);

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).isEqualTo(content);
        assertThat(response.headers().map())
                .containsEntry("etag", List.of("\"" + HASH + "\""))
                .containsEntry("accept-ranges", List.of("bytes"))
                .containsEntry("cache-control", List.of("private, max-age=31536000, immutable"))
                .containsEntry("content-type", List.of("application/octet-stream"))
                .containsEntry("content-length", List.of(Integer.toString(content.length)));
    }

    @Test
    void aDownloadThatBrokeOffGoesOnWhereItEnded() throws Exception {
        HttpResponse<byte[]> rest = get(
                PUMP,
                "/v1/artifacts/sha256/" + HASH,
                it -> it.header("Range", "bytes=5000000-").header("If-Range", "\"" + HASH + "\""));

        assertThat(rest.statusCode()).isEqualTo(206);
        assertThat(rest.headers().firstValue("content-range"))
                .contains("bytes 5000000-" + (content.length - 1) + "/" + content.length);
        assertThat(rest.body()).isEqualTo(Arrays.copyOfRange(content, 5_000_000, content.length));
        HttpResponse<byte[]> beyond =
                get(PUMP, "/v1/artifacts/sha256/" + HASH, it -> it.header("Range", "bytes=" + content.length + "-"));
        assertThat(beyond.statusCode()).isEqualTo(416);
        assertThat(beyond.headers().firstValue("content-range")).contains("bytes */" + content.length);
        assertThat(get(PUMP, "/v1/artifacts/sha256/" + HASH, it -> it.header("If-None-Match", "\"" + HASH + "\""))
                        .statusCode())
                .isEqualTo(304);
    }

    @Test
    void curlResumes() throws Exception {
        Files.write(directory.resolve("part"), Arrays.copyOf(content, 1_234_567));

        curl("-C - -o part", HASH);

        assertThat(Files.readAllBytes(directory.resolve("part"))).isEqualTo(content);
    }

    @Test
    void curlUnpacks() throws Exception {
        curl("-D head -H 'Accept-Encoding: zstd' -o packed", WORDS);
        assertThat(directory.resolve("packed")).hasBinaryContent(ZSTD);
        assertThat(Files.readString(directory.resolve("head")))
                .containsIgnoringCase("content-encoding: zstd")
                .containsIgnoringCase("vary: accept-encoding")
                .containsIgnoringCase("etag: \"" + WORDS + ".zst\"");

        curl("--compressed -o unpacked", WORDS);
        assertThat(directory.resolve("unpacked")).hasBinaryContent(TEXT);
        curl("-H 'Accept-Encoding: gzip, zstd;q=0' -o asItIs", WORDS);
        assertThat(directory.resolve("asItIs")).hasBinaryContent(TEXT);
    }

    /** A part of the packed file and a part of the unpacked one never make one. */
    @Test
    void whatWasBegunUnpackedDoesNotGoOnPacked() throws Exception {
        HttpResponse<byte[]> rest = get(
                PUMP,
                "/v1/artifacts/sha256/" + WORDS,
                it -> it.header("Range", "bytes=5-")
                        .header("If-Range", "\"" + WORDS + "\"")
                        .header("Accept-Encoding", "zstd"));

        assertThat(rest.statusCode()).isEqualTo(200);
        assertThat(rest.body()).isEqualTo(ZSTD);
    }

    @Test
    void aDeltaIsAFileLikeOthers() throws Exception {
        HttpResponse<byte[]> rest =
                get(PUMP, "/v1/artifacts/sha256/" + WORDS + "/from/" + HASH, it -> it.header("Range", "bytes=7-"));

        assertThat(rest.statusCode()).isEqualTo(206);
        assertThat(rest.body()).isEqualTo(Arrays.copyOfRange(TEXT, 7, TEXT.length));
        assertThat(rest.headers().firstValue("etag")).contains("\"" + WORDS + ".from." + HASH + "\"");
        assertThat(problem(get(PUMP, "/v1/artifacts/sha256/" + HASH + "/from/" + WORDS, it -> it)))
                .isEqualTo("404 no_delta there is no delta; fetch the whole");
    }

    @Test
    void conditionsOnTheContentAreMet() throws Exception {
        String path = "/v1/artifacts/sha256/" + HASH;
        assertThat(get(PUMP, path, it -> it.header("If-Match", "\"other\"")).statusCode())
                .isEqualTo(412);
        assertThat(get(PUMP, path, it -> it.header("If-Match", "\"other\", \"" + HASH + "\""))
                        .statusCode())
                .isEqualTo(200);
        assertThat(get(PUMP, path, it -> it.header("If-None-Match", "\"other\", W/\"" + HASH + "\""))
                        .statusCode())
                .isEqualTo(304);
        HttpResponse<byte[]> head = get(PUMP, path, it -> it.HEAD());
        assertThat(head.headers().firstValue("content-length")).contains(Integer.toString(content.length));
        assertThat(head.body()).isEmpty();
    }

    @Test
    void aDownloadThatIsSlowedDownIsWhole() throws Exception {
        https.close();
        start(new DevicePlaneConfig.Downloads(4, 96 << 20, 64 << 20));

        HttpResponse<byte[]> whole = get(PUMP, "/v1/artifacts/sha256/" + HASH, it -> it);
        assertThat(whole.body()).isEqualTo(content);
        assertThat(whole.headers().firstValue("muster-bytes-per-second")).contains(Integer.toString(64 << 20));
        Files.write(directory.resolve("part"), Arrays.copyOf(content, 7_654_321));
        curl("-C - -o part", HASH);
        assertThat(directory.resolve("part")).hasBinaryContent(content);
    }

    private void curl(String flags, String sha256) throws Exception {
        Program.require("curl", "openssl");
        TestPki.writePem(directory.resolve("ca.pem"), PKI.ca());
        TestPki.writePem(directory.resolve("cert.pem"), PUMP.certificate());
        TestPki.writePem(directory.resolve("key.pem"), PUMP.key());
        Program.shell(
                        directory,
                        "curl -sSf --cacert ca.pem --cert cert.pem --key key.pem " + flags + " https://127.0.0.1:"
                                + https.port() + "/v1/artifacts/sha256/" + sha256)
                .succeeded();
    }

    private static byte[] zstd(byte[] content) {
        ZstdCompressor compressor = new ZstdCompressor();
        byte[] packed = new byte[compressor.maxCompressedLength(content.length)];
        return Arrays.copyOf(packed, compressor.compress(content, 0, content.length, packed, 0, packed.length));
    }

    @Test
    void metadataIsServedAsItIs() throws Exception {
        HttpResponse<byte[]> timestamp = get(PUMP, "/v1/tuf/timestamp.json", it -> it);
        assertThat(new String(timestamp.body(), StandardCharsets.UTF_8)).isEqualTo("{\"t\":1}");
        assertThat(timestamp.headers().firstValue("cache-control")).contains("no-cache");
        assertThat(get(PUMP, "/v1/tuf/1.root.json", it -> it).headers().firstValue("cache-control"))
                .contains("private, max-age=31536000, immutable");
        assertThat(problem(get(PUMP, "/v1/tuf/2.root.json", it -> it)))
                .isEqualTo("404 not_found there is no metadata file 2.root.json");
    }

    @Test
    void aClientOfTheUpdateFrameworkFindsTheSameFile() throws Exception {
        assertThat(get(PUMP, "/v1/targets/app/1.5.0/" + HASH + ".app.tar.gz", it -> it)
                        .body())
                .isEqualTo(content);
    }

    @Test
    void onlyAssetsDownload() throws Exception {
        assertThat(problem(get(null, "/v1/artifacts/sha256/" + HASH, it -> it)))
                .isEqualTo("401 unauthenticated the asset's certificate must be shown in the handshake");
        TestPki other = new TestPki("Other Root");
        assertThat(problem(get(other.asset("pump-7"), "/v1/artifacts/sha256/" + HASH, it -> it)))
                .startsWith("401 certificate_not_trusted the client certificate is not good: ");
        admission.revoke("pump-7");
        assertThat(problem(get(PUMP, "/v1/tuf/timestamp.json", it -> it)))
                .isEqualTo("403 revoked certificate of pump-7 is revoked");
    }

    @Test
    void whatIsNotThereIsToldApart() throws Exception {
        assertThat(problem(get(PUMP, "/v1/artifacts/sha256/" + GONE, it -> it)))
                .isEqualTo("410 gone the artifact was removed by retention");
        assertThat(problem(get(PUMP, "/v1/artifacts/sha256/" + AWAY, it -> it)))
                .isEqualTo("503 unavailable it cannot be read at this moment, try again later");
        assertThat(problem(get(PUMP, "/v1/artifacts/sha256/short", it -> it))).startsWith("404 not_found no such path");
        assertThat(problem(
                        get(PUMP, "/v1/artifacts/sha256/" + HASH, it -> it.POST(HttpRequest.BodyPublishers.noBody()))))
                .isEqualTo("405 method_not_allowed allowed here: GET, HEAD");
    }

    @Test
    void tooManyDownloadsAreToldToComeBackAndRoomIsGivenBack() throws Exception {
        HttpResponse<InputStream> slow = client(PUMP)
                .send(request("/v1/artifacts/sha256/" + HASH).GET().build(), HttpResponse.BodyHandlers.ofInputStream());
        assertThat(slow.statusCode()).isEqualTo(200);

        HttpResponse<byte[]> refused = get(PUMP, "/v1/artifacts/sha256/" + HASH, it -> it);
        String seconds = refused.headers().firstValue("retry-after").orElseThrow();
        assertThat(Integer.parseInt(seconds)).isBetween(10, 15);
        assertThat(problem(refused))
                .isEqualTo("503 busy too many downloads are going on, try again in " + seconds + " s");
        assertThat(get(PUMP, "/v1/tuf/timestamp.json", it -> it).statusCode()).isEqualTo(200);

        slow.body().close(); // breaks off
        Await.until(
                "the room of the broken one is free",
                () -> meters.get("muster.device.https.downloads").gauge().value() == 0);
        assertThat(get(PUMP, "/v1/artifacts/sha256/" + HASH, it -> it).statusCode())
                .isEqualTo(200);
        Await.until(
                "the room of the whole one is free",
                () -> meters.get("muster.device.https.downloads").gauge().value() == 0);
    }

    private HttpClient client(TestPki.@Nullable Credential credential) {
        HttpClient client = HttpClient.newBuilder()
                .sslContext(PKI.clientContext(credential))
                .version(HttpClient.Version.HTTP_1_1)
                .build();
        open.add(client::shutdownNow);
        return client;
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + https.port() + path));
    }

    private HttpResponse<byte[]> get(
            TestPki.@Nullable Credential credential, String path, UnaryOperator<HttpRequest.Builder> more)
            throws Exception {
        return client(credential)
                .send(more.apply(request(path).GET()).build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    /** Status, code and detail. */
    private static String problem(HttpResponse<byte[]> response) {
        var json = new io.vertx.core.json.JsonObject(new String(response.body(), StandardCharsets.UTF_8));
        return response.statusCode() + " " + json.getString("code") + " " + json.getString("detail");
    }
}
