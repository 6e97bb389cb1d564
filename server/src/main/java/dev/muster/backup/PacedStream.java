package dev.muster.backup;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.concurrent.TimeUnit;

/** Lets through at most so many bytes a second. */
final class PacedStream extends FilterOutputStream {
    private static final int PIECE = 1 << 16;

    private final long bytesPerSecond;
    private final long begun = System.nanoTime();
    private long written;

    PacedStream(OutputStream out, long bytesPerSecond) {
        super(out);
        this.bytesPerSecond = bytesPerSecond;
    }

    @Override
    public void write(int oneByte) throws IOException {
        write(new byte[] {(byte) oneByte}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        for (int at = offset; at < offset + length; at += PIECE) {
            int piece = Math.min(PIECE, offset + length - at);
            out.write(bytes, at, piece);
            written += piece;
            pause();
        }
    }

    private void pause() throws InterruptedIOException {
        double due = (double) written / bytesPerSecond * TimeUnit.SECONDS.toNanos(1);
        long ahead = (long) due - (System.nanoTime() - begun);
        if (ahead > 0) {
            try {
                TimeUnit.NANOSECONDS.sleep(ahead);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("interrupted while a backup was being written");
            }
        }
    }
}
