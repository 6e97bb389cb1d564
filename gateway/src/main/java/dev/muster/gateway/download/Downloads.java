package dev.muster.gateway.download;

import dev.muster.gateway.config.DevicePlaneConfig;
import dev.muster.gateway.port.Artifacts;
import dev.muster.protocol.AssetId;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives artifacts and release metadata to assets, a bounded number at a time and no faster than is allowed. A download that broke off
 * goes on with {@code Range} and {@code If-Range}: the ETag names the content, which never changes.
 */
final class Downloads {
    static final int RETRY_AFTER_SECONDS = 10;
    /** Bytes per second that the downloads of one site may take together: also a hint to those who get the file from a cache. */
    static final String RATE = "muster-bytes-per-second";

    private static final Logger LOG = LoggerFactory.getLogger(Downloads.class);
    private static final String IMMUTABLE = "private, max-age=31536000, immutable";

    private final Artifacts artifacts;
    private final MeterRegistry meters;
    private final DownloadRate rate;

    Downloads(Artifacts artifacts, DevicePlaneConfig.Downloads bounds, MeterRegistry meters) {
        this.artifacts = artifacts;
        this.meters = meters;
        this.rate = new DownloadRate(bounds, System::nanoTime);
        meters.gauge("muster.device.https.downloads", rate, DownloadRate::going);
    }

    /** What was found, without touching the response. */
    sealed interface Found {
        /**
         * @param encoding of the content; null when it is the artifact as it is
         * @param site whose line it goes over
         */
        record File(
                Path path, long size, String etag, @Nullable String encoding, String site) implements Found {}

        record Document(byte[] content, boolean isImmutable) implements Found {}

        record Refused(int status, String code, String message) implements Found {}
    }

    /** May block. @param packed whether the client reads zstd */
    Found artifact(Asked asked, String sha256, boolean packed) {
        return found(sha256, () -> {
            Artifacts.Found found = artifacts.find(sha256);
            if (packed && found instanceof Artifacts.Found.File) {
                Optional<Path> smaller = artifacts.packed(sha256);
                if (smaller.isPresent()) {
                    return file(smaller.get(), sha256 + ".zst", "zstd", asked);
                }
            }
            return of(found, sha256, asked);
        });
    }

    /** May block. */
    Found delta(Asked asked, String sha256, String base) {
        return found(sha256, () -> of(artifacts.delta(sha256, base), sha256 + ".from." + base, asked));
    }

    /** Who asks; the address stands in for a site that is not known. */
    record Asked(AssetId asset, String address) {}

    @FunctionalInterface
    private interface Looking {
        Found look() throws IOException;
    }

    private static Found found(String name, Looking looking) {
        try {
            return looking.look();
        } catch (UncheckedIOException | IOException e) {
            return unavailable(name, e);
        }
    }

    private Found of(Artifacts.Found found, String name, Asked asked) throws IOException {
        return switch (found) {
            case Artifacts.Found.File(Path path) -> file(path, name, null, asked);
            case Artifacts.Found.Refused(int status, String code, String message) ->
                new Found.Refused(status, code, message);
        };
    }

    private Found.File file(Path path, String name, @Nullable String encoding, Asked asked) throws IOException {
        String site = rate.isLimited() ? artifacts.site(asked.asset()) : "";
        return new Found.File(
                path, Files.size(path), '"' + name + '"', encoding, site.isEmpty() ? asked.address() : "site " + site);
    }

    /** May block. */
    Found metadata(String name) {
        try {
            Optional<byte[]> found = artifacts.metadata(name);
            boolean isVersioned = name.matches("\\d+\\..*");
            return found.<Found>map(content -> new Found.Document(content, isVersioned))
                    .orElseGet(() -> new Found.Refused(404, "not_found", "there is no metadata file " + name));
        } catch (UncheckedIOException e) {
            return unavailable(name, e);
        }
    }

