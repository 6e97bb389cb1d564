package dev.muster.gateway.est;

import dev.muster.gateway.config.DevicePlaneConfig;
import dev.muster.gateway.port.Admission;
import dev.muster.gateway.port.Admission.Decision;
import dev.muster.gateway.port.Artifacts;
import dev.muster.gateway.port.DownlinkSource;
import dev.muster.gateway.port.DownlinkSource.Desired;
import dev.muster.gateway.port.Enrolment;
import dev.muster.gateway.port.Enrolment.Outcome;
import dev.muster.gateway.port.TlsMaterial;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.TrustOptions;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Device HTTPS: EST (RFC 7030, RFC 8951), downloads, and an asset's own desired document, over TLS that requests a client
 * certificate.
 *
 * <p>The way of a request: address within its limit → route → credential → body → {@link Enrolment} on a virtual thread, a
 * bounded number at a time → certificate.
 */
public final class DeviceHttps implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DeviceHttps.class);
    private static final String PKCS10 = "application/pkcs10";
    private static final String CERTS_ONLY = "application/pkcs7-mime; smime-type=certs-only";
    private static final String WWW_AUTHENTICATE = "WWW-Authenticate";
    private static final int WAITING_PER_WORKER = 16;
    private static final int MAX_HEADER_BYTES = 8 * 1024;
    private static final long CLOSE_SECONDS = 5;

    private final DevicePlaneConfig.Https bounds;
    private final Admission admission;
    private final Enrolment enrolment;
    private final Downloads downloads;
    private final DownlinkSource downlink;
    private final MeterRegistry meters;
    private final AttemptLimit attempts;
    private final AtomicInteger connections = new AtomicInteger();
    private final Vertx vertx;
    private final HttpServer server;
    private final ExecutorService workers = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("enrolment-", 0).factory());
    private final Semaphore accepted;
    private final Semaphore working;
    private volatile ClientCertificates certificates;

    private DeviceHttps(
            DevicePlaneConfig config,
            TlsMaterial material,
            Admission admission,
            Enrolment enrolment,
            Artifacts artifacts,
            DownlinkSource downlink,
            MeterRegistry meters)
            throws IOException {
        this.bounds = config.https();
        this.admission = admission;
        this.enrolment = enrolment;
        this.downloads = new Downloads(artifacts, bounds.maxDownloads(), meters);
        this.downlink = downlink;
        this.meters = meters;
        this.attempts = new AttemptLimit(bounds.attemptsPerMinute(), bounds.burst(), bounds.maxAddresses());
        this.accepted = new Semaphore(bounds.maxEnrolments() * (1 + WAITING_PER_WORKER));
        this.working = new Semaphore(bounds.maxEnrolments());
        this.certificates = new ClientCertificates(material);
        meters.gauge("muster.device.https.connections", connections);
        this.vertx = Vertx.vertx(new VertxOptions()
                .setEventLoopPoolSize(1)
                .setWorkerPoolSize(1)
                .setInternalBlockingPoolSize(1)
                .setPreferNativeTransport(true));
        this.server = vertx.createHttpServer(options(material))
                .connectionHandler(connection -> {
                    if (connections.incrementAndGet() > bounds.maxConnections()) {
                        connection.close();
                    }
                    connection.closeHandler(closed -> connections.decrementAndGet());
                })
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
            Enrolment enrolment,
            Artifacts artifacts,
            DownlinkSource downlink,
            MeterRegistry meters)
            throws IOException {
        return new DeviceHttps(config, material, admission, enrolment, artifacts, downlink, meters);
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

    private void handle(HttpServerRequest request) {
        String address = request.remoteAddress().hostAddress();
        int wait = attempts.attempt(address, System.nanoTime());
        if (wait > 0) {
            request.response().putHeader(HttpHeaders.RETRY_AFTER, Integer.toString(wait));
            refuse(request, 429, "rate_limited", "too many attempts of " + address + ", try again in " + wait + " s");
            return;
        }
        Optional<DownloadRoute.Wanted> download = DownloadRoute.of(request.path());
        if (download.isPresent()) {
            download(request, download.get());
            return;
        }
        Optional<EstRoute> route = EstRoute.of(request.path());
        if (route.isEmpty()) {
            refuse(request, 404, "not_found", "no such path; " + EstRoute.PREFIX + "cacerts is one");
        } else if (!route.get().method().equals(request.method())) {
            request.response().putHeader("Allow", route.get().method().name());
            refuse(request, 405, "method_not_allowed", "only " + route.get().method() + " is allowed");
        } else {
            answer(request, route.get(), address);
        }
    }

    private void answer(HttpServerRequest request, EstRoute route, String address) {
        switch (route) {
            case CA_CERTS ->
                work(request, () -> answer -> answer.certificates(EstBodies.certsOnly(enrolment.caCertificates())));
            case CSR_ATTRIBUTES -> work(request, () -> csrAttributes(enrolment.csrAttributes()));
            case ENROL -> {
                var token = BasicCredential.parse(request.getHeader(HttpHeaders.AUTHORIZATION));
                if (token.isEmpty()) {
                    refuse(request, 401, "unauthenticated", "a claim token is needed: HTTP Basic, as password");
                } else {
                    withRequest(request, pkcs10 -> enrolment.enrol(token.get(), pkcs10, address));
                }
            }
            case RENEW -> {
                List<X509Certificate> chain = clientChain(request);
                if (chain.isEmpty()) {
                    refuse(request, 401, "unauthenticated", "the current certificate must be shown in the handshake");
                } else {
                    withRequest(request, pkcs10 -> renew(chain, pkcs10, address));
                }
            }
            case DESIRED -> desired(request);
        }
    }

    /** The document of the asset to which the certificate belongs, and no other. */
    private void desired(HttpServerRequest request) {
        List<X509Certificate> chain = clientChain(request);
        if (chain.isEmpty()) {
            refuse(request, 401, "unauthenticated", "the asset's certificate must be shown in the handshake");
            return;
        }
        Optional<String> problem = certificates.problem(chain);
        if (problem.isPresent()) {
            refuse(request, 401, "certificate_not_trusted", "the client certificate is refused: " + problem.get());
            return;
        }
        switch (admission.admit(chain.getFirst())) {
            case Decision.Refused refused -> refuse(request, 403, refused.code(), refused.message());
            case Decision.Admitted admitted -> {
                var context = vertx.getOrCreateContext();
                downlink.desired(admitted.asset())
                        .whenComplete((found, failure) -> context.runOnContext(on -> {
                            if (!request.response().ended()
                                    && !request.response().closed()) {
                                desired(request, found, failure);
                            }
                        }));
            }
        }
    }

    private void desired(HttpServerRequest request, @Nullable Optional<Desired> found, @Nullable Throwable failure) {
        if (failure != null || found == null) {
            request.response().putHeader(HttpHeaders.RETRY_AFTER, "5");
            refuse(request, 503, "unavailable", "the desired state cannot be read now, try again in 5 s");
        } else if (found.isEmpty()) {
            refuse(request, 404, "not_found", "nothing is desired of this asset");
        } else {
            String tag = '"' + found.get().sha256() + '"';
            HttpServerResponse response = request.response()
                    .putHeader(HttpHeaders.ETAG, tag)
                    .putHeader(HttpHeaders.CACHE_CONTROL, "private, no-cache");
            boolean known = tag.equals(request.getHeader(HttpHeaders.IF_NONE_MATCH));
            count(request, known ? 304 : 200);
            if (known) {
                response.setStatusCode(304).end();
            } else {
                response.putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                        .end(Buffer.buffer(found.get().document()));
            }
        }
    }

    /** Verified, then admitted, then renewed. */
    private Outcome renew(List<X509Certificate> chain, byte[] pkcs10, String address) {
        Optional<String> problem = certificates.problem(chain);
        if (problem.isPresent()) {
            return new Outcome.Refused(
                    401,
                    "certificate_not_trusted",
                    "the client certificate cannot renew: " + problem.get() + "; enrol again with a claim token");
        }
        return switch (admission.admit(chain.getFirst())) {
            case Decision.Refused refused -> new Outcome.Refused(403, refused.code(), refused.message());
            case Decision.Admitted admitted -> {
                LOG.debug("asset={} renews its certificate {}", admitted.asset(), admitted.serial());
                yield enrolment.renew(chain.getFirst(), pkcs10, address);
            }
        };
    }

    /** Certificate → asset → what is there → bytes. */
    private void download(HttpServerRequest request, DownloadRoute.Wanted wanted) {
        if (!request.method().equals(HttpMethod.GET) && !request.method().equals(HttpMethod.HEAD)) {
            request.response().putHeader("Allow", "GET, HEAD");
            refuse(request, 405, "method_not_allowed", "only GET and HEAD are allowed");
            return;
        }
        List<X509Certificate> chain = clientChain(request);
        if (chain.isEmpty()) {
            refuse(request, 401, "unauthenticated", "the asset's certificate must be shown in the handshake");
            return;
        }
        work(request, () -> {
            Downloads.Answer found = notAdmitted(chain)
                    .<Downloads.Answer>map(refused ->
                            new Downloads.Answer.Refused(refused.status(), refused.code(), refused.message()))
                    .orElseGet(() -> downloads.find(wanted));
            return response -> response.download(found);
        });
    }

    /** Why the certificate speaks for no asset; empty when it does. */
    private Optional<Outcome.Refused> notAdmitted(List<X509Certificate> chain) {
        Optional<String> problem = certificates.problem(chain);
        if (problem.isPresent()) {
            return Optional.of(new Outcome.Refused(
                    401, "certificate_not_trusted", "the client certificate is not good: " + problem.get()));
        }
        return switch (admission.admit(chain.getFirst())) {
            case Decision.Refused refused -> Optional.of(new Outcome.Refused(403, refused.code(), refused.message()));
            case Decision.Admitted admitted -> Optional.empty();
        };
    }

    private static List<X509Certificate> clientChain(HttpServerRequest request) {
        try {
            return request.connection().peerCertificates().stream()
                    .map(X509Certificate.class::cast)
                    .toList();
        } catch (SSLPeerUnverifiedException none) {
            return List.of();
        }
    }

    @FunctionalInterface
    private interface Issuing {
        Outcome issue(byte[] pkcs10);
    }

    private void withRequest(HttpServerRequest request, Issuing issuing) {
        String type = request.getHeader(HttpHeaders.CONTENT_TYPE);
        if (type != null && !type.regionMatches(true, 0, PKCS10, 0, PKCS10.length())) {
            refuse(request, 415, "unsupported_media_type", "the content type is another than " + PKCS10);
            return;
        }
        body(request, body -> {
            Optional<byte[]> der = EstBodies.der(body);
            if (der.isEmpty()) {
                refuse(request, 400, "invalid", "the body is not the base64 of a PKCS#10 request");
                return;
            }
            work(request, () -> outcome(issuing.issue(der.get())));
        });
    }

    private void body(HttpServerRequest request, Consumer<byte[]> whole) {
        Buffer body = Buffer.buffer();
        request.handler(part -> {
            if (request.response().ended()) {
                return;
            }
            if (body.length() + part.length() > bounds.maxBodyBytes()) {
                request.response().putHeader(HttpHeaders.CONNECTION, "close");
                refuse(request, 413, "too_large", "the body has more than " + bounds.maxBodyBytes() + " bytes");
                return;
            }
            body.appendBuffer(part);
        });
        request.endHandler(end -> {
            if (!request.response().ended()) {
                whole.accept(body.getBytes());
            }
        });
    }

    // ---- work that may block

    @FunctionalInterface
    private interface Answer {
        void to(Response response);
    }

    private void work(HttpServerRequest request, Supplier<Answer> task) {
        if (!accepted.tryAcquire()) {
            request.response().putHeader(HttpHeaders.RETRY_AFTER, "2");
            refuse(request, 503, "unavailable", "too many requests wait, try again in 2 s");
            return;
        }
        var context = vertx.getOrCreateContext();
        workers.execute(() -> {
            Answer answer;
            try {
                answer = worked(task);
            } finally {
                accepted.release();
            }
            context.runOnContext(on -> {
                if (!request.response().ended() && !request.response().closed()) {
                    answer.to(new Response(request));
                }
            });
        });
    }

    private Answer worked(Supplier<Answer> task) {
        working.acquireUninterruptibly();
        try {
            return task.get();
        } catch (RuntimeException e) {
            LOG.error("a device https request failed after a fault of the server", e);
            return response -> response.refused(500, "internal", "the server failed; its log says why");
        } finally {
            working.release();
        }
    }

    private static Answer csrAttributes(byte[] der) {
        return der.length == 0 ? Response::nothing : response -> response.csrAttributes(EstBodies.base64(der));
    }

    private static Answer outcome(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Issued issued -> {
                String body = EstBodies.certsOnly(List.of(issued.certificate()));
                yield response -> response.certificates(body);
            }
            case Outcome.Refused refused ->
                response -> response.refused(refused.status(), refused.code(), refused.message());
        };
    }

    /** The ways to answer. */
    private final class Response {
        private final HttpServerRequest request;

        private Response(HttpServerRequest request) {
            this.request = request;
        }

        void certificates(String body) {
            end(CERTS_ONLY, body);
        }

        void csrAttributes(String body) {
            end("application/csrattrs", body);
        }

        void nothing() {
            count(request, 204);
            request.response().setStatusCode(204).end();
        }

        void refused(int status, String code, String message) {
            refuse(request, status, code, message);
        }

        void download(Downloads.Answer found) {
            switch (found) {
                case Downloads.Answer.Refused refused -> refused(refused.status(), refused.code(), refused.message());
                case Downloads.Answer.Document document -> count(request, Downloads.send(request, document));
                case Downloads.Answer.File file -> {
                    if (downloads.tryBegin()) {
                        count(request, downloads.send(request, file));
                    } else {
                        String wait = Integer.toString(Downloads.RETRY_AFTER_SECONDS);
                        request.response().putHeader(HttpHeaders.RETRY_AFTER, wait);
                        refused(503, "busy", "too many downloads are going on, try again in " + wait + " s");
                    }
                }
            }
        }

        private void end(String type, String body) {
            count(request, 200);
            request.response()
                    .putHeader(HttpHeaders.CONTENT_TYPE, type)
                    .putHeader("Content-Transfer-Encoding", "base64")
                    .end(body);
        }
    }

    private void refuse(HttpServerRequest request, int status, String code, String message) {
        meters.counter("muster.device.https.refusals", "reason", code).increment();
        count(request, status);
        HttpServerResponse response = request.response();
        if (status == 401 && DownloadRoute.of(request.path()).isPresent()) {
            response.headers().add(WWW_AUTHENTICATE, EstRoute.Accepts.CLIENT_CERTIFICATE.challenge());
        } else if (status == 401) {
            EstRoute.of(request.path())
                    .ifPresent(route -> route.accepts()
                            .forEach(accepted -> response.headers().add(WWW_AUTHENTICATE, accepted.challenge())));
        }
        response.setStatusCode(status)
                .putHeader(HttpHeaders.CONTENT_TYPE, "application/problem+json")
                .end(new JsonObject()
                        .put("type", "about:blank")
                        .put("title", response.getStatusMessage())
                        .put("status", status)
                        .put("code", code)
                        .put("detail", message)
                        .encode());
    }

    private void count(HttpServerRequest request, int status) {
        String route = DownloadRoute.of(request.path())
                .map(wanted -> wanted.route().name())
                .or(() -> EstRoute.of(request.path()).map(Enum::name))
                .orElse("none");
        meters.counter("muster.device.https.requests", "route", route, "status", Integer.toString(status))
                .increment();
    }

    // ---- lifecycle

    /** For new connections. */
    public void replaceTls(TlsMaterial material) throws IOException {
        certificates = new ClientCertificates(material);
        await(server.updateSSLOptions(options(material).getSslOptions()));
    }

    @Override
    public void close() {
        workers.shutdown();
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
