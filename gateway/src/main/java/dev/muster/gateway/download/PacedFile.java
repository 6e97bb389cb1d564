package dev.muster.gateway.download;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.file.AsyncFile;
import io.vertx.core.file.OpenOptions;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import java.util.concurrent.TimeUnit;

/** Sends a part of a file, a chunk whenever the rate allows the next. On one event loop; holds one chunk. */
final class PacedFile {
    private final Vertx vertx;
    private final HttpServerResponse response;
    private final Downloads.Found.File file;
    private final DownloadRate rate;
    private final Promise<Void> done = Promise.promise();

    PacedFile(Vertx vertx, HttpServerResponse response, Downloads.Found.File file, DownloadRate rate) {
        this.vertx = vertx;
        this.response = response;
        this.file = file;
        this.rate = rate;
    }

    /** @return fails when the client is gone or the file ends too early */
    Future<Void> send(long offset, long length) {
        response.putHeader(HttpHeaders.CONTENT_LENGTH, Long.toString(length));
        vertx.fileSystem()
                .open(file.path().toString(), new OpenOptions().setWrite(false).setCreate(false))
                .onFailure(done::tryFail)
                .onSuccess(opened -> {
                    done.future().onComplete(ended -> opened.close());
                    next(opened, offset, length);
                });
        return done.future();
    }

    private void next(AsyncFile opened, long offset, long left) {
        if (response.closed()) {
            done.tryFail("the client is gone");
            return;
        }
        int bytes = (int) Math.min(DownloadRate.CHUNK, left);
        long wait = TimeUnit.NANOSECONDS.toMillis(rate.take(file.site(), bytes));
        if (wait > 0) {
            vertx.setTimer(wait, timer -> read(opened, offset, left, bytes));
        } else {
            read(opened, offset, left, bytes);
        }
    }

    private void read(AsyncFile opened, long offset, long left, int bytes) {
        if (response.closed()) {
            done.tryFail("the client is gone");
            return;
        }
        opened.read(Buffer.buffer(bytes), 0, offset, bytes)
                .onFailure(done::tryFail)
                .onSuccess(chunk -> {
                    if (chunk.length() < bytes) {
                        done.tryFail("the file has ended " + left + " bytes too early");
                    } else if (left == bytes) {
                        response.end(chunk)
                                .onSuccess(ended -> done.tryComplete())
                                .onFailure(done::tryFail);
                    } else {
                        // Written before the next is taken: whoever reads slowly does not fill the memory.
                        response.write(chunk)
                                .onFailure(done::tryFail)
                                .onSuccess(written -> next(opened, offset + bytes, left - bytes));
                    }
                });
    }
}
