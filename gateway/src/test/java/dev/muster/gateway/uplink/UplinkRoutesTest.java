package dev.muster.gateway.uplink;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.gateway.journal.JournalFailure;
import dev.muster.gateway.testing.Await;
import dev.muster.gateway.testing.Program;
import dev.muster.gateway.testing.TestHttps;
import dev.muster.gateway.testing.TestPki;
import dev.muster.protocol.PayloadFormat;
import dev.muster.protocol.Uplink;
import dev.muster.protocol.UplinkCodec;
import io.airlift.compress.zstd.ZstdOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Uplinks over HTTPS as docs/protocol.md promises them. */
class UplinkRoutesTest {
    private static final TestPki.Credential PUMP = TestHttps.PKI.asset("pump-7");
    private static final String READING = "{\"ts\":1764000000000,\"values\":{\"speed\":61.2}}";

    private final TestHttps plane = new TestHttps(it -> it);
    private final HttpClient pump = plane.client(PUMP);

    @AfterEach
    void close() throws Exception {
        plane.close();
    }

    @Test
    void everyUplinkCanBePosted() throws Exception {
        Map<String, String> payloads = Map.of(
                "hello", "{\"protocol\":1,\"agent\":\"1.3.0\"}",
                "heartbeat", "",
                "telemetry", READING,
                "position", "{\"lat\":48.1,\"lon\":11.5}",
                "state/reported", "{\"generation\":7,\"software\":{\"app\":\"1.4.2\"}}",
                "events", "{\"type\":\"door.open\"}",
                "logs", "{\"severity\":\"error\",\"body\":\"disk full\"}",
                "commands/c-1/result", "{\"status\":\"succeeded\"}");
        for (Map.Entry<String, String> each : payloads.entrySet()) {
            HttpResponse<String> answer = post("/v1/" + each.getKey(), each.getValue());
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(204);
        }
        assertThat(plane.stored())
                .containsExactlyInAnyOrder(
                        "pump-7 hello {\"protocol\":1,\"agent\":\"1.3.0\"}",
                        "pump-7 heartbeat ",
                        "pump-7 telemetry " + READING,
                        "pump-7 position {\"lat\":48.1,\"lon\":11.5}",
                        "pump-7 state_reported {\"generation\":7,\"software\":{\"app\":\"1.4.2\"}}",
                        "pump-7 events {\"type\":\"door.open\"}",
                        "pump-7 logs {\"severity\":\"error\",\"body\":\"disk full\"}",
                        "pump-7 command_result {\"status\":\"succeeded\"}");
        assertThat(plane.journal.uplinks())
                .contains(new Uplink.CommandResult("c-1", Uplink.CommandResult.Status.SUCCEEDED, null));
    }

    @Test
    void nothingIsAnsweredBeforeItIsOnDisk() throws Exception {
        plane.journal.holdAnswers();
        var answer = plane.post(pump, "/v1/telemetry", READING.getBytes(UTF_8));
        Await.until("it was offered", () -> plane.journal.entries().size() == 1);
        assertThat(answer).isNotDone();
        plane.journal.answerHeld();
        assertThat(answer.get().statusCode()).isEqualTo(204);
    }

    @Test
    void packedBodiesAreUnpackedAndCborIsRead() throws Exception {
        byte[] reading = READING.getBytes(UTF_8);
        assertThat(post("/v1/telemetry", gzip(reading), "Content-Encoding", "gzip")
                        .statusCode())
                .isEqualTo(204);
        assertThat(post("/v1/telemetry", zstd(reading), "Content-Encoding", "zstd")
                        .statusCode())
                .isEqualTo(204);
        byte[] cbor = UplinkCodec.encode(
                new Uplink.Telemetry(List.of(new Uplink.Reading(1_764_000_000_000L, Map.of("speed", 61.2)))),
                PayloadFormat.CBOR);
        assertThat(post("/v1/telemetry", zstd(cbor), "Content-Encoding", "zstd", "Content-Type", "application/cbor")
                        .statusCode())
                .isEqualTo(204);
        assertThat(plane.journal.uplinks())
                .hasSize(3)
                .allMatch(plane.journal.uplinks().getFirst()::equals);
    }

    @Test
    void bombsAndBodiesThatAreTooLargeAreRefused() throws Exception {
        HttpResponse<String> bomb = post("/v1/telemetry", gzip(new byte[64 << 20]), "Content-Encoding", "gzip");
        assertThat(TestHttps.problem(bomb))
                .isEqualTo("413 too_large unpacked, the payload has more than 8388608 bytes");
        HttpResponse<String> large = post("/v1/telemetry", new byte[(4 << 20) + 1]);
        assertThat(TestHttps.problem(large)).isEqualTo("413 too_large the body has more than 4194304 bytes");
        assertThat(TestHttps.problem(post("/v1/logs", " ".repeat(300_000))))
                .isEqualTo("400 malformed payload is 300000 bytes, at most 262144 are allowed");
        assertThat(plane.stored()).isEmpty();
    }

    @Test
    void whatCannotBeReadIsRefusedWithTheReason() throws Exception {
        assertThat(TestHttps.problem(post("/v1/telemetry", "{\"speed\":[]}")))
                .startsWith("400 malformed telemetry.speed is an array, ");
        assertThat(TestHttps.problem(post("/v1/telemetry", "{".getBytes(UTF_8), "Content-Encoding", "gzip")))
                .startsWith("400 malformed the payload is not readable as gzip");
        HttpResponse<String> coding = post("/v1/telemetry", new byte[1], "Content-Encoding", "br");
        assertThat(TestHttps.problem(coding))
                .isEqualTo("415 unsupported_media_type the content encoding is not known, gzip, deflate, zstd are");
        assertThat(coding.headers().firstValue("accept-encoding")).contains("gzip, deflate, zstd");
        assertThat(post("/v1/telemetry", new byte[1], "Content-Type", "text/xml")
                        .statusCode())
                .isEqualTo(415);
        assertThat(plane.post(plane.client(null), "/v1/telemetry", READING.getBytes(UTF_8))
                        .get()
                        .statusCode())
                .isEqualTo(401);
        assertThat(post("/v1/other", READING).statusCode()).isEqualTo(404);
        assertThat(plane.stored()).isEmpty();
    }

