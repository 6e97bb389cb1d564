package dev.muster.gateway.prometheus;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.CodedOutputStream;
import dev.muster.gateway.journal.EntryKind;
import dev.muster.gateway.signal.SampleBatch;
import dev.muster.gateway.signal.SampleBatch.Sample;
import dev.muster.gateway.signal.Series;
import dev.muster.gateway.testing.Await;
import dev.muster.gateway.testing.TestHttps;
import dev.muster.gateway.testing.TestPki;
import io.airlift.compress.snappy.SnappyCompressor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Remote write as its two specifications say; and the real Prometheus of Debian. */
class RemoteWriteTest {
    private static final long TS = 1_764_000_000_000L;
    private static final TestPki.Credential PUMP = TestHttps.PKI.asset("pump-7");

    private final TestHttps plane = new TestHttps(it -> it);
    private final HttpClient pump = plane.client(PUMP);

    @AfterEach
    void close() throws Exception {
        plane.close();
    }

    @Test
    void theFirstVersionIsWritten() throws Exception {
        byte[] request = message(out -> {
            out.writeByteArray(1, message(series -> {
                series.writeByteArray(1, label("__name__", "http_requests_total"));
                series.writeByteArray(1, label("code", "200"));
                series.writeByteArray(1, label("empty", ""));
                series.writeByteArray(2, sample(TS, 3));
                series.writeByteArray(2, sample(TS + 1, Double.longBitsToDouble(RemoteWrite.STALE)));
            }));
            out.writeByteArray(3, new byte[0]);
        });
        HttpResponse<String> answer =
                write(request, "application/x-protobuf", "X-Prometheus-Remote-Write-Version", "0.1.0");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(204);
        assertThat(samples())
                .containsExactly(new Sample(
                        new Series("http_requests_total", Map.of("code", "200"), Series.Kind.COUNTER, ""), TS, 3));
    }

    @Test
    void theSecondVersionIsWrittenAndHearsWhatWas() throws Exception {
        byte[] request = second(1, TS, 21.5);
        HttpResponse<String> answer = write(request, "application/x-protobuf;proto=io.prometheus.write.v2.Request");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(204);
        assertThat(answer.headers().firstValue("X-Prometheus-Remote-Write-Samples-Written"))
                .contains("1");
        assertThat(answer.headers().firstValue("X-Prometheus-Remote-Write-Histograms-Written"))
                .contains("0");
        assertThat(answer.headers().firstValue("X-Prometheus-Remote-Write-Exemplars-Written"))
                .contains("0");
        assertThat(samples())
                .containsExactly(new Sample(
                        new Series("temperature", Map.of("room", "lab"), Series.Kind.GAUGE, "celsius"), TS, 21.5));
    }

