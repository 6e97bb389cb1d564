package dev.muster.gateway.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import java.util.zip.CRC32C;

/**
 * How far each consumer has come: a small text file, replaced as a whole.
 *
 * <pre>
 * muster-journal-consumers 1
 * positions 1200
 * telemetry 1187
 * crc32c 5f2e90a1
 * </pre>
 */
final class ConsumerOffsets {
    private static final String HEADING = "muster-journal-consumers 1";
    static final String FILE = "consumers";
    private static final String CHECKSUM = "crc32c ";

    private final SyncedDirectory directory;
    private final Path file;
    private final TreeMap<String, Long> committed = new TreeMap<>();
    private boolean changed;

    private ConsumerOffsets(SyncedDirectory directory) {
        this.directory = directory;
        this.file = directory.resolve(FILE);
    }

    /** @throws JournalException when the file is damaged */
    static ConsumerOffsets load(SyncedDirectory directory) throws IOException {
        ConsumerOffsets offsets = new ConsumerOffsets(directory);
        if (Files.exists(offsets.file)) {
            offsets.parse(Files.readString(offsets.file));
        }
        return offsets;
    }

    private void parse(String text) {
        int end = text.lastIndexOf(CHECKSUM);
        String body = end < 0 ? "" : text.substring(0, end);
        if (!text.equals(body + checksumLine(body)) || !body.startsWith(HEADING + "\n")) {
            throw new JournalException("journal file " + file + " is damaged: its checksum or heading is wrong;"
                    + " restore it, or delete it so that every consumer begins again at the oldest entry");
        }
        body.lines().skip(1).forEach(line -> {
            int space = line.indexOf(' ');
            committed.put(line.substring(0, space), Long.parseLong(line.substring(space + 1)));
        });
    }

    /** Begins at the oldest entry when the name is new; whether it is. */
    synchronized boolean register(String consumer, LongSupplier oldest) {
        boolean isNew = !committed.containsKey(consumer);
        if (isNew) {
            committed.put(consumer, oldest.getAsLong());
            changed = true;
        }
        return isNew;
    }

    /** The consumers' offsets below the oldest entry were committed by all, but not yet written when the power went. */
    synchronized void raiseTo(long oldest) {
        committed.replaceAll((consumer, offset) -> Math.max(offset, oldest));
    }

    synchronized void commit(String consumer, long offset) {
        Long before = committed.get(consumer);
        if (before != null && offset > before) {
            committed.put(consumer, offset);
            changed = true;
        }
    }

    synchronized long committed(String consumer) {
        Long offset = committed.get(consumer);
        if (offset == null) {
            throw new IllegalStateException("journal consumer " + consumer + " was forgotten");
        }
        return offset;
    }

    synchronized void forget(String consumer) {
        if (committed.remove(consumer) != null) {
            changed = true;
        }
    }

    synchronized Set<String> names() {
        return Set.copyOf(committed.keySet());
    }

    synchronized Map<String, Long> all() {
        return new TreeMap<>(committed);
    }

    /** Below it nothing is needed any more; 0 when there is no consumer, since one may come. */
    synchronized long smallest() {
        return committed.values().stream().mapToLong(Long::longValue).min().orElse(0);
    }

    /** Writes what changed since the last time; does nothing when nothing did. */
    void save() throws IOException {
        String text = takeChanged();
        if (text.isEmpty()) {
            return;
        }
        try {
            write(text);
        } catch (IOException e) {
            markChanged();
            throw e;
        }
    }

    private synchronized String takeChanged() {
        if (!changed) {
            return "";
        }
        changed = false;
        return text();
    }

    /** As the file holds it. */
    synchronized String text() {
        StringBuilder body = new StringBuilder(HEADING).append('\n');
        committed.forEach((consumer, offset) ->
                body.append(consumer).append(' ').append(offset.longValue()).append('\n'));
        return body + checksumLine(body.toString());
    }

    private synchronized void markChanged() {
        changed = true;
    }

    private void write(String text) throws IOException {
        Path unfinished = directory.resolve("consumers.new");
        Files.deleteIfExists(unfinished);
        try (FileChannel channel =
                directory.opener().open(unfinished, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            directory.sync(channel, true);
        }
        directory.rename(unfinished, file);
    }

    private static String checksumLine(String body) {
        CRC32C crc = new CRC32C();
        crc.update(body.getBytes(StandardCharsets.UTF_8));
        return CHECKSUM + "%08x".formatted(crc.getValue()) + "\n";
    }
}
