package dev.muster.agent.buffer;

import dev.muster.protocol.UplinkKind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Messages that the server has not stored yet, in files of at most a given size together. An entry is gone when it is settled;
 * until then it comes again after each lost session and each restart. In memory are only the entries on their way. Safe for
 * many threads.
 */
public final class DiskBuffer implements AutoCloseable {
    /** Of all files together, at least: a segment of each lane must fit. */
    public static final long MIN_BYTES = 1 << 20;

    private static final long LARGEST_SEGMENT = 1 << 20;
    private static final int SEGMENTS = 16;
    private static final String PLACES = "places";
    private static final String LOST = "lost";
    /** Given up in this order. */
    private static final Lane[] LEAST_IMPORTANT_FIRST = {Lane.BULK, Lane.EVENTS, Lane.STATE};

    private final Path folder;
    private final long maxBytes;
    private final Map<Lane, LaneFiles> lanes = new EnumMap<>(Lane.class);
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition appended = lock.newCondition();
    private long bytes;
    private long lost;
    private long lostReported;
    private String placesOnDisk = "";

    private DiskBuffer(Path folder, long maxBytes) {
        this.folder = folder;
        this.maxBytes = maxBytes;
    }

    /** @param folder is there, and of this buffer alone */
    public static DiskBuffer open(Path folder, long maxBytes) throws IOException {
        if (maxBytes < MIN_BYTES) {
            throw new IllegalArgumentException(
                    "a buffer of " + maxBytes + " bytes; at least " + MIN_BYTES + " are needed");
        }
        DiskBuffer buffer = new DiskBuffer(folder, maxBytes);
        Map<String, Long> places = buffer.readPlaces();
        long segmentBytes = Math.min(LARGEST_SEGMENT, maxBytes / SEGMENTS);
        for (Lane lane : Lane.values()) {
            LaneFiles files = LaneFiles.open(lane, folder, segmentBytes, places.getOrDefault(lane.fileName(), 0L));
            buffer.lanes.put(lane, files);
            buffer.bytes += files.bytes();
            buffer.lost += files.takeLost();
        }
        buffer.lost += places.getOrDefault(LOST, 0L);
        buffer.shrink(0);
        return buffer;
    }