    @Test
    void whatCanNeverBeTakenIsRefusedAndTheRestIsStored() throws Exception {
        byte[] partly = message(out -> {
            out.writeByteArray(1, message(series -> {
                series.writeByteArray(1, label("__name__", "a"));
                series.writeByteArray(2, sample(TS, 1));
                series.writeByteArray(2, sample(7, 1));
            }));
            out.writeByteArray(1, message(series -> series.writeByteArray(2, sample(TS, 1))));
        });
        HttpResponse<String> answer = write(partly, "application/x-protobuf;proto=prometheus.WriteRequest");
        assertThat(TestHttps.problem(answer))
                .isEqualTo(
                        "400 malformed 1 samples are stored, 2 are refused; first: series a has a sample of the time 7 ms,"
                                + " which is not from 2001 to 2100");
        assertThat(samples()).hasSize(1);
        HttpResponse<String> badReference =
                write(second(99, TS, 1), "application/x-protobuf;proto=io.prometheus.write.v2.Request");
        assertThat(TestHttps.problem(badReference)).isEqualTo("400 malformed a series refers to symbol 99 of 7");
        assertThat(badReference.headers().firstValue("X-Prometheus-Remote-Write-Samples-Written"))
                .contains("0");
        assertThat(write(partly, "application/x-protobuf;proto=other").statusCode())
                .isEqualTo(415);
        assertThat(plane.post(pump, "/prometheus/api/v1/write", partly, "Content-Type", "application/x-protobuf")
                        .get()
                        .statusCode())
                .isEqualTo(415);
        byte[] bomb = {(byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0x7f, 0};
        assertThat(plane.post(
                                pump,
                                "/prometheus/api/v1/write",
                                bomb,
                                "Content-Type",
                                "application/x-protobuf",
                                "Content-Encoding",
                                "snappy")
                        .get()
                        .statusCode())
                .isEqualTo(413);
    }

    /** It scrapes itself. Skipped where it is not installed: it is no small package. */
    @Test
    void thePrometheusOfDebianWrites(@TempDir Path dir) throws Exception {
        org.junit.jupiter.api.Assumptions.assumeTrue(
                Files.isExecutable(Path.of("/usr/bin/prometheus")), "SKIPPED: apt install prometheus");
        TestPki.writePem(dir.resolve("ca.pem"), TestHttps.PKI.ca());
        TestPki.writePem(dir.resolve("cert.pem"), PUMP.certificate());
        TestPki.writePem(dir.resolve("key.pem"), PUMP.key());
        int own;
        try (var free = new java.net.ServerSocket(0)) {
            own = free.getLocalPort();
        }
        Files.writeString(dir.resolve("prometheus.yml"), """
                global: {scrape_interval: 1s}
                scrape_configs: [{job_name: self, static_configs: [{targets: ['127.0.0.1:%d']}]}]
                remote_write:
                - url: https://127.0.0.1:%d/prometheus/api/v1/write
                  tls_config: {ca_file: ca.pem, cert_file: cert.pem, key_file: key.pem}
                  queue_config: {batch_send_deadline: 1s}
                """.formatted(own, plane.port()));
        Process prometheus = new ProcessBuilder(
                        "/usr/bin/prometheus",
                        "--config.file=prometheus.yml",
                        "--storage.tsdb.path=data",
                        "--web.listen-address=127.0.0.1:" + own)
                .directory(dir.toFile())
                .redirectErrorStream(true)
                .redirectOutput(dir.resolve("log").toFile())
                .start();
        try {
            Await.until(
                    "samples of its own scrape come",
                    () -> samples().stream()
                            .anyMatch(sample -> sample.series().name().equals("up") && sample.value() == 1));
            assertThat(samples())
                    .anySatisfy(sample -> assertThat(sample.series().labels())
                            .isEqualTo(Map.of("instance", "127.0.0.1:" + own, "job", "self")));
        } finally {
            prometheus.destroy();
            prometheus.waitFor();
        }
    }

    // ---- words

    private interface Fields {
        void write(CodedOutputStream out) throws IOException;
    }

    private static byte[] message(Fields fields) throws IOException {
        var bytes = new ByteArrayOutputStream();
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        fields.write(out);
        out.flush();
        return bytes.toByteArray();
    }

    private static byte[] label(String name, String value) throws IOException {
        return message(out -> {
            out.writeByteArray(1, name.getBytes(UTF_8));
            out.writeByteArray(2, value.getBytes(UTF_8));
        });
    }

    private static byte[] sample(long ts, double value) throws IOException {
        return message(out -> {
            out.writeDouble(1, value);
            out.writeInt64(2, ts);
        });
    }

    private static byte[] second(int nameReference, long ts, double value) throws IOException {
        return message(out -> {
            for (String symbol : List.of("", "__name__", "temperature", "room", "lab", "celsius", "help")) {
                out.writeString(4, symbol);
            }
            out.writeByteArray(5, message(series -> {
                series.writeByteArray(1, message(refs -> {
                    for (int reference : new int[] {nameReference, 2, 3, 4}) {
                        refs.writeUInt32NoTag(reference);
                    }
                }));
                series.writeByteArray(2, sample(ts, value));
                series.writeByteArray(5, message(metadata -> {
                    metadata.writeEnum(1, 2);
                    metadata.writeUInt32(3, 6);
                    metadata.writeUInt32(4, 5);
                }));
            }));
        });
    }

    private HttpResponse<String> write(byte[] request, String type, String... more) throws Exception {
        var compressor = new SnappyCompressor();
        byte[] packed = new byte[compressor.maxCompressedLength(request.length)];
        int length = compressor.compress(request, 0, request.length, packed, 0, packed.length);
        String[] headers =
                Arrays.copyOf(new String[] {"Content-Type", type, "Content-Encoding", "snappy"}, 4 + more.length);
        System.arraycopy(more, 0, headers, 4, more.length);
        return plane.post(pump, "/prometheus/api/v1/write", Arrays.copyOf(packed, length), headers)
                .get();
    }

    private List<Sample> samples() {
        return plane.journal.entries(entry -> entry.kind() == EntryKind.SAMPLES).stream()
                .flatMap(entry -> SampleBatch.decode(entry.payload()).samples().stream())
                .toList();
    }
}
