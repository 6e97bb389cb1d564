package dev.muster.gateway.https;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.gateway.config.DevicePlaneConfig;
import dev.muster.gateway.testing.Await;
import dev.muster.gateway.testing.TestAdmission;
import dev.muster.gateway.testing.TestPki;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.http.HttpMethod;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Bodies that are read as they come, by a reader that takes its time. */
class BodyStreamTest {
    private static final TestPki PKI = new TestPki();
    private static final long SIZE = 64L << 20;
    /** What sockets and TLS may hold on both sides, and what is read ahead. */
    private static final long BUFFERS = 24L << 20;

    private final WorkPool pool = new WorkPool("test", 4, 4);
    private final CountDownLatch go = new CountDownLatch(1);
    private final AtomicReference<InputStream> body = new AtomicReference<>();
    private final AtomicReference<String> ended = new AtomicReference<>();
    private final DeviceHttps https = start();
    private final HttpClient client = HttpClient.newBuilder()
            .sslContext(PKI.clientContext(PKI.asset("cam-1")))
            .version(HttpClient.Version.HTTP_1_1)
            .build();

    private DeviceHttps start() {
        var any = new InetSocketAddress("127.0.0.1", 0);
        List<Route> routes = List.of(
                Route.forAssets(
                        "slow",
                        HttpMethod.POST,
                        "/slow",
                        exchange -> exchange.stream(pool, Duration.ofMinutes(1), this::slowly)),
                Route.forAssets(
                        "unread",
                        HttpMethod.POST,
                        "/unread",
                        exchange -> exchange.stream(
                                pool,
                                Duration.ofMinutes(1),
                                unread -> Answer.refused(413, "too_large", "it is not wanted"))));
        try {
            return DeviceHttps.start(
                    DevicePlaneConfig.listeningOn(any, any),
                    PKI.server(),
                    new TestAdmission(),
                    routes,
                    new SimpleMeterRegistry());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Answer slowly(InputStream in) {
        body.set(in);
        try {
            long count = in.readNBytes(1000).length;
            go.await();
            byte[] buffer = new byte[1 << 16];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                count += n;
            }
            ended.set("whole");
            return Answer.of(200, "text/plain", Long.toString(count));
        } catch (IOException e) {
            ended.set(String.valueOf(e.getMessage()));
            return Answer.empty(400);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @AfterEach
    void close() {
        client.shutdownNow();
        https.close();
    }

    private CompletableFuture<HttpResponse<String>> post(String path, HttpRequest.BodyPublisher publisher) {
        return client.sendAsync(
                HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + https.port() + path))
                        .POST(publisher)
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    /** Zeroes, and how many of them were asked for. */
    private static HttpRequest.BodyPublisher zeroes(AtomicLong sent) {
        return HttpRequest.BodyPublishers.fromPublisher(
                HttpRequest.BodyPublishers.ofInputStream(() -> new InputStream() {
                    @Override
                    public int read() {
                        return sent.get() == SIZE ? -1 : (int) (sent.incrementAndGet() * 0);
                    }

                    @Override
                    public int read(byte[] into, int offset, int length) {
                        int n = (int) Math.min(length, SIZE - sent.get());
                        sent.addAndGet(n);
                        return n == 0 ? -1 : n;
                    }
                }),
                SIZE);
    }

    @Test
    void whatIsNotReadYetStaysWithTheClient() throws Exception {
        AtomicLong sent = new AtomicLong();
        var answer = post("/slow", zeroes(sent));
        AtomicLong before = new AtomicLong(-1);
        Await.until("the client is held back", () -> {
            try {
                Thread.sleep(200);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return sent.get() > 0 && before.getAndSet(sent.get()) == sent.get();
        });
        assertThat(sent.get()).isBetween(1L, BUFFERS);
        assertThat(body.get().available()).isLessThan(1 << 20);

        go.countDown();

        assertThat(answer.get().body()).isEqualTo(Long.toString(SIZE));
        assertThat(ended.get()).isEqualTo("whole");
    }

    @Test
    void aClientThatGoesAwayIsNoEnd() throws Exception {
        AtomicLong sent = new AtomicLong();
        post("/slow", zeroes(sent));
        Await.until("some of it came", () -> sent.get() > 100_000);
        client.shutdownNow();
        go.countDown();
        Await.until("it is noticed", () -> ended.get() != null);
        assertThat(ended.get()).isEqualTo("the client went away");
    }

    @Test
    void aShortBodyThatNobodyReadsLeavesTheConnectionUsable() throws Exception {
        for (int i = 0; i < 3; i++) {
            HttpResponse<String> answer = post("/unread", HttpRequest.BodyPublishers.ofByteArray(new byte[100_000]))
                    .get();
            assertThat(answer.statusCode()).isEqualTo(413);
            assertThat(answer.headers().firstValue("Connection")).isEmpty();
        }
    }
}
