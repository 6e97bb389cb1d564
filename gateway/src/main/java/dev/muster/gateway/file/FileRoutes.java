package dev.muster.gateway.file;

import dev.muster.gateway.https.Accepts;
import dev.muster.gateway.https.Answer;
import dev.muster.gateway.https.Exchange;
import dev.muster.gateway.https.Route;
import dev.muster.gateway.https.WorkPool;
import dev.muster.gateway.port.FileIntake;
import dev.muster.gateway.port.FileIntake.Announced;
import dev.muster.gateway.port.FileIntake.Said;
import dev.muster.protocol.AssetId;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Files of assets by HTTP: a plain POST brings one as its body; with {@code Tus-Resumable} it is <a
 * href="https://tus.io/protocols/resumable-upload">tus 1.0</a> with creation, creation-with-upload, expiration and termination.
 * An asset sends files and never fetches any: there is no way from here to their content.
 */
public final class FileRoutes {
    private static final Logger LOG = LoggerFactory.getLogger(FileRoutes.class);
    private static final String TUS = "Tus-Resumable";
    private static final String VERSION = "1.0.0";
    private static final String OFFSET = "Upload-Offset";
    private static final String LENGTH = "Upload-Length";
    private static final String EXTENSIONS = "creation,creation-with-upload,expiration,termination";
    private static final String PIECE = "application/offset+octet-stream";
    private static final String UPLOAD = "/(?<upload>[0-9a-f-]{36})";
    private static final int AT_ONCE = 64;
    private static final int WAITING = 256;
    /** Of one request: a piece of a resumable upload that takes longer is kept as far as it came. */
    private static final Duration LONGEST = Duration.ofHours(1);

    private static final int BUSY_SECONDS = 10;

    private final FileIntake intake;
    private final Set<Accepts> credentials;
    private final WorkPool pool = new WorkPool("file", AT_ONCE, WAITING);

    /** @param credentials of paths that name their asset */
    public FileRoutes(FileIntake intake, Set<Accepts> credentials) {
        this.intake = intake;
        this.credentials = credentials;
    }

    public List<Route> routes() {
        return Stream.concat(
                        below("/v1/files", EnumSet.of(Accepts.CLIENT_CERTIFICATE)),
                        below("/v1/assets/(?<asset>" + AssetId.PATTERN + ")/files", credentials))
                .toList();
    }

    private Stream<Route> below(String base, Set<Accepts> accepts) {
        return Stream.of(
                route("files", HttpMethod.OPTIONS, base, accepts, this::options),
                route("file", HttpMethod.POST, base, accepts, this::begin),
                route("file-offset", HttpMethod.HEAD, base + UPLOAD, accepts, this::offset),
                route("file-piece", HttpMethod.PATCH, base + UPLOAD, accepts, this::piece),
                route("file-discard", HttpMethod.DELETE, base + UPLOAD, accepts, this::discard),
                route("file-override", HttpMethod.POST, base + UPLOAD, accepts, this::overridden));
    }

    private static Route route(
            String name, HttpMethod method, String path, Set<Accepts> accepts, BiConsumer<Exchange, AssetId> handler) {
        boolean named = path.contains("(?<asset>");
        return new Route(name, Set.of(method), Pattern.compile(path), accepts, exchange -> {
            Optional<AssetId> asset = named ? exchange.assetOfPath() : Optional.of(exchange.asset());
            asset.ifPresent(known -> handler.accept(exchange, known));
        });
    }

    private void options(Exchange exchange, AssetId asset) {
        exchange.answer(tus(204).with("Tus-Version", VERSION)
                .with("Tus-Extension", EXTENSIONS)
                .with("Tus-Max-Size", Long.toString(intake.maxBytes())));
    }

    private void begin(Exchange exchange, AssetId asset) {
        String version = exchange.header(TUS);
        try {
            if (version == null) {
                whole(exchange, asset);
            } else if (isSpoken(exchange, version)) {
                resumable(exchange, asset);
            }
        } catch (MalformedFileException e) {
            exchange.answer(closing(malformed(e)));
        }
    }

    // ---- in one request

    private void whole(Exchange exchange, AssetId asset) throws MalformedFileException {
        if (exchange.header(HttpHeaders.CONTENT_LENGTH) == null) {
            exchange.answer(closing(Answer.refused(
                    411,
                    "length_required",
                    "Content-Length is needed; what has no length yet is written to a file first, or sent by tus")));
            return;
        }
        Map<String, String> fields = new LinkedHashMap<>();
        exchange.request().params().forEach(fields::putIfAbsent);
        Announced file = Announcement.of(
                fields, exchange.declared(), exchange.header(HttpHeaders.CONTENT_TYPE), digest(exchange));
        exchange.stream(
                pool,
                LONGEST,
                body -> guarded(() -> switch (intake.begin(asset, file, false)) {
                    case Said.Going(String upload, long offset, var _, var _) ->
                        switch (intake.append(asset, upload, offset, body)) {
                            case Said.Stored stored -> created(exchange, stored);
                            case Said.Going going -> brokenOff(asset, going);
                            case Said.Refused refused -> {
                                intake.discard(asset, upload);
                                yield refusal(refused);
                            }
                            case Said.Discarded() -> gone();
                        };
                    case Said.Stored stored -> created(exchange, stored);
                    case Said.Refused refused -> refusal(refused);
                    case Said.Discarded() -> gone();
                }));
    }

    private static Answer created(Exchange exchange, Said.Stored stored) {
        return Answer.of(
                        stored.isNew() ? 201 : 200,
                        "application/json",
                        new JsonObject()
                                .put("id", stored.file())
                                .put("size", stored.size())
                                .put("sha256", stored.sha256())
                                .encode())
                .with("Location", exchange.request().path() + "/" + stored.file());
    }

