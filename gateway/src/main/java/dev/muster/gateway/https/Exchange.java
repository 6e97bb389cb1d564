package dev.muster.gateway.https;

import dev.muster.protocol.AssetId;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.io.InputStream;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.MatchResult;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One request of a known caller, and its answer. On the event loop, but for {@link #answerLater}. */
public final class Exchange {
    private static final Logger LOG = LoggerFactory.getLogger(Exchange.class);
    /** What is thrown away of a refused body, so that the connection can be used again; a longer one is closed. */
    private static final long MAX_THROWN_AWAY = 1 << 20;

    private static final int BUSY_SECONDS = 2;

    private final HttpServerRequest request;
    private final Route route;
    private final MatchResult path;
    private final Caller caller;
    private final DeviceHttps https;
    private final Context context;
    private boolean answered;
    private boolean gone;
    /** Taken from the memory of bodies; given back when the exchange is over and no work holds the body. */
    private long held;

    private int works;

    Exchange(
            HttpServerRequest request,
            Route route,
            MatchResult path,
            Caller caller,
            DeviceHttps https,
            Context context) {
        this.request = request;
        this.route = route;
        this.path = path;
        this.caller = caller;
        this.https = https;
        this.context = context;
    }

    public Caller caller() {
        return caller;
    }

    /** On a route that accepts nothing but client certificates. */
    public AssetId asset() {
        return caller instanceof Caller.Asset asset ? asset.id() : wrongRoute();
    }

    /** The asset that the path names, unless it is another than the caller is; that is answered then. */
    public Optional<AssetId> assetOfPath() {
        AssetId named = new AssetId(path.group(Route.ASSET));
        AssetId known = switch (caller) {
            case Caller.Asset asset -> asset.id();
            case Caller.Target target -> target.id();
            case Caller.Gateway gateway -> gateway.id();
            case Caller.Anybody _, Caller.Claimant _ -> wrongRoute();
        };
        if (!known.equals(named)) {
            answer(Answer.refused(403, "other_asset", "the credential is of asset " + known + ", not of " + named));
            return Optional.empty();
        }
        return Optional.of(named);
    }

    /** A named group of the route's path. */
    public String parameter(String group) {
        return path.group(group);
    }

    private AssetId wrongRoute() {
        throw new IllegalStateException("route " + route.name() + " lets through who is no asset");
    }

    /** A group of the route's path, from 1 on. */
    public String parameter(int group) {
        return path.group(group);
    }

    public @Nullable String header(CharSequence name) {
        return request.getHeader(name);
    }

    /** Where the request comes from. */
    public String address() {
        return request.remoteAddress().hostAddress();
    }

    /** For a handler that streams; answers are given here all the same. */
    public HttpServerRequest request() {
        return request;
    }

    Set<Accepts> accepted() {
        return route.accepts();
    }

    /** Answered, or nobody is left to hear it. */
    public boolean isOver() {
        return answered || gone || request.response().closed();
    }

    // ---- body

    /**
     * Reads the body as it came; one that is longer is refused. To be called by the handler itself, not later.
     *
     * @param whole on the event loop, once, unless the client went away or was too slow
     */
    public void body(int maxBytes, Consumer<byte[]> whole) {
        long declared = declared();
        if (declared > maxBytes) {
            tooLarge(maxBytes, declared);
            return;
        }
        long bytes = declared >= 0 ? declared : maxBytes;
        request.pause();
        request.response().closeHandler(closed -> {
            gone = true;
            release();
        });
        https.bodies().take(bytes, () -> {
            held = bytes;
            if (isOver()) {
                release();
            } else {
                read(maxBytes, (int) Math.max(0, declared), whole);
            }
        });
    }

    private void read(int maxBytes, int expected, Consumer<byte[]> whole) {
        long timer = https.after(https.bounds().requestTimeout(), () -> {
            request.response().putHeader(HttpHeaders.CONNECTION, "close");
            answer(Answer.refused(
                    408,
                    "timeout",
                    "the body did not come within "
                            + https.bounds().requestTimeout().toSeconds() + " s"));
        });
        Buffer body = Buffer.buffer(expected);
        request.handler(part -> {
            if (answered) {
                return;
            }
            if (body.length() + part.length() > maxBytes) {
                https.cancel(timer);
                tooLarge(maxBytes, -1);
            } else {
                body.appendBuffer(part);
            }
        });
        request.endHandler(end -> {
            https.cancel(timer);
            if (!isOver()) {
                whole.accept(body.getBytes());
            }
        });
        request.exceptionHandler(broken -> https.cancel(timer));
        if ("100-continue".equalsIgnoreCase(request.getHeader(HttpHeaders.EXPECT))) {
            request.response().writeContinue();
        }
        request.resume();
    }

    /**
     * Does the task on a virtual thread, which reads the body as it comes; what it does not read is never held. To be called by
     * the handler itself, not later.
     *
     * @param longest that the body may take; reading fails after it
     */
    public void stream(WorkPool pool, Duration longest, Function<InputStream, Answer> task) {
        boolean waits = "100-continue".equalsIgnoreCase(request.getHeader(HttpHeaders.EXPECT));
        var body = new BodyStream(request, context, () -> proceed(waits), longest);
        request.response().closeHandler(closed -> {
            gone = true;
            body.breakOff();
        });
        run(pool, () -> {
            Answer answer = task.apply(body);
            context.runOnContext(on -> {
                leaveUnread(body, waits);
                answer(answer);
            });
        });
        if (answered) { // too many wait
            request.connection().close();
        }
    }

    private void proceed(boolean waits) {
        if (waits && !isOver()) {
            request.response().writeContinue();
        }
    }

    /** A short rest is thrown away, so that the client hears the answer and the connection can be used again. */
    private void leaveUnread(BodyStream body, boolean waits) {
        if (body.isEnded() || isOver()) {
            return;
        }
        long declared = declared();
        if (waits || declared < 0 || declared > MAX_THROWN_AWAY) {
            request.response().putHeader(HttpHeaders.CONNECTION, "close");
        } else {
            request.handler(rest -> {}).resume();
        }
    }

    /** Content-Length; -1 when it is not known. */
    public long declared() {
        String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        try {
            return length == null ? -1 : Long.parseLong(length);
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    private void tooLarge(int maxBytes, long declared) {
        if (declared < 0 || declared > MAX_THROWN_AWAY) {
            request.response().putHeader(HttpHeaders.CONNECTION, "close");
        }
        answer(Answer.refused(413, "too_large", "the body has more than " + maxBytes + " bytes"));
    }

    // ---- work and answer

    /** Does the task on a virtual thread, then answers; at once with 503 when too many wait. */
    public void work(WorkPool pool, Supplier<Answer> task) {
        run(pool, () -> answerLater(task.get()));
    }

    /** Does the task on a virtual thread, which sees to it that {@link #answerLater} is called, at its end or later. */
    public void run(WorkPool pool, Runnable task) {
        works++;
        boolean taken = pool.tryRun(() -> {
            guarded(task);
            context.runOnContext(on -> {
                works--;
                release();
            });
        });
        if (!taken) {
            works--;
            answer(Answer.later(503, "unavailable", "too many requests wait", BUSY_SECONDS));
        }
    }

    private void guarded(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException e) {
            LOG.error("a device https request to {} failed after a fault of the server", route.name(), e);
            answerLater(Answer.refused(500, "internal", "the server failed; its log says why"));
        }
    }

    /** Only the first answer is sent. */
    public void answer(Answer answer) {
        if (isOver()) {
            return;
        }
        answered = true;
        https.count(route.name(), answer.to(this));
        release();
    }

    /** From any thread. */
    public void answerLater(Answer answer) {
        context.runOnContext(on -> answer(answer));
    }

    void refused(String code) {
        https.countRefusal(code);
    }

    private void release() {
        if (held > 0 && works == 0 && isOver()) {
            https.bodies().giveBack(held);
            held = 0;
        }
    }
}
