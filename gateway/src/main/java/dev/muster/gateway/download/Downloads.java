package dev.muster.gateway.download;

import dev.muster.gateway.port.Artifacts;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives artifacts and release metadata to assets, a bounded number at a time. A download that broke off goes on with
 * {@code Range} and {@code If-Range}: the ETag is the SHA-256 of the content, which never changes.
 */
final class Downloads {
    static final int RETRY_AFTER_SECONDS = 10;
    private static final Logger LOG = LoggerFactory.getLogger(Downloads.class);
    private static final String IMMUTABLE = "private, max-age=31536000, immutable";

    private final Artifacts artifacts;
    private final MeterRegistry meters;
    private final Semaphore free;

    Downloads(Artifacts artifacts, int maxDownloads, MeterRegistry meters) {
        this.artifacts = artifacts;
        this.meters = meters;
        this.free = new Semaphore(maxDownloads);
        meters.gauge("muster.device.https.downloads", free, left -> maxDownloads - left.availablePermits());
    }

    /** What was found, without touching the response. */
    sealed interface Found {
        record File(Path path, long size, String etag) implements Found {}

        record Document(byte[] content, boolean isImmutable) implements Found {}

        record Refused(int status, String code, String message) implements Found {}
    }

    /** May block. */
    Found artifact(String sha256) {
        try {
            return switch (artifacts.find(sha256)) {
                case Artifacts.Found.File file ->
                    new Found.File(file.path(), Files.size(file.path()), "\"" + sha256 + "\"");
                case Artifacts.Found.Refused refused ->
                    new Found.Refused(refused.status(), refused.code(), refused.message());
            };
        } catch (UncheckedIOException | IOException e) {
            return unavailable(sha256, e);
        }
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

    /** Whether there is room for one more; {@link #send} or {@link #letGo} gives it back. */
    boolean tryBegin() {
        return free.tryAcquire();
    }

    void letGo() {
        free.release();
    }

    /** On the event loop, after {@link #tryBegin}. @return the status */
    int send(HttpServerRequest request, Found.File file) {
        HttpServerResponse response = request.response();
        AtomicBoolean ended = new AtomicBoolean();
        Runnable end = () -> {
            if (ended.compareAndSet(false, true)) {
                letGo();
            }
        };
        response.closeHandler(closed -> end.run());
        response.endHandler(done -> end.run());
        response.putHeader(HttpHeaders.ETAG, file.etag())
                .putHeader(HttpHeaders.ACCEPT_RANGES, "bytes")
                .putHeader(HttpHeaders.CACHE_CONTROL, IMMUTABLE);
        if (file.etag().equals(request.getHeader(HttpHeaders.IF_NONE_MATCH))) {
            response.setStatusCode(304).end();
            return 304;
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
        response.sendFile(file.path().toString(), offset, length).onComplete(result -> {
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