    @Test
    void withoutRoomItIsToComeBackAndWhenThereIsRoomItMay() throws Exception {
        plane.journal.setRoom(0);
        HttpResponse<String> full = post("/v1/telemetry", READING);
        assertThat(TestHttps.problem(full)).startsWith("503 unavailable the server has no room for it at this moment");
        assertThat(Integer.parseInt(full.headers().firstValue("retry-after").orElseThrow()))
                .isBetween(1, 5);
        plane.journal.setRoom(10);
        Await.until("there is room", () -> {
            try {
                return post("/v1/telemetry", READING).statusCode() == 204;
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
        plane.journal.failWith(JournalFailure.Reason.DISK_FULL);
        HttpResponse<String> failed = post("/v1/telemetry", READING);
        assertThat(TestHttps.problem(failed)).startsWith("503 unavailable the server's disk is full");
        assertThat(Integer.parseInt(failed.headers().firstValue("retry-after").orElseThrow()))
                .isBetween(30, 60);
    }

    @Test
    void aBatchIsStoredAndWhatIsBadInItIsToldApart() throws Exception {
        String good = "{\"topic\":\"telemetry\",\"payload\":" + READING + "}";
        String logs = "{\"payload\":[{\"body\":\"a\"},{\"body\":\"b\"}],\"topic\":\"logs\"}";
        assertThat(post("/v1/uplinks", "[" + good + "," + logs + "]").statusCode())
                .isEqualTo(204);
        assertThat(post("/v1/uplinks", good + "\n" + logs + "\n").statusCode())
                .as("one after another")
                .isEqualTo(204);
        assertThat(plane.stored()).hasSize(4);

        HttpResponse<String> partly = post(
                "/v1/uplinks", "[{\"topic\":\"telemetry\",\"payload\":{\"a b\":1}}," + good + ",{\"topic\":\"no\"}]");
        assertThat(partly.statusCode()).isEqualTo(200);
        assertThat(partly.body())
                .isEqualTo(
                        "{\"stored\":1,\"refused\":2,\"refusals\":[{\"index\":0,\"detail\":\"telemetry has the metric"
                                + " name \\\"a b\\\", allowed is [A-Za-z_][A-Za-z0-9_.-]*\"},{\"index\":2,\"detail\":\"its topic"
                                + " is not that of an uplink\"}]}");
        assertThat(TestHttps.problem(post("/v1/uplinks", "[{\"topic\":\"no\"}]")))
                .isEqualTo(
                        "400 malformed nothing of the batch can be stored; first: its topic is not that of an uplink");
        assertThat(TestHttps.problem(post("/v1/uplinks", "[]"))).isEqualTo("400 malformed the batch is empty");
        assertThat(TestHttps.problem(post("/v1/uplinks", "[" + good + ", 7]")))
                .isEqualTo("400 malformed uplink 1 of the batch is not an object");
        assertThat(plane.stored()).hasSize(5);
    }

    @Test
    void aBatchWithoutRoomForAllIsToComeBackAsAWhole() throws Exception {
        plane.journal.setRoom(1);
        String good = "{\"topic\":\"telemetry\",\"payload\":" + READING + "}";
        HttpResponse<String> answer = post("/v1/uplinks", good + good);
        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(plane.stored()).hasSize(1);
    }

    @Test
    void curlPosts(@TempDir Path dir) throws Exception {
        Program.require("curl", "gzip");
        TestPki.writePem(dir.resolve("ca.pem"), TestHttps.PKI.ca());
        TestPki.writePem(dir.resolve("cert.pem"), PUMP.certificate());
        TestPki.writePem(dir.resolve("key.pem"), PUMP.key());
        Files.writeString(dir.resolve("backlog.ndjson"), "{\"topic\":\"telemetry\",\"payload\":" + READING + "}\n");
        String curl = "curl -sSf -w '%{http_code}' --cacert ca.pem --cert cert.pem --key key.pem ";
        String base = " https://127.0.0.1:" + plane.port() + "/v1/";
        assertThat(Program.shell(dir, curl + "-d '{\"speed\":61.2}'" + base + "telemetry")
                        .succeeded()
                        .output()
                        .strip())
                .isEqualTo("204");
        assertThat(Program.shell(
                                dir,
                                "gzip -c backlog.ndjson | " + curl + "-H 'Content-Encoding: gzip' --data-binary @-"
                                        + base + "uplinks")
                        .succeeded()
                        .output()
                        .strip())
                .isEqualTo("204");
        assertThat(plane.stored()).hasSize(2);
    }

    // ---- words

    private HttpResponse<String> post(String path, String body) throws Exception {
        return post(path, body.getBytes(UTF_8));
    }

    private HttpResponse<String> post(String path, byte[] body, String... headers) throws Exception {
        return plane.post(pump, path, body, headers).get();
    }

    private static byte[] gzip(byte[] content) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(bytes)) {
            out.write(content);
        }
        return bytes.toByteArray();
    }

    private static byte[] zstd(byte[] content) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (OutputStream out = new ZstdOutputStream(bytes)) {
            out.write(content);
        }
        return bytes.toByteArray();
    }
}