    /**
     * Returns when the message is in the hands of the operating system, or on disk.
     *
     * @throws IOException when there is no room on the disk though everything less important was given up
     */
    public void append(UplinkKind kind, String subtopic, byte[] payload, boolean onDisk) throws IOException {
        lock.lock();
        try {
            Lane lane = Lane.of(kind);
            shrink(payload.length);
            while (true) {
                try {
                    bytes += files(lane).append(kind, subtopic, payload);
                    break;
                } catch (IOException e) {
                    if (!dropFrom(lane)) {
                        lost++;
                        throw new IOException(
                                "no room in " + folder + " for a message of " + payload.length + " bytes: "
                                        + e.getMessage(),
                                e);
                    }
                }
            }
            if (onDisk) {
                files(lane).sync();
            }
            appended.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void shrink(int coming) throws IOException {
        while (bytes + coming > maxBytes && dropFrom(Lane.STATE)) {
            // one segment less each time
        }
    }

    /** Gives up a segment that is less important than the lane, or the lane's own oldest. */
    private boolean dropFrom(Lane lane) throws IOException {
        for (Lane each : LEAST_IMPORTANT_FIRST) {
            LaneFiles files = files(each);
            if (files.bytes() > 0) {
                bytes -= files.dropOldest();
                lost += files.takeLost();
                return true;
            }
            if (each == lane) {
                return false;
            }
        }
        return false;
    }

    /** The most important entry that is not on its way, now on its way; null when there is none. */
    public @Nullable Entry next() throws IOException {
        lock.lock();
        try {
            for (Lane lane : Lane.values()) {
                Entry entry = files(lane).next();
                lost += files(lane).takeLost();
                if (entry != null) {
                    return entry;
                }
            }
            return null;
        } finally {
            lock.unlock();
        }
    }

    /** Waits until something was appended, or not longer than that. */
    public void awaitAppended(long millis) throws InterruptedException {
        lock.lock();
        try {
            appended.await(millis, TimeUnit.MILLISECONDS);
        } finally {
            lock.unlock();
        }
    }

    /** Wakes who waits in {@link #awaitAppended}. */
    public void wake() {
        lock.lock();
        try {
            appended.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** The server has stored it, or will never take it. */
    public void settle(Entry entry) throws IOException {
        lock.lock();
        try {
            bytes -= files(entry.lane()).settle(entry.number());
        } finally {
            lock.unlock();
        }
    }

    /** The server could not store it now. */
    public void again(Entry entry) {
        lock.lock();
        try {
            files(entry.lane()).again(entry.number());
        } finally {
            lock.unlock();
        }
    }

    /** Whatever was on its way is not. */
    public void sessionLost() {
        lock.lock();
        try {
            lanes.values().forEach(LaneFiles::sessionLost);
        } finally {
            lock.unlock();
        }
    }

    /** Brings to disk what was appended since, and notes what was settled. Called every second or so. */
    public void sync() throws IOException {
        lock.lock();
        try {
            for (LaneFiles files : lanes.values()) {
                files.sync();
            }
            writePlaces();
        } finally {
            lock.unlock();
        }
    }

    /**
     * How full it is.
     *
     * @param entries that wait
     * @param lost entries that were given up or found damaged and are not reported yet
     */
    public record Fill(long bytes, long maxBytes, long entries, long lost) {}

    public Fill fill() {
        lock.lock();
        try {
            long entries = lanes.values().stream().mapToLong(LaneFiles::waiting).sum();
            return new Fill(bytes, maxBytes, entries, lost - lostReported);
        } finally {
            lock.unlock();
        }
    }

    /** That many lost entries are reported: said in a message that was appended. */
    public void lossReported(long entries) {
        lock.lock();
        try {
            lostReported += entries;
        } finally {
            lock.unlock();
        }
    }

    private LaneFiles files(Lane lane) {
        LaneFiles files = lanes.get(lane);
        if (files == null) {
            throw new IllegalStateException("the buffer in " + folder + " is not open");
        }
        return files;
    }

    /** Nothing depends on it but how much is sent twice after a crash, so it is not synced. */
    private void writePlaces() throws IOException {
        StringBuilder text = new StringBuilder();
        lanes.forEach((lane, files) ->
                text.append(lane.fileName()).append(' ').append(files.head()).append('\n'));
        text.append(LOST).append(' ').append(lost - lostReported).append('\n');
        if (!text.toString().equals(placesOnDisk)) {
            placesOnDisk = text.toString();
            Path beside = folder.resolve(PLACES + ".new");
            Files.write(beside, placesOnDisk.getBytes(StandardCharsets.US_ASCII));
            Files.move(beside, folder.resolve(PLACES), StandardCopyOption.ATOMIC_MOVE);
        }
    }

    /** A line that cannot be read, as after a power loss, counts as zero. */
    private Map<String, Long> readPlaces() throws IOException {
        Map<String, Long> places = new HashMap<>();
        Path file = folder.resolve(PLACES);
        if (!Files.exists(file)) {
            return places;
        }
        String text = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        for (String line : text.lines().toList()) {
            int space = line.indexOf(' ');
            String number = line.substring(space + 1);
            if (space > 0
                    && !number.isEmpty()
                    && number.length() < 19
                    && number.chars().allMatch(Character::isDigit)) {
                places.put(line.substring(0, space), Long.parseLong(number));
            }
        }
        return places;
    }

    @Override
    public void close() throws IOException {
        lock.lock();
        try {
            sync();
            for (LaneFiles files : lanes.values()) {
                files.close();
            }
        } finally {
            lock.unlock();
        }
    }
}
