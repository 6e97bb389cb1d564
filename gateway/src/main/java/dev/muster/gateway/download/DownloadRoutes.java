package dev.muster.gateway.download;

import dev.muster.gateway.config.DevicePlaneConfig;
import dev.muster.gateway.https.Accepts;
import dev.muster.gateway.https.Answer;
import dev.muster.gateway.https.Exchange;
import dev.muster.gateway.https.Route;
import dev.muster.gateway.https.WorkPool;
import dev.muster.gateway.port.Artifacts;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.http.HttpMethod;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/** What can be downloaded with a client certificate, by its path. */
public final class DownloadRoutes {
    private static final int LOOKUPS = 8;
    private static final int WAITING = 128;

    private final Downloads downloads;
    private final WorkPool pool = new WorkPool("download", LOOKUPS, WAITING);

    public DownloadRoutes(Artifacts artifacts, DevicePlaneConfig.Https bounds, MeterRegistry meters) {
        this.downloads = new Downloads(artifacts, bounds.maxDownloads(), meters);
    }

    public List<Route> routes() {
        return List.of(
                route("artifact", "/v1/artifacts/sha256/([0-9a-f]{64})", downloads::artifact),
                // The same, where a client of The Update Framework looks for it: consistent snapshots, specification
                // 6.2.
                route(
                        "target",
                        "/v1/targets/(?:[A-Za-z0-9._+-]{1,128}/){1,8}([0-9a-f]{64})\\.[A-Za-z0-9._+-]{1,128}",
                        downloads::artifact),
                route("metadata", "/v1/tuf/([A-Za-z0-9._-]{1,160})", downloads::metadata));
    }

    /** @param found looks up what the path's group names; may block */
    private Route route(String name, String path, Function<String, Downloads.Found> found) {
        return new Route(
                name,
                Set.of(HttpMethod.GET, HttpMethod.HEAD),
                Pattern.compile(path),
                EnumSet.of(Accepts.CLIENT_CERTIFICATE),
                exchange -> download(exchange, found));
    }

    private void download(Exchange exchange, Function<String, Downloads.Found> found) {
        exchange.work(pool, () -> answer(found.apply(exchange.parameter(1))));
    }

    /** Sends an artifact that another route names in its own way. @param sha256 looked up on the pool of downloads; may block */
    public void send(Exchange exchange, Supplier<Optional<String>> sha256) {
        exchange.work(
                pool,
                () -> sha256.get()
                        .map(hash -> answer(downloads.artifact(hash)))
                        .orElseGet(() -> Answer.refused(404, "not_found", "there is no such artifact")));
    }

    private Answer answer(Downloads.Found found) {
        return switch (found) {
            case Downloads.Found.Refused(int status, String code, String message) ->
                Answer.refused(status, code, message);
            case Downloads.Found.Document document -> exchange -> Downloads.send(exchange.request(), document);
            case Downloads.Found.File file ->
                exchange -> downloads.tryBegin()
                        ? downloads.send(exchange.request(), file)
                        : Answer.later(503, "busy", "too many downloads are going on", Downloads.RETRY_AFTER_SECONDS)
                                .to(exchange);
        };
    }
}
