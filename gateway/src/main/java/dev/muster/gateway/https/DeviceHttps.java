package dev.muster.gateway.https;

import dev.muster.gateway.config.DevicePlaneConfig;
import dev.muster.gateway.https.Authentication.Verdict;
import dev.muster.gateway.limit.RateLimit;
import dev.muster.gateway.port.Admission;
import dev.muster.gateway.port.GatewayTokens;
import dev.muster.gateway.port.TlsMaterial;
import dev.muster.protocol.AssetId;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.TrustOptions;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManagerFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Listens for assets over TLS that requests a client certificate, and leads each request to its route. */
public final class DeviceHttps implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DeviceHttps.class);
    private static final int MAX_HEADER_BYTES = 8 * 1024;
    private static final long CLOSE_SECONDS = 5;
    private static final int BUSY_SECONDS = 10;
    /** Of the connections allowed, so many more are told when to come back; others are closed without a word. */
    private static final int TOLD_PART = 8;

    private final DevicePlaneConfig.Https bounds;
    private final RouteTable routes;
    private final MeterRegistry meters;
    private final RateLimit attempts;
    private final RateLimit requests;
    private final BodyMemory bodies;
    private final Peers peers = new Peers();
    private final Authentication authentication;
    private final AtomicInteger connections = new AtomicInteger();
    /** Let in to be told to come back later. On the event loop. */
    private final Set<HttpConnection> overBound = new HashSet<>();

    private final Vertx vertx;
    private final HttpServer server;
    private volatile ClientCertificates certificates;

    private DeviceHttps(
            DevicePlaneConfig config,
            TlsMaterial material,
            Admission admission,
            GatewayTokens gateways,
            List<Route> routes,
            MeterRegistry meters)
            throws IOException {
        this.bounds = config.https();
        this.routes = new RouteTable(routes);
        this.meters = meters;
        this.attempts = new RateLimit(bounds.attempts());
        this.requests = new RateLimit(bounds.requests());
        this.bodies = new BodyMemory(bounds.bodies().together());
        this.authentication = new Authentication(admission, gateways, peers);
        this.certificates = new ClientCertificates(material);
        meters.gauge("muster.device.https.connections", connections);
        meters.gauge("muster.device.https.body.bytes", bodies, BodyMemory::held);
        meters.gauge("muster.device.https.bodies.waiting", bodies, BodyMemory::waiting);
        this.vertx = Vertx.vertx(new VertxOptions()
                .setEventLoopPoolSize(1)
                .setWorkerPoolSize(1)
                .setInternalBlockingPoolSize(1)
                .setPreferNativeTransport(true));
        this.server = vertx.createHttpServer(options(material))
                .connectionHandler(this::opened)
                .exceptionHandler(failure -> {
                    meters.counter("muster.tls.handshakes.failed", "port", "device")
                            .increment();
                    LOG.debug("a connection to device https failed: {}", failure.getMessage());
                })
                .requestHandler(this::handle);
        InetSocketAddress address = config.deviceListen();
        try {
            await(server.listen(address.getPort(), address.getHostString()));
        } catch (IOException e) {
            close();
            throw new IOException(
                    "cannot listen for device https on " + address + ": " + e.getMessage()
                            + "; choose another address or port",
                    e);
        }
        LOG.info("device https listens on {}:{}", address.getHostString(), server.actualPort());
    }

    public static DeviceHttps start(
            DevicePlaneConfig config,
            TlsMaterial material,
            Admission admission,
            List<Route> routes,
            MeterRegistry meters)
            throws IOException {
        return start(config, material, admission, GatewayTokens.NONE, routes, meters);
    }

    public static DeviceHttps start(
            DevicePlaneConfig config,
            TlsMaterial material,
            Admission admission,
            GatewayTokens gateways,
            List<Route> routes,
            MeterRegistry meters)
            throws IOException {
        return new DeviceHttps(config, material, admission, gateways, routes, meters);
    }

    private HttpServerOptions options(TlsMaterial material) {
        var options = new HttpServerOptions()
                .setSsl(true)
                .setEnabledSecureTransportProtocols(Set.of("TLSv1.2", "TLSv1.3"))
                .setClientAuth(ClientAuth.REQUEST)
                .setKeyCertOptions(keys(material))
                .setTrustOptions(TrustOptions.wrap(certificates.accepting()))
                .setUseAlpn(false)
                .setIdleTimeout((int) bounds.requestTimeout().toSeconds())
                .setIdleTimeoutUnit(TimeUnit.SECONDS)
                .setMaxHeaderSize(MAX_HEADER_BYTES);
        options.setSslHandshakeTimeout(bounds.requestTimeout().toSeconds())
                .setSslHandshakeTimeoutUnit(TimeUnit.SECONDS);
        return options;
    }

    private static KeyCertOptions keys(TlsMaterial material) {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry(
                    "server", material.key(), new char[0], material.chain().toArray(new Certificate[0]));
            KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            factory.init(store, new char[0]);
            return KeyCertOptions.wrap(factory);
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("the key of the server certificate cannot be used", e);
        }
    }

    public int port() {
        return server.actualPort();
    }

    // ---- a request

    private void opened(HttpConnection connection) {
        int open = connections.incrementAndGet();
        if (open > bounds.maxConnections() + bounds.maxConnections() / TOLD_PART) {
            connection.close();
        } else if (open > bounds.maxConnections()) {
            overBound.add(connection);
        }
        connection.closeHandler(closed -> {
            connections.decrementAndGet();
            overBound.remove(connection);
            peers.closed(connection);
        });
    }

    private void handle(HttpServerRequest request) {
        if (overBound.contains(request.connection())) {
            elsewhere(
                    request,
                    Answer.later(503, "busy", "too many connections", BUSY_SECONDS)
                            .with("Connection", "close"));
            return;
        }
        switch (routes.match(request.method(), request.path())) {
            case RouteTable.Match.Found(Route route, var path) -> {
                Verdict verdict = authentication.of(request, route, path, certificates);
                Caller caller = verdict instanceof Verdict.Known known ? known.caller() : new Caller.Anybody();
                var exchange = new Exchange(request, route, path, caller, this, vertx.getOrCreateContext());
                if (isWithinRate(exchange)) {
                    switch (verdict) {
                        case Verdict.Known known -> route.handler().accept(exchange);
                        case Verdict.Refused(int status, String code, String message) ->
                            exchange.answer(Answer.refused(status, code, message));
                    }
                }
            }
            case RouteTable.Match.OtherMethod(String allowed) ->
                elsewhere(
                        request,
                        Answer.refused(405, "method_not_allowed", "allowed here: " + allowed)
                                .with("Allow", allowed));
            case RouteTable.Match.Nothing() -> elsewhere(request, Answer.refused(404, "not_found", "no such path"));
        }
    }

    private static final Route NONE =
            new Route("none", Set.of(), Pattern.compile(""), EnumSet.noneOf(Accepts.class), it -> {});

    private void elsewhere(HttpServerRequest request, Answer refusal) {
        var match = NONE.path().matcher("").toMatchResult();
        var exchange = new Exchange(request, NONE, match, new Caller.Anybody(), this, vertx.getOrCreateContext());
        if (isWithinRate(exchange)) {
            exchange.answer(refusal);
        }
    }

    /**
     * An asset that showed a good certificate or token is counted by itself, so that many behind one address do not starve; everybody
     * else is counted by address, before a token is looked up.
     */
    private boolean isWithinRate(Exchange exchange) {
        long now = System.nanoTime();
        AssetId asset = assetOf(exchange.caller());
        int wait = asset == null
                ? attempts.attempt(RateLimit.network(exchange.address()), now)
                : requests.attempt(asset.value(), now);
        if (wait > 0) {
            String who = asset == null ? "attempts of " + exchange.address() : "requests of " + asset;
            exchange.answer(Answer.later(429, "rate_limited", "too many " + who, wait));
        }
        return wait == 0;
    }

    private static @Nullable AssetId assetOf(Caller caller) {
        return switch (caller) {
            case Caller.Asset(AssetId id, var _) -> id;
            case Caller.Target(AssetId id) -> id;
            case Caller.Gateway(AssetId id, var _) -> id;
            case Caller.Anybody(), Caller.Claimant(var _) -> null;
        };
    }

    // ---- for exchanges

    DevicePlaneConfig.Https bounds() {
        return bounds;
    }

    BodyMemory bodies() {
        return bodies;
    }

    long after(Duration delay, Runnable task) {
        return vertx.setTimer(delay.toMillis(), fired -> task.run());
    }

    void cancel(long timer) {
        vertx.cancelTimer(timer);
    }

    void count(String route, int status) {
        meters.counter("muster.device.https.requests", "route", route, "status", Integer.toString(status))
                .increment();
    }

    void countRefusal(String code) {
        meters.counter("muster.device.https.refusals", "reason", code).increment();
    }

    // ---- lifecycle

    /** For new connections. */
    public void replaceTls(TlsMaterial material) throws IOException {
        certificates = new ClientCertificates(material);
        await(server.updateSSLOptions(options(material).getSslOptions()));
    }

    @Override
    public void close() {
        try {
            await(vertx.close());
        } catch (IOException e) {
            LOG.warn("device https did not close: {}", e.getMessage());
        }
    }

    private static <T> @Nullable T await(Future<T> future) throws IOException {
        try {
            return future.toCompletionStage().toCompletableFuture().get(CLOSE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new IOException(String.valueOf(e.getCause()), e.getCause());
        } catch (TimeoutException e) {
            throw new IOException("not done within " + CLOSE_SECONDS + " s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
