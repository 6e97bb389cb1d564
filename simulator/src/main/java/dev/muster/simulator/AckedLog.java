package dev.muster.simulator;

import dev.muster.protocol.AssetId;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * One line for each acknowledged reading, position, event or log record: asset, ts, kind and the hash of its {@link Content},
 * separated by tabs. Each line has left the process when {@link #add} returns, so that a harness can hold the server to it.
 */
final class AckedLog implements AutoCloseable {
    private final OutputStream out;

    AckedLog(Path file) throws IOException {
        this.out = Files.newOutputStream(
                file, java.nio.file.StandardOpenOption.CREATE, java.nio.file.StandardOpenOption.APPEND);
    }

    void add(AssetId asset, Tag tag) {
        StringBuilder lines = new StringBuilder();
        for (Content content : tag.contents()) {
            lines.append(asset).append('\t').append(content.ts()).append('\t').append(tag.kind());
            lines.append('\t').append(content.hash()).append('\n');
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

    /** What a message carried. */
    record Tag(String kind, List<Content> contents) {}
}