    private static Found unavailable(String name, Exception e) {
        LOG.warn("{} cannot be given to an asset: {}", name, e.getMessage());
        return new Found.Refused(503, "unavailable", "it cannot be read at this moment, try again later");
    }

    /** Whether there is room for one more; {@link #send} gives it back. */
    boolean tryBegin(Found.File file) {
        return rate.tryBegin(file.site());
    }

    /** On the event loop, after {@link #tryBegin}. @return the status */
    int send(HttpServerRequest request, Found.File file) {
        HttpServerResponse response = request.response();
        AtomicBoolean ended = new AtomicBoolean();
        Runnable end = () -> {
            if (ended.compareAndSet(false, true)) {
                rate.end(file.site());
            }
        };
        response.closeHandler(closed -> end.run());
        response.endHandler(done -> end.run());
        response.putHeader(HttpHeaders.ETAG, file.etag())
                .putHeader(HttpHeaders.ACCEPT_RANGES, "bytes")
                .putHeader(HttpHeaders.CACHE_CONTROL, IMMUTABLE)
                .putHeader(HttpHeaders.VARY, "accept-encoding");
        if (!EntityTags.allow(request.getHeader(HttpHeaders.IF_MATCH), file.etag())) {
            response.setStatusCode(412).end();
            return 412;
        }
        if (EntityTags.name(request.getHeader(HttpHeaders.IF_NONE_MATCH), file.etag())) {
            response.setStatusCode(304).end();
            return 304;
        }
        if (file.encoding() != null) {
            response.putHeader(HttpHeaders.CONTENT_ENCODING, file.encoding());
        }
        if (rate.isLimited()) {
            response.putHeader(RATE, Long.toString(rate.ofSite()));
        }
        ByteRange range =
                ByteRange.of(request.getHeader("Range"), request.getHeader("If-Range"), file.etag(), file.size());
        return switch (range) {
            case ByteRange.Whole whole -> sent(request, file, 200, 0, file.size(), end);
            case ByteRange.Part part -> {
                response.putHeader(
                        HttpHeaders.CONTENT_RANGE,
                        "bytes " + part.offset() + "-" + (part.offset() + part.length() - 1) + "/" + file.size());
                yield sent(request, file, 206, part.offset(), part.length(), end);
            }
            case ByteRange.Unsatisfiable outside -> {
                response.putHeader(HttpHeaders.CONTENT_RANGE, "bytes */" + file.size())
                        .setStatusCode(416)
                        .end();
                yield 416;
            }
        };
    }

    /** @param end when nothing more is sent; a file that breaks off is told by the future alone */
    private int sent(HttpServerRequest request, Found.File file, int status, long offset, long length, Runnable end) {
        HttpServerResponse response = request.response()
                .setStatusCode(status)
                .putHeader(HttpHeaders.CONTENT_TYPE, "application/octet-stream");
        if (request.method().equals(HttpMethod.HEAD) || length == 0) {
            response.putHeader(HttpHeaders.CONTENT_LENGTH, Long.toString(length))
                    .end();
            return status;
        }
        var sent = rate.isLimited()
                ? new PacedFile(Objects.requireNonNull(Vertx.currentContext()).owner(), response, file, rate)
                        .send(offset, length)
                : response.sendFile(file.path().toString(), offset, length);
        sent.onComplete(result -> {
            end.run();
            if (result.succeeded()) {
                meters.counter("muster.device.https.downloaded.bytes").increment(length);
            } else {
                LOG.debug("a download broke off: {}", result.cause().getMessage());
                request.connection().close(); // half a file must not look like a whole one
            }
        });
        return status;
    }

    /** On the event loop. @return the status */
    static int send(HttpServerRequest request, Found.Document document) {
        HttpServerResponse response = request.response()
                .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                .putHeader(HttpHeaders.CACHE_CONTROL, document.isImmutable() ? IMMUTABLE : "no-cache");
        if (request.method().equals(HttpMethod.HEAD)) {
            response.putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(document.content().length))
                    .end();
        } else {
            response.end(Buffer.buffer(document.content()));
        }
        return 200;
    }
}
