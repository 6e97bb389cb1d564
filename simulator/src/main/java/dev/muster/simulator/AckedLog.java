package dev.muster.simulator;

import dev.muster.protocol.AssetId;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * One line for each acknowledged reading, position, event or log record: asset, ts, kind and the start of the SHA-256 of
 * its payload, separated by tabs. Each line has left the process when {@link #add} returns, so that a harness can hold the
 * server to it.
 */
final class AckedLog implements AutoCloseable {
    private final OutputStream out;

    AckedLog(Path file) throws IOException {
        this.out = Files.newOutputStream(
                file, java.nio.file.StandardOpenOption.CREATE, java.nio.file.StandardOpenOption.APPEND);
    }

    void add(AssetId asset, Tag tag) {
        StringBuilder lines = new StringBuilder();
        for (long ts : tag.times()) {
            lines.append(asset).append('\t').append(ts).append('\t').append(tag.kind());
            lines.append('\t').append(tag.hash()).append('\n');
        }
        byte[] bytes = lines.toString().getBytes(StandardCharsets.US_ASCII);
        try {
            synchronized (out) {
                out.write(bytes);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the log of acknowledged messages", e);
        }
    }

    @Override
    public void close() throws IOException {
        out.close();
    }

    /** What a message carried: the times of its parts, and a hash of the whole payload. */
    record Tag(String kind, long[] times, String hash) {
        static String hashOf(byte[] payload) {
            try {
                byte[] digest = MessageDigest.getInstance("SHA-256").digest(payload);
                return HexFormat.of().formatHex(digest, 0, 8);
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("every JDK has SHA-256", e);
            }
        }

        @Override
        public boolean equals(@org.jspecify.annotations.Nullable Object other) {
            return this == other;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(this);
        }

        @Override
        public String toString() {
            return kind + " of " + times.length + " parts";
        }
    }
}
