package dev.muster.gateway.testing;

import dev.muster.gateway.DeviceRoutes;
import dev.muster.gateway.config.DevicePlaneConfig;
import dev.muster.gateway.https.DeviceHttps;
import dev.muster.gateway.port.Artifacts;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Device HTTPS with all its routes before a journal in memory, and clients of it. */
public final class TestHttps implements AutoCloseable {
    public static final TestPki PKI = new TestPki();

    public final MemoryJournal journal = new MemoryJournal();
    public final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final DeviceHttps https;
    private final List<AutoCloseable> clients = new ArrayList<>();

    public TestHttps(UnaryOperator<DevicePlaneConfig.Https> change) {
        var any = new InetSocketAddress("127.0.0.1", 0);
        DevicePlaneConfig config = DevicePlaneConfig.listeningOn(any, any);
        config = config.with(change.apply(config.https()));
        try {
            https = DeviceHttps.start(
                    config,
                    PKI.server(),
                    new TestAdmission(),
                    DeviceRoutes.all(
                            config,
                            new TestEnrolment(PKI),
                            Artifacts.NOTHING,
                            new TestDownlinks(),
                            journal,
                            meters,
                            Clock.systemUTC()),
                    meters);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public int port() {
        return https.port();
    }

    public HttpClient client(TestPki.@Nullable Credential credential) {
        HttpClient client = HttpClient.newBuilder()
                .sslContext(PKI.clientContext(credential))
                .version(HttpClient.Version.HTTP_1_1)
                .build();
        clients.add(client::shutdownNow);
        return client;
    }

    public CompletableFuture<HttpResponse<String>> post(
            HttpClient client, String path, byte[] body, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + port() + path))
                .POST(HttpRequest.BodyPublishers.ofByteArray(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.sendAsync(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    /** {@code 400 malformed telemetry.speed is …} */
    public static String problem(HttpResponse<String> response) {
        var json = new io.vertx.core.json.JsonObject(response.body());
        return response.statusCode() + " " + json.getString("code") + " " + json.getString("detail");
    }

    /** Kind and payload of what the journal holds. */
    public List<String> stored() {
        return journal.entries().stream()
                .map(entry -> entry.asset() + " " + entry.kind().name().toLowerCase(Locale.ROOT) + " "
                        + new String(entry.payload(), java.nio.charset.StandardCharsets.UTF_8))
                .toList();
    }

    @Override
    public void close() throws Exception {
        for (AutoCloseable client : clients) {
            client.close();
        }
        https.close();
        journal.close();
    }
}
