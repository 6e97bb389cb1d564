package dev.muster.protocol.tuf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;

/** What a client believes, in files: each whole or not there, also after a power cut. */
final class TrustDirectory {
    private static final String PIN = "root.sha256";
    private static final String TIME = "time";

    private final Path directory;

    private TrustDirectory(Path directory) {
        this.directory = directory;
    }

    static TrustDirectory open(Path directory) throws IOException {
        Files.createDirectories(directory);
        return new TrustDirectory(directory);
    }

    Optional<byte[]> read(String file) throws IOException {
        try {
            return Optional.of(Files.readAllBytes(directory.resolve(file)));
        } catch (NoSuchFileException none) {
            return Optional.empty();
        }
    }

    void write(String file, byte[] content) throws IOException {
        Path temporary = directory.resolve(file + ".new");
        try (FileChannel channel = FileChannel.open(
                temporary, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            ByteBuffer remaining = ByteBuffer.wrap(content);
            while (remaining.hasRemaining()) {
                channel.write(remaining);
            }
            channel.force(true);
        }
        Files.move(
                temporary,
                directory.resolve(file),
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
    }

    /** The root from which everything else follows; its pin is written first, so a root is never without. */
    void begin(byte[] root) throws IOException {
        write(PIN, Sha256.of(root).getBytes(StandardCharsets.US_ASCII));
        write("root.json", root);
    }

    Optional<String> pin() throws IOException {
        return read(PIN).map(bytes -> new String(bytes, StandardCharsets.US_ASCII).strip());
    }

    /** The latest time in a timestamp that was believed. */
    Optional<Instant> lastTime() throws IOException {
        Optional<byte[]> stored = read(TIME);
        try {
            return stored.map(bytes -> Instant.parse(new String(bytes, StandardCharsets.US_ASCII).strip()));
        } catch (DateTimeException e) {
            throw new IOException(directory.resolve(TIME) + " holds no time; delete it", e);
        }
    }

    void forgetTime() throws IOException {
        delete(TIME);
    }

    void delete(String file) throws IOException {
        Files.deleteIfExists(directory.resolve(file));
    }

    void learnTime(Instant time) throws IOException {
        Optional<Instant> known = lastTime();
        if (known.isEmpty() || time.isAfter(known.get())) {
            write(TIME, time.toString().getBytes(StandardCharsets.US_ASCII));
        }
    }
}
