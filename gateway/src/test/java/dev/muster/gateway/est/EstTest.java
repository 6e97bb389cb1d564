package dev.muster.gateway.est;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.gateway.DeviceRoutes;
import dev.muster.gateway.config.DevicePlaneConfig;
import dev.muster.gateway.https.DeviceHttps;
import dev.muster.gateway.port.Artifacts;
import dev.muster.gateway.testing.Await;
import dev.muster.gateway.testing.MemoryJournal;
import dev.muster.gateway.testing.Program;
import dev.muster.gateway.testing.TestAdmission;
import dev.muster.gateway.testing.TestDownlinks;
import dev.muster.gateway.testing.TestEnrolment;
import dev.muster.gateway.testing.TestPki;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** EST as docs/protocol.md promises it, to the JDK's client, to curl and to openssl. */
class EstTest {
    private static final TestPki PKI = new TestPki();
    private static final KeyPair KEY = TestPki.newKey();
    private static final byte[] REQUEST = TestPki.request("pump-7", KEY);

    private final TestAdmission admission = new TestAdmission();
    private final TestEnrolment enrolment = new TestEnrolment(PKI);
    private final TestDownlinks downlinks = new TestDownlinks();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final MemoryJournal journal = new MemoryJournal();
    private final List<AutoCloseable> open = new ArrayList<>(List.of(journal));
    private DevicePlaneConfig config =
            DevicePlaneConfig.listeningOn(new InetSocketAddress("127.0.0.1", 0), new InetSocketAddress("127.0.0.1", 0));
    private @Nullable DeviceHttps https;

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
    }

    @Test
    void theCaIsForEverybody() throws Exception {
        HttpResponse<String> response = get(null, "cacerts");
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("content-type"))
                .contains("application/pkcs7-mime; smime-type=certs-only");
        assertThat(response.headers().firstValue("content-transfer-encoding")).contains("base64");
        assertThat(response.body().lines().mapToInt(String::length).max()).hasValue(64);
        assertThat(certificates(response.body())).containsExactly(PKI.ca());
    }

    @Test
    void csrAttributesAreForEverybody() throws Exception {
        HttpResponse<String> response = get(null, "csrattrs");
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("content-type")).contains("application/csrattrs");
        assertThat(Base64.getMimeDecoder().decode(response.body())).containsExactly(0x30, 0);
    }

    @Test
    void aClaimTokenEnrols() throws Exception {
        HttpResponse<String> response = enrol(null, base64(REQUEST), it -> it);
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("content-type"))
                .contains("application/pkcs7-mime; smime-type=certs-only");
        X509Certificate issued = certificates(response.body()).getFirst();
        assertThat(issued.getSubjectX500Principal().getName()).isEqualTo("CN=pump-7");
        assertThat(issued.getPublicKey()).isEqualTo(KEY.getPublic());
    }

    @Test
    void theBodyIsReadWithPatience() throws Exception {
        String lines = Base64.getMimeEncoder(76, new byte[] {'\r', '\n'}).encodeToString(REQUEST) + "\r\n";
        String pem = "-----BEGIN CERTIFICATE REQUEST-----\n" + lines + "-----END CERTIFICATE REQUEST-----\n";
        for (byte[] body : List.of(lines.getBytes(US_ASCII), pem.getBytes(US_ASCII), REQUEST)) {
            for (String encoding : List.of("base64", "binary", "7bit")) {
                assertThat(enrol(null, body, it -> it.header("Content-Transfer-Encoding", encoding))
                                .statusCode())
                        .isEqualTo(200);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"simpleenroll", "simplereenroll"})
    void withoutACredentialTheAnswerNamesTheOneThatIsAccepted(String path) throws Exception {
        HttpResponse<String> response = client(null)
                .send(
                        request(path)
                                .header("Content-Type", "application/pkcs10")
                                .POST(HttpRequest.BodyPublishers.ofByteArray(base64(REQUEST)))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).isEqualTo(401);
        assertThat(response.headers().firstValue("www-authenticate").orElseThrow())
                .startsWith(path.equals("simpleenroll") ? "Basic " : "Client-Certificate ");
        assertThat(response.body()).contains("\"code\":\"unauthenticated\"");
    }

    @Test
    void aTokenDoesNotRenewAndACertificateDoesNotEnrol() throws Exception {
        assertThat(post(null, "simplereenroll", base64(REQUEST), EstTest::token).statusCode())
                .isEqualTo(401);
        assertThat(post(PKI.asset("pump-7"), "simpleenroll", base64(REQUEST), it -> it)
                        .statusCode())
                .isEqualTo(401);
    }

    @Test
    void aWrongTokenIsRefusedWithAChallenge() throws Exception {
        HttpResponse<String> response = post(
                null, "simpleenroll", base64(REQUEST), it -> it.header("Authorization", basic("x", "claim_guess")));
        assertThat(response.statusCode()).isEqualTo(401);
        assertThat(response.headers().firstValue("www-authenticate")).isPresent();
        assertThat(response.body()).contains("the claim token is not known").doesNotContain("claim_guess");
    }

    @Test
    void theCurrentCertificateRenews() throws Exception {
        HttpResponse<String> response = post(PKI.asset("pump-7"), "simplereenroll", base64(REQUEST), it -> it);
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(certificates(response.body())).hasSize(1);
    }

    @Test
    void aRevokedCertificateDoesNotRenew() throws Exception {
        admission.revoke("pump-7");
        HttpResponse<String> response = post(PKI.asset("pump-7"), "simplereenroll", base64(REQUEST), it -> it);
        assertThat(response.statusCode()).isEqualTo(403);
        assertThat(response.body()).contains("\"code\":\"revoked\"");
    }

    @Test
    void anExpiredOrForeignCertificateDoesNotRenewButStillFetchesTheCaAndEnrols() throws Exception {
        for (TestPki.Credential bad :
                List.of(PKI.asset("pump-7", Duration.ofDays(-1)), new TestPki("Maker Root").asset("pump-7"))) {
            HttpResponse<String> renewal = post(bad, "simplereenroll", base64(REQUEST), it -> it);
            assertThat(renewal.statusCode()).isEqualTo(401);
            assertThat(renewal.body()).contains("certificate_not_trusted").contains("enrol again with a claim token");
            assertThat(get(bad, "cacerts").statusCode()).isEqualTo(200);
            assertThat(enrol(bad, base64(REQUEST), it -> it).statusCode()).isEqualTo(200);
        }
    }

    @Test
    void anAssetFetchesItsOwnDesiredDocumentAndNoOther() throws Exception {
        downlinks.desire("pump-7", 4, "{\"generation\":4}", null);

        HttpResponse<String> own = get(PKI.asset("pump-7"), "/v1/desired");
        assertThat(own.statusCode()).isEqualTo(200);
        assertThat(own.body()).isEqualTo("{\"generation\":4}");
        assertThat(own.headers().firstValue("content-type")).contains("application/json");
        String tag = own.headers().firstValue("etag").orElseThrow();
        assertThat(tag).isEqualTo('"' + "ab".repeat(32) + '"');
        HttpResponse<String> again = client(PKI.asset("pump-7"))
                .send(
                        request("/v1/desired")
                                .header("If-None-Match", tag)
                                .GET()
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        assertThat(again.statusCode()).isEqualTo(304);

        assertThat(get(PKI.asset("pump-8"), "/v1/desired").statusCode()).isEqualTo(404);
        HttpResponse<String> nobody = get(null, "/v1/desired");
        assertThat(nobody.statusCode()).isEqualTo(401);
        assertThat(nobody.headers().firstValue("www-authenticate").orElseThrow())
                .startsWith("Client-Certificate ");
        assertThat(get(new TestPki("Maker Root").asset("pump-7"), "/v1/desired").statusCode())
                .isEqualTo(401);
        admission.revoke("pump-7");
        assertThat(get(PKI.asset("pump-7"), "/v1/desired").statusCode()).isEqualTo(403);
        downlinks.setAway(true);
        HttpResponse<String> away = get(PKI.asset("pump-8"), "/v1/desired");
        assertThat(away.statusCode()).isEqualTo(503);
        assertThat(away.headers().firstValue("retry-after")).isPresent();
    }

    @Test
    void whatIsNotARequestIsRefused() throws Exception {
        for (String body : List.of("", "no base64!", "aGVsbG8=", "-----BEGIN ")) {
            HttpResponse<String> response = enrol(null, body.getBytes(UTF_8), it -> it);
            assertThat(response.statusCode()).as(body).isEqualTo(400);
            assertThat(response.headers().firstValue("content-type")).contains("application/problem+json");
        }
    }

    @Test
    void bodiesAreBounded() throws Exception {
        HttpResponse<String> response = enrol(null, new byte[16 * 1024 + 1], it -> it);
        assertThat(response.statusCode()).isEqualTo(413);
        assertThat(response.body()).contains("16384");
    }

    @Test
    void otherPathsMethodsAndMediaTypesAreRefusedAsSuch() throws Exception {
        assertThat(get(null, "fullcmc").statusCode()).isEqualTo(404);
        HttpResponse<String> wrongMethod = get(null, "simpleenroll");
        assertThat(wrongMethod.statusCode()).isEqualTo(405);
        assertThat(wrongMethod.headers().firstValue("allow")).contains("POST");
        HttpResponse<String> wrongType = client(null)
                .send(
                        token(request("simpleenroll"))
                                .header("Content-Type", "text/plain")
                                .POST(HttpRequest.BodyPublishers.ofByteArray(base64(REQUEST)))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        assertThat(wrongType.statusCode()).isEqualTo(415);
    }

    @Test
    void attemptsAreLimitedBeforeAnythingIsBelieved() throws Exception {
        bounds(it -> it.withAttempts(new DevicePlaneConfig.Rate(1, 3, 10)));
        for (int i = 0; i < 3; i++) {
            assertThat(get(null, "cacerts").statusCode()).isEqualTo(200);
        }
        HttpResponse<String> refused = enrol(null, base64(REQUEST), it -> it);
        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(Integer.parseInt(refused.headers().firstValue("retry-after").orElseThrow()))
                .isBetween(1, 90);
    }

    @Test
    void fewEnrolmentsAreWorkedOnAtATimeAndTooManyAreSentAway() throws Exception {
        bounds(it -> it.withEnrolments(2));
        var gate = new CountDownLatch(1);
        enrolment.gate = gate;
        HttpClient client = client(null);
        var answers = new ArrayList<CompletableFuture<HttpResponse<String>>>();
        for (int i = 0; i < 40; i++) {
            answers.add(client.sendAsync(
                    token(request("simpleenroll"))
                            .header("Content-Type", "application/pkcs10")
                            .POST(HttpRequest.BodyPublishers.ofByteArray(base64(REQUEST)))
                            .build(),
                    HttpResponse.BodyHandlers.ofString()));
        }
        Await.until(
                "those beyond 2 and 32 waiting are sent away",
                () -> answers.stream().filter(CompletableFuture::isDone).count() == 6);
        gate.countDown();
        var statuses = new ArrayList<Integer>();
        for (var answer : answers) {
            statuses.add(answer.get().statusCode());
        }
        assertThat(statuses.stream().filter(status -> status == 200)).hasSize(34);
        assertThat(statuses.stream().filter(status -> status == 503)).hasSize(6);
        assertThat(enrolment.mostWorking).hasValue(2);
    }

    @Test
    void opensslAndCurlAloneEnrolAndRenew(@TempDir Path dir) throws Exception {
        Program.require("openssl", "curl");
        TestPki.writePem(dir.resolve("ca.pem"), PKI.ca());
        String est = "https://127.0.0.1:" + https().port() + "/.well-known/est";
        Program.shell(
                        dir,
                        "openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -out csr.pem"
                                + " -subj /CN=pump-7")
                .succeeded();
        Program.shell(
                        dir,
                        "openssl req -in csr.pem -outform der | base64 | curl -sSf --cacert ca.pem -u :"
                                + TestEnrolment.TOKEN + " -H 'Content-Type: application/pkcs10' --data-binary @- " + est
                                + "/simpleenroll | openssl base64 -d | openssl pkcs7 -inform der -print_certs -out cert.pem")
                .succeeded();
        assertThat(Program.shell(dir, "openssl verify -CAfile ca.pem cert.pem")
                        .succeeded()
                        .output())
                .contains("cert.pem: OK");
        Program.shell(
                        dir,
                        "curl -sSf --cacert ca.pem --cert cert.pem --key key.pem -H 'Content-Type: application/pkcs10'"
                                + " --data-binary @csr.pem " + est
                                + "/simplereenroll | openssl base64 -d | openssl pkcs7 -inform der -print_certs -out"
                                + " renewed.pem")
                .succeeded();
        Program.shell(dir, "openssl verify -CAfile ca.pem renewed.pem").succeeded();
        assertThat(Files.readString(dir.resolve("renewed.pem")))
                .isNotEqualTo(Files.readString(dir.resolve("cert.pem")));
        assertThat(Program.shell(
                                dir,
                                "curl -sSf --cacert ca.pem " + est
                                        + "/cacerts | openssl base64 -d | openssl pkcs7 -inform der -print_certs")
                        .succeeded()
                        .output())
                .contains("CN = Test Root");
    }

    // ---- words

    private DeviceHttps https() {
        if (https == null) {
            try {
                https = DeviceHttps.start(
                        config,
                        PKI.server(),
                        admission,
                        DeviceRoutes.all(
                                config, enrolment, Artifacts.NOTHING, downlinks, journal, meters, Clock.systemUTC()),
                        meters);
                open.add(https);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }
        return https;
    }

    private void bounds(UnaryOperator<DevicePlaneConfig.Https> change) {
        config = config.with(change.apply(config.https()));
    }

    private HttpClient client(TestPki.@Nullable Credential credential) {
        HttpClient client = HttpClient.newBuilder()
                .sslContext(PKI.clientContext(credential))
                .version(HttpClient.Version.HTTP_1_1)
                .build();
        open.add(client);
        return client;
    }

    private HttpRequest.Builder request(String path) {
        String absolute = path.startsWith("/") ? path : "/.well-known/est/" + path;
        return HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + https().port() + absolute));
    }

    private static HttpRequest.Builder token(HttpRequest.Builder request) {
        return request.header("Authorization", basic("pump-7", TestEnrolment.TOKEN));
    }

    private static String basic(String user, String password) {
        return "Basic " + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(UTF_8));
    }

    private HttpResponse<String> get(TestPki.@Nullable Credential credential, String path) throws Exception {
        return client(credential).send(request(path).GET().build(), HttpResponse.BodyHandlers.ofString());
    }

    private HttpResponse<String> enrol(
            TestPki.@Nullable Credential credential, byte[] body, UnaryOperator<HttpRequest.Builder> more)
            throws Exception {
        return post(credential, "simpleenroll", body, it -> more.apply(token(it)));
    }

    private HttpResponse<String> post(
            TestPki.@Nullable Credential credential, String path, byte[] body, UnaryOperator<HttpRequest.Builder> more)
            throws Exception {
        return client(credential)
                .send(
                        more.apply(request(path))
                                .header("Content-Type", "application/pkcs10")
                                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }

    private static byte[] base64(byte[] der) {
        return Base64.getEncoder().encode(der);
    }

    private static List<X509Certificate> certificates(String body) throws Exception {
        byte[] der = Base64.getMimeDecoder().decode(body);
        return CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(der)).stream()
                .map(X509Certificate.class::cast)
                .toList();
    }
}
