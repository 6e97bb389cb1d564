package dev.muster.agent.upload;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.muster.agent.budget.Bandwidth;
import dev.muster.agent.upload.Upload.Result;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLSocketFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The upload of a file against a server that cuts, refuses and forgets. */
class UploadTest {
    private static final int SIZE = 100_000;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private final ByteArrayOutputStream received = new ByteArrayOutputStream();
    private final List<String> requests = new ArrayList<>();
    private final List<Duration> pauses = new ArrayList<>();
    private final HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    private String digest = "";
    private String metadata = "";
    /** Bytes of the next piece that are taken before the connection is closed; -1 for all. */
    private int cutAfter = -1;

    private int refuse;
    private byte[] content = new byte[0];
    private Path file = Path.of("");

    UploadTest() throws IOException {}

    @BeforeEach
    void start() throws IOException {
        content = new byte[SIZE];
        new Random(17).nextBytes(content);
        file = folder.resolve("core");
        Files.write(file, content);
        server.createContext("/v1/files", this::handle);
        server.setExecutor(Executors.newSingleThreadExecutor(Thread.ofVirtual().factory()));
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private synchronized void handle(HttpExchange exchange) throws IOException {
        String method = exchange.getRequestHeaders().getFirst("X-HTTP-Method-Override");
        requests.add(method == null ? exchange.getRequestMethod() : method);
        try (exchange) {
            if (refuse != 0) {
                byte[] why = "{\"detail\":\"no room\"}".getBytes(StandardCharsets.UTF_8);
                exchange.sendResponseHeaders(refuse, why.length);
                exchange.getResponseBody().write(why);
            } else if ("PATCH".equals(method)) {
                piece(exchange);
            } else if (exchange.getRequestMethod().equals("HEAD")) {
                exchange.getResponseHeaders().set("Upload-Offset", Integer.toString(received.size()));
                exchange.sendResponseHeaders(200, -1);
            } else {
                digest = exchange.getRequestHeaders().getFirst("Repr-Digest");
                metadata = exchange.getRequestHeaders().getFirst("Upload-Metadata");
                exchange.getResponseHeaders().set("Location", "/v1/files/u1");
                exchange.sendResponseHeaders(201, -1);
            }
        }
    }

    private void piece(HttpExchange exchange) throws IOException {
        assertThat(exchange.getRequestHeaders().getFirst("Upload-Offset")).isEqualTo(Integer.toString(received.size()));
        InputStream body = exchange.getRequestBody();
        if (cutAfter >= 0) {
            received.write(body.readNBytes(cutAfter));
            cutAfter = -1;
            throw new IOException("cut");
        }
        body.transferTo(received);
        exchange.getResponseHeaders().set("Upload-Offset", Integer.toString(received.size()));
        exchange.getResponseHeaders().set("Muster-File", "f1");
        exchange.sendResponseHeaders(204, -1);
    }

    private Upload upload() {
        return new Upload(
                URI.create("http://127.0.0.1:" + server.getAddress().getPort()),
                () -> (SSLSocketFactory) SSLSocketFactory.getDefault(),
                new Bandwidth(0, System::nanoTime),
                () -> true,
                3,
                pauses::add);
    }

    @Test
    void goesOnWhereItWasCut() throws Exception {
        cutAfter = 30_000;
        assertThat(upload().send(file, Map.of("filename", "core"))).isEqualTo(new Result.Sent("f1", SIZE));
        assertThat(received.toByteArray()).isEqualTo(content);
        assertThat(requests).containsExactly("POST", "PATCH", "HEAD", "PATCH");
        assertThat(digest)
                .isEqualTo("sha-256=:"
                        + Base64.getEncoder()
                                .encodeToString(
                                        MessageDigest.getInstance("SHA-256").digest(content))
                        + ":");
        assertThat(metadata).isEqualTo("filename Y29yZQ==");
        assertThat(pauses).containsExactly(Duration.ofSeconds(1));
    }

    @Test
    void whatIsAppendedMeanwhileIsLeftOut() throws Exception {
        cutAfter = 30_000;
        Upload upload = new Upload(
                URI.create("http://127.0.0.1:" + server.getAddress().getPort()),
                () -> (SSLSocketFactory) SSLSocketFactory.getDefault(),
                new Bandwidth(0, System::nanoTime),
                () -> true,
                3,
                pause -> append());
        assertThat(upload.send(file, Map.of())).isEqualTo(new Result.Sent("f1", SIZE));
        assertThat(received.toByteArray()).isEqualTo(content);
    }

    private void append() {
        try {
            Files.write(file, new byte[5_000], StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void saysWhyTheServerDoesNotWantIt() throws Exception {
        refuse = 507;
        assertThat(upload().send(file, Map.of()))
                .isEqualTo(new Result.Failed("127.0.0.1 answered 507: {\"detail\":\"no room\"}"));
        assertThat(requests).containsExactly("POST");
    }

    @Test
    void givesUpAfterSomeFailures() throws Exception {
        refuse = 503;
        assertThat(upload().send(file, Map.of()))
                .isEqualTo(new Result.Failed("127.0.0.1 answered 503: {\"detail\":\"no room\"}, 4 times"));
        assertThat(pauses).containsExactly(Duration.ofSeconds(1), Duration.ofSeconds(2), Duration.ofSeconds(4));
    }
}
