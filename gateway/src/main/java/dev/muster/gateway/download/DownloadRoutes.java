package dev.muster.gateway.download;

import dev.muster.gateway.config.DevicePlaneConfig;
import dev.muster.gateway.https.Accepts;
import dev.muster.gateway.https.Answer;
import dev.muster.gateway.https.Exchange;
import dev.muster.gateway.https.Route;
import dev.muster.gateway.https.WorkPool;
import dev.muster.gateway.limit.RateLimit;
import dev.muster.gateway.port.Artifacts;
import dev.muster.protocol.AssetId;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What can be downloaded with a client certificate, by its path. */
public final class DownloadRoutes {
    private static final int LOOKUPS = 8;
    private static final int WAITING = 128;
    private static final String HASH = "([0-9a-f]{64})";
    private static final Pattern ZSTD = Pattern.compile("(?:^|[,\\s])zstd\\s*(?:,|$|;\\s*q=(?:1|0\\.0*[1-9]))");

    private final Downloads downloads;
    private final WorkPool pool = new WorkPool("download", LOOKUPS, WAITING);

    public DownloadRoutes(Artifacts artifacts, DevicePlaneConfig.Https bounds, MeterRegistry meters) {
        this.downloads = new Downloads(artifacts, bounds.downloads(), meters);
    }

    public List<Route> routes() {
        return List.of(
                route("artifact", "/v1/artifacts/sha256/" + HASH, this::artifact),
                route(
                        "delta",
                        "/v1/artifacts/sha256/" + HASH + "/from/" + HASH,
                        exchange -> downloads.delta(asked(exchange), exchange.parameter(1), exchange.parameter(2))),
                // The same, where a client of The Update Framework looks for it: consistent snapshots, specification
                // 6.2.
                route(
                        "target",
                        "/v1/targets/(?:[A-Za-z0-9._+-]{1,128}/){1,8}([0-9a-f]{64})\\.[A-Za-z0-9._+-]{1,128}",
                        this::artifact),
                route(
                        "metadata",
                        "/v1/tuf/([A-Za-z0-9._-]{1,160})",
                        exchange -> downloads.metadata(exchange.parameter(1))));
    }

    /** @param found looks up what the path names; may block */
    private Route route(String name, String path, Function<Exchange, Downloads.Found> found) {
        return new Route(
                name,
                Set.of(HttpMethod.GET, HttpMethod.HEAD),
                Pattern.compile(path),
                EnumSet.of(Accepts.CLIENT_CERTIFICATE),
                exchange -> exchange.work(pool, () -> answer(found.apply(exchange))));
    }

    private Downloads.Found artifact(Exchange exchange) {
        return downloads.artifact(asked(exchange), exchange.parameter(1), readsZstd(exchange));
    }

    private static Downloads.Asked asked(Exchange exchange) {
        return new Downloads.Asked(exchange.asset(), RateLimit.network(exchange.address()));
    }

    /** RFC 9110 section 12.5.3; a weight of 0 is a refusal. */
    static boolean readsZstd(@Nullable String acceptEncoding) {
        return acceptEncoding != null && ZSTD.matcher(acceptEncoding).find();
    }

    private static boolean readsZstd(Exchange exchange) {
        return readsZstd(exchange.header(HttpHeaders.ACCEPT_ENCODING));
    }

    /**
     * Sends an artifact, as it is, that another route names in its own way.
     *
     * @param asset that asks
     * @param sha256 looked up on the pool of downloads; may block
     */
    public void send(Exchange exchange, AssetId asset, Supplier<Optional<String>> sha256) {
        Downloads.Asked asked = new Downloads.Asked(asset, RateLimit.network(exchange.address()));
        exchange.work(
                pool,
                () -> sha256.get()
                        .map(hash -> answer(downloads.artifact(asked, hash, false)))
                        .orElseGet(() -> Answer.refused(404, "not_found", "there is no such artifact")));
    }

    private Answer answer(Downloads.Found found) {
        return switch (found) {
            case Downloads.Found.Refused(int status, String code, String message) ->
                Answer.refused(status, code, message);
            case Downloads.Found.Document document -> exchange -> Downloads.send(exchange.request(), document);
            case Downloads.Found.File file ->
                exchange -> downloads.tryBegin(file)
                        ? downloads.send(exchange.request(), file)
                        : Answer.later(503, "busy", "too many downloads are going on", Downloads.RETRY_AFTER_SECONDS)
                                .to(exchange);
        };
    }
}
