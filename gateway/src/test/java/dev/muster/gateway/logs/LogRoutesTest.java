package dev.muster.gateway.logs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.gateway.testing.TestHttps;
import dev.muster.protocol.Severity;
import dev.muster.protocol.Uplink;
import dev.muster.protocol.Uplink.LogRecord;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Bodies as the shippers of their names send them. */
class LogRoutesTest {
    private static final long TS = 1_764_000_000_123L;

    private final TestHttps plane = new TestHttps(it -> it);
    private final HttpClient pump = plane.client(TestHttps.PKI.asset("pump-7"));

    @AfterEach
    void close() throws Exception {
        plane.close();
    }

    @Test
    void vectorSendsAnArrayOrLines() throws Exception {
        String line =
                "{\"file\":\"/var/log/app.log\",\"host\":\"pump-7\",\"message\":\"disk full\",\"severity\":\"error\","
                        + "\"source_type\":\"file\",\"timestamp\":\"2025-11-24T16:00:00.123456789Z\"}";
        var record = new LogRecord(
                TS,
                Severity.ERROR,
                "disk full",
                Map.of("file", "/var/log/app.log", "host", "pump-7", "source_type", "file"));
        assertThat(post("[" + line + "," + line + "]", "application/json").statusCode())
                .isEqualTo(204);
        assertThat(post(line + "\n" + line + "\n", "application/x-ndjson").statusCode())
                .isEqualTo(204);
        assertThat(plane.journal.uplinks())
                .containsExactly(new Uplink.Logs(List.of(record, record)), new Uplink.Logs(List.of(record, record)));
    }

    @Test
    void fluentBitSendsItsDateAndFluentdItsLines() throws Exception {
        assertThat(post("[{\"date\":1764000000.123,\"log\":\"started\",\"stream\":\"stderr\"}]", "application/json")
                        .statusCode())
                .isEqualTo(204);
        assertThat(post(
                                "{\"message\":\"x\",\"level\":\"WARN\"}\n{\"PRIORITY\":\"3\",\"MESSAGE\":\"y\"}",
                                "application/x-ndjson")
                        .statusCode())
                .isEqualTo(204);
        assertThat(plane.journal.uplinks())
                .containsExactly(
                        new Uplink.Logs(
                                List.of(new LogRecord(TS, Severity.INFO, "started", Map.of("stream", "stderr")))),
                        new Uplink.Logs(List.of(
                                new LogRecord(null, Severity.WARN, "x", Map.of()),
                                new LogRecord(null, Severity.ERROR, "y", Map.of()))));
    }

    @Test
    void aLineWithoutATextIsItsOwnJson() throws Exception {
        assertThat(post("{\"ts\":1764000000123,\"cpu\":0.5,\"deep\":{\"a\":[1,null,true]}}", "application/json")
                        .statusCode())
                .isEqualTo(204);
        assertThat(plane.journal.uplinks())
                .containsExactly(new Uplink.Logs(List.of(new LogRecord(
                        TS, Severity.INFO, "{\"ts\":1764000000123,\"cpu\":0.5,\"deep\":{\"a\":[1,true]}}", Map.of()))));
    }

    @Test
    void longLinesAreCutAndManyAreTakenInParts() throws Exception {
        String line = "{\"message\":\"" + "é".repeat(20_000) + "\",\"timestamp\":\"2025-11-24T16:00:00Z\"}\n";
        assertThat(post(line.repeat(50), "application/x-ndjson").statusCode()).isEqualTo(204);
        List<LogRecord> records = plane.journal.uplinks().stream()
                .flatMap(uplink -> ((Uplink.Logs) uplink).records().stream())
                .toList();
        assertThat(records).hasSize(50).allSatisfy(record -> {
            assertThat(record.body()).hasSize(16 * 1024);
            assertThat(record.attributes()).isEqualTo(Map.of("truncated", true));
        });
        assertThat(plane.journal.entries()).hasSizeGreaterThan(4);
    }

    @Test
    void whatIsNoJsonIsRefusedAndNothingIsSentIsWell() throws Exception {
        assertThat(TestHttps.problem(post("[{\"message\":\"a\"},7]", "application/json")))
                .isEqualTo("400 malformed line 1 is not an object");
        assertThat(post("<5>syslog", "text/plain").statusCode()).isEqualTo(400);
        assertThat(post("[]", "application/json").statusCode()).isEqualTo(204);
        assertThat(plane.stored()).isEmpty();
    }

    private HttpResponse<String> post(String body, String type) throws Exception {
        return plane.post(pump, "/v1/logs/json", body.getBytes(UTF_8), "Content-Type", type)
                .get();
    }
}