    /** Most likely nobody hears it. */
    private Answer brokenOff(AssetId asset, Said.Going going) {
        intake.discard(asset, going.upload());
        return Answer.refused(
                400, "incomplete", "the body ended after " + going.offset() + " of " + going.size() + " bytes");
    }

    // ---- tus

    private void resumable(Exchange exchange, AssetId asset) throws MalformedFileException {
        long size = Announcement.number(LENGTH, exchange.header(LENGTH));
        Announced file = Announcement.of(
                Announcement.metadata(exchange.header("Upload-Metadata")), size, null, digest(exchange));
        boolean withPiece = exchange.declared() != 0 && PIECE.equals(exchange.header(HttpHeaders.CONTENT_TYPE));
        String base = exchange.request().path();
        exchange.stream(
                pool,
                LONGEST,
                body -> guarded(() -> {
                    Said begun = intake.begin(asset, file, true);
                    if (!(begun instanceof Said.Going going)) {
                        return said(begun, 201);
                    }
                    boolean more = withPiece || size == 0; // nothing more comes of an empty one
                    Said said = more ? intake.append(asset, going.upload(), 0, body) : begun;
                    return said(said, 201).with("Location", base + "/" + going.upload());
                }));
    }

    private void offset(Exchange exchange, AssetId asset) {
        String upload = exchange.parameter("upload");
        exchange.work(
                pool,
                () -> guarded(() -> switch (intake.progress(asset, upload)) {
                            case Said.Going going -> said(going, 200).with(LENGTH, Long.toString(going.size()));
                            case Said.Stored stored -> said(stored, 200).with(LENGTH, Long.toString(stored.size()));
                            case Said.Refused refused -> tus(refused.status());
                            case Said.Discarded() -> tus(410);
                        })
                        .with("Cache-Control", "no-store"));
    }

    private void piece(Exchange exchange, AssetId asset) {
        if (!isSpoken(exchange, exchange.header(TUS))) {
            return;
        }
        if (!PIECE.equals(exchange.header(HttpHeaders.CONTENT_TYPE))) {
            exchange.answer(closing(Answer.refused(
                    415, "unsupported_media_type", "the content type of a piece is " + PIECE + ", found another")));
            return;
        }
        try {
            long offset = Announcement.number(OFFSET, exchange.header(OFFSET));
            String upload = exchange.parameter("upload");
            exchange.stream(
                    pool, LONGEST, body -> guarded(() -> said(intake.append(asset, upload, offset, body), 204)));
        } catch (MalformedFileException e) {
            exchange.answer(closing(malformed(e)));
        }
    }

    /** For clients whose HTTP knows no PATCH; Java's older one among them. */
    private void overridden(Exchange exchange, AssetId asset) {
        String method = exchange.header("X-HTTP-Method-Override");
        if ("PATCH".equals(method)) {
            piece(exchange, asset);
        } else if ("DELETE".equals(method)) {
            discard(exchange, asset);
        } else {
            exchange.answer(closing(
                    Answer.refused(405, "method_not_allowed", "X-HTTP-Method-Override: PATCH or DELETE is needed")));
        }
    }

    private void discard(Exchange exchange, AssetId asset) {
        if (isSpoken(exchange, exchange.header(TUS))) {
            String upload = exchange.parameter("upload");
            exchange.work(pool, () -> guarded(() -> said(intake.discard(asset, upload), 204)));
        }
    }

    /** Answers when it is not. */
    private static boolean isSpoken(Exchange exchange, @Nullable String version) {
        if (VERSION.equals(version)) {
            return true;
        }
        exchange.answer(closing(Answer.refused(412, "precondition_failed", "Tus-Resumable: " + VERSION + " is needed")
                .with("Tus-Version", VERSION)));
        return false;
    }

    // ---- answers

    private static Answer said(Said said, int status) {
        return switch (said) {
            case Said.Going going ->
                tus(status).with(OFFSET, Long.toString(going.offset())).with("Upload-Expires", httpDate(going.until()));
            case Said.Stored stored ->
                tus(status).with(OFFSET, Long.toString(stored.size())).with("Muster-File", stored.file());
            case Said.Discarded() -> tus(status);
            case Said.Refused refused -> refusal(refused).with(TUS, VERSION);
        };
    }

    private static Answer refusal(Said.Refused refused) {
        return refused.status() == 503 || refused.status() == 429
                ? Answer.later(refused.status(), refused.code(), refused.message(), BUSY_SECONDS)
                : Answer.refused(refused.status(), refused.code(), refused.message());
    }

    private static Answer tus(int status) {
        return Answer.empty(status).with(TUS, VERSION);
    }

    private static Answer malformed(MalformedFileException e) {
        return Answer.refused(400, "malformed", String.valueOf(e.getMessage()));
    }

    private static Answer gone() {
        return Answer.refused(410, "gone", "the upload was taken back meanwhile");
    }

    /** For one whose body is not read. */
    private static Answer closing(Answer answer) {
        return answer.with("Connection", "close");
    }

    private static Answer guarded(Supplier<Answer> work) {
        try {
            return work.get();
        } catch (UncheckedIOException e) {
            LOG.warn("a file of an asset cannot be taken: {}", e.getMessage());
            return Answer.later(503, "unavailable", "it cannot be stored at this moment", BUSY_SECONDS);
        }
    }

    private static @Nullable String digest(Exchange exchange) {
        String whole = exchange.header("Repr-Digest");
        return whole == null ? exchange.header("Content-Digest") : whole;
    }

    private static String httpDate(Instant time) {
        return DateTimeFormatter.RFC_1123_DATE_TIME.format(time.atOffset(ZoneOffset.UTC));
    }
}
