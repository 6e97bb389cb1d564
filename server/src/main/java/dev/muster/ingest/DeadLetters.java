package dev.muster.ingest;

import dev.muster.gateway.journal.JournalEntry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/**
 * Entries that a consumer could not take, one JSON object per line, with the reason. A file per consumer, and one before it:
 * the oldest go when both are full. A file and not a table: the database may be what is away.
 */
public final class DeadLetters {
    public static final long MAX_FILE_BYTES = 16L << 20;

    private final Path folder;
    private final long maxFileBytes;
    private final JsonMapper json = JsonMapper.shared();

    public DeadLetters(Path folder, long maxFileBytes) {
        this.folder = folder;
        this.maxFileBytes = maxFileBytes;
    }

    /** On return it is on disk. */
    synchronized void add(String consumer, JournalEntry entry, Throwable reason) {
        Map<String, Object> letter = new LinkedHashMap<>();
        letter.put("offset", entry.offset());
        letter.put("receivedAt", entry.receivedAt());
        letter.put("asset", entry.asset().value());
        letter.put("kind", entry.kind().name());
        letter.put("reason", reason.toString());
        letter.put("payload", Base64.getEncoder().encodeToString(entry.payload()));
        byte[] line = (json.writeValueAsString(letter) + "\n").getBytes(StandardCharsets.UTF_8);
        try {
            Files.createDirectories(folder);
            Path file = fileOf(consumer);
            if (Files.exists(file) && Files.size(file) + line.length > maxFileBytes) {
                Files.move(file, folder.resolve(consumer + ".1.jsonl"), StandardCopyOption.REPLACE_EXISTING);
            }
            try (FileChannel channel = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND)) {
                ByteBuffer bytes = ByteBuffer.wrap(line);
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(true);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "cannot set aside journal entry " + entry.offset() + " in " + folder + ": " + e.getMessage(), e);
        }
    }

    public Path fileOf(String consumer) {
        return folder.resolve(consumer + ".jsonl");
    }
}
