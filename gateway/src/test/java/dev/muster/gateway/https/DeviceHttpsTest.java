package dev.muster.gateway.https;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.gateway.config.DevicePlaneConfig;
import dev.muster.gateway.config.DevicePlaneConfig.Rate;
import dev.muster.gateway.testing.Await;
import dev.muster.gateway.testing.TestAdmission;
import dev.muster.gateway.testing.TestPki;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.http.HttpMethod;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What device HTTPS does before and around its routes. */
class DeviceHttpsTest {
    private static final TestPki PKI = new TestPki();
    private static final Rate PLENTY = new Rate(60_000, 1_000, 100);

    private final TestAdmission admission = new TestAdmission();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final List<AutoCloseable> open = new ArrayList<>();
    private final List<Exchange> held = new ArrayList<>();

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
    }

    @Test
    void anAddressThatUsedUpItsAttemptsDoesNotKeepTheAssetsBehindItAway() throws Exception {
        DeviceHttps https = start(new Rate(1, 2, 10), PLENTY, 1 << 20);
        assertThat(status(https, null, "/open")).isEqualTo(200);
        assertThat(status(https, null, "/nowhere")).isEqualTo(404);
        assertThat(status(https, null, "/open")).isEqualTo(429);
        assertThat(status(https, new TestPki("Other Root").asset("pump-1"), "/whoami"))
                .as("a foreign certificate is an attempt")
                .isEqualTo(429);
        for (int i = 0; i < 5; i++) {
            assertThat(status(https, PKI.asset("pump-" + i), "/whoami")).isEqualTo(200);
        }
        assertThat(status(https, PKI.asset("pump-1"), "/open"))
                .as("where no certificate is asked for, none is looked at")
                .isEqualTo(429);
    }

    @Test
    void anAssetHasARateOfItsOwn() throws Exception {
        DeviceHttps https = start(PLENTY, new Rate(1, 3, 10), 1 << 20);
        TestPki.Credential loud = PKI.asset("loud");
        for (int i = 0; i < 3; i++) {
            assertThat(status(https, loud, "/whoami")).isEqualTo(200);
        }
        HttpResponse<String> refused =
                send(https, client(loud), "/whoami", null).get();
        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(refused.body()).contains("too many requests of loud, try again in ");
        assertThat(refused.headers().firstValue("retry-after")).isPresent();
        assertThat(status(https, PKI.asset("quiet"), "/whoami")).isEqualTo(200);
    }

    @Test
    void aRevocationHoldsForConnectionsThatAreOpen() throws Exception {
        DeviceHttps https = start(PLENTY, PLENTY, 1 << 20);
        HttpClient client = client(PKI.asset("pump-7"));
        assertThat(send(https, client, "/whoami", null).get().body()).isEqualTo("pump-7");
        admission.revoke("pump-7");
        assertThat(send(https, client, "/whoami", null).get().statusCode()).isEqualTo(403);
        assertThat(meters.get("muster.device.https.connections").gauge().value())
                .isEqualTo(1);
    }

    @Test
    void connectionsBeyondTheBoundAreToldWhenToComeBack() throws Exception {
        maxConnections = 8;
        DeviceHttps https = start(PLENTY, PLENTY, 1 << 20);
        List<HttpClient> clients = new ArrayList<>(); // each with a connection of its own, which stays open
        for (int i = 0; i < 8; i++) {
            clients.add(client(PKI.asset("pump-" + i)));
            assertThat(send(https, clients.getLast(), "/whoami", null).get().statusCode())
                    .isEqualTo(200);
        }
        HttpResponse<String> busy =
                send(https, client(PKI.asset("pump-8")), "/whoami", null).get();
        assertThat(busy.statusCode()).isEqualTo(503);
        assertThat(Integer.parseInt(busy.headers().firstValue("retry-after").orElseThrow()))
                .isBetween(10, 15);
        assertThat(send(https, clients.getFirst(), "/whoami", null).get().statusCode())
                .as("who was there before")
                .isEqualTo(200);
    }

    @Test
    void bodiesAreNotReadUntilThereIsMemoryForThem() throws Exception {
        DeviceHttps https = start(PLENTY, PLENTY, 1024);
        HttpClient client = client(PKI.asset("pump-7"));
        var first = send(https, client, "/hold", "a".repeat(700));
        Await.until("the first is held", () -> heldNow().size() == 1);
        var second = send(https, client, "/hold", "b".repeat(700));
        Await.until("the second waits", () -> gauge("muster.device.https.bodies.waiting") == 1);
        assertThat(gauge("muster.device.https.body.bytes")).isEqualTo(700);

        heldNow().getFirst().answerLater(Answer.empty(200));
        assertThat(first.get().statusCode()).isEqualTo(200);
        Await.until("the second is read", () -> heldNow().size() == 2);
        heldNow().getLast().answerLater(Answer.empty(200));
        assertThat(second.get().statusCode()).isEqualTo(200);
        Await.until("the memory is given back", () -> gauge("muster.device.https.body.bytes") == 0);
    }

    @Test
    void aClientThatGoesAwayGivesItsMemoryBack() throws Exception {
        DeviceHttps https = start(PLENTY, PLENTY, 1024);
        HttpClient gone = client(PKI.asset("pump-7"));
        send(https, gone, "/hold", "a".repeat(700));
        Await.until("the first is held", () -> heldNow().size() == 1);
        var second = send(https, client(PKI.asset("pump-8")), "/hold", "b".repeat(700));
        Await.until("the second waits", () -> gauge("muster.device.https.bodies.waiting") == 1);

        gone.shutdownNow();
        Await.until("the second is read", () -> heldNow().size() == 2);
        heldNow().getLast().answerLater(Answer.empty(200));
        assertThat(second.get().statusCode()).isEqualTo(200);
    }

    // ---- words

    private int maxConnections = 100;

    private DeviceHttps start(Rate attempts, Rate requests, long memory) throws IOException {
        var any = new InetSocketAddress("127.0.0.1", 0);
        DevicePlaneConfig config = DevicePlaneConfig.listeningOn(any, any);
        config = config.with(config.https()
                .withConnections(maxConnections)
                .withAttempts(attempts)
                .withRequests(requests)
                .withBodies(new DevicePlaneConfig.Bodies(1024, 1024, 1024, memory)));
        List<Route> routes = List.of(
                Route.at(
                        "open",
                        HttpMethod.GET,
                        "/open",
                        EnumSet.noneOf(Accepts.class),
                        exchange -> exchange.answer(Answer.empty(200))),
                Route.forAssets(
                        "whoami",
                        HttpMethod.GET,
                        "/whoami",
                        exchange -> exchange.answer(
                                Answer.of(200, "text/plain", exchange.asset().value()))),
                Route.forAssets(
                        "hold",
                        HttpMethod.POST,
                        "/hold",
                        exchange -> exchange.body(1024, body -> {
                            synchronized (held) {
                                held.add(exchange);
                            }
                        })));
        DeviceHttps https = DeviceHttps.start(config, PKI.server(), admission, routes, meters);
        open.add(https);
        return https;
    }

    private List<Exchange> heldNow() {
        synchronized (held) {
            return List.copyOf(held);
        }
    }

    private double gauge(String name) {
        return meters.get(name).gauge().value();
    }

    private HttpClient client(TestPki.@Nullable Credential credential) {
        HttpClient client = HttpClient.newBuilder()
                .sslContext(PKI.clientContext(credential))
                .version(HttpClient.Version.HTTP_1_1)
                .build();
        open.add(client::shutdownNow);
        return client;
    }

    private int status(DeviceHttps https, TestPki.@Nullable Credential credential, String path) throws Exception {
        return send(https, client(credential), path, null).get().statusCode();
    }

    private static CompletableFuture<HttpResponse<String>> send(
            DeviceHttps https, HttpClient client, String path, @Nullable String body) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + https.port() + path));
        if (body != null) {
            request.POST(HttpRequest.BodyPublishers.ofString(body, StandardCharsets.UTF_8));
        }
        return client.sendAsync(request.build(), HttpResponse.BodyHandlers.ofString());
    }
}
