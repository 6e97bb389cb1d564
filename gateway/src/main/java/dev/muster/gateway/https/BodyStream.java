package dev.muster.gateway.https;

import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The body of a request as a stream for a thread that may block. Its connection is read no faster than it is: no more than a
 * few pieces are held. Nothing is asked of the client before the first byte is.
 */
final class BodyStream extends InputStream {
    private static final int MOST_HELD = 256 * 1024;

    private final HttpServerRequest request;
    private final Context context;
    private final Runnable begin;
    private final long endsAt;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<byte[]> pieces = new ArrayDeque<>();
    /** Read of the first piece. */
    private int position;

    private int held;
    private boolean begun;
    private boolean paused;
    private boolean ended;
    private boolean broken;

    /**
     * On the event loop, within the handler of the request.
     *
     * @param begin asks the client for the body, on the event loop
     * @param longest after which it is as if the client had gone
     */
    BodyStream(HttpServerRequest request, Context context, Runnable begin, Duration longest) {
        this.request = request.pause();
        this.context = context;
        this.begin = begin;
        this.endsAt = System.nanoTime() + longest.toNanos();
        request.handler(this::came);
        request.endHandler(end -> change(() -> ended = true));
        request.exceptionHandler(failure -> breakOff());
    }

    private void came(Buffer piece) {
        change(() -> {
            pieces.add(piece.getBytes());
            held += piece.length();
            if (held >= MOST_HELD && !paused) {
                paused = true;
                request.pause();
            }
        });
    }

    void breakOff() {
        change(() -> broken = true);
    }

    private void change(Runnable what) {
        lock.lock();
        try {
            what.run();
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Nothing of it is left on the connection. */
    boolean isEnded() {
        lock.lock();
        try {
            return ended;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        lock.lock();
        try {
            byte[] first = awaitFirst();
            if (first == null) {
                return -1;
            }
            int count = Math.min(length, first.length - position);
            System.arraycopy(first, position, into, offset, count);
            position += count;
            if (position == first.length) {
                pieces.remove();
                position = 0;
                held -= first.length;
            }
            if (paused && held <= MOST_HELD / 2) {
                paused = false;
                context.runOnContext(on -> request.resume());
            }
            return count;
        } finally {
            lock.unlock();
        }
    }

    /** Null at the end. */
    private byte @Nullable [] awaitFirst() throws IOException {
        if (!begun) {
            begun = true;
            context.runOnContext(on -> {
                begin.run();
                request.resume();
            });
        }
        while (pieces.isEmpty() && !ended) {
            if (broken) {
                throw new IOException("the client went away");
            }
            long left = endsAt - System.nanoTime();
            try {
                if (left <= 0 || !changed.await(left, TimeUnit.NANOSECONDS)) {
                    throw new IOException("the body did not come in time");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", e);
            }
        }
        return pieces.peek();
    }

    @Override
    public int available() {
        lock.lock();
        try {
            return held - position;
        } finally {
            lock.unlock();
        }
    }
}
