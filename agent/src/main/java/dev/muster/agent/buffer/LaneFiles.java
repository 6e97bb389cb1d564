package dev.muster.agent.buffer;

import dev.muster.protocol.UplinkKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The segments of one lane with two places in them: what is settled lies before the head, what was handed out before the
 * cursor. Between them are the entries on their way, in memory; there are few. Guarded by {@link DiskBuffer}.
 */
final class LaneFiles implements AutoCloseable {
    private static final String SUFFIX = ".seg";

    private final Lane lane;
    private final Path folder;
    private final long segmentBytes;
    private final Deque<Segment> segments = new ArrayDeque<>();
    private final Deque<Outgoing> outgoing = new ArrayDeque<>();
    private long head;
    private long cursor;
    private @Nullable Segment cursorSegment;
    private long cursorOffset;
    private boolean unsynced;
    private long lost;

    private LaneFiles(Lane lane, Path folder, long segmentBytes) {
        this.lane = lane;
        this.folder = folder;
        this.segmentBytes = segmentBytes;
    }

    private static final class Outgoing {
        final Entry entry;
        boolean sent;
        boolean settled;

        Outgoing(Entry entry) {
            this.entry = entry;
        }
    }

    /** @param head what was settled when it was last noted; entries behind it may come again */
    static LaneFiles open(Lane lane, Path folder, long segmentBytes, long head) throws IOException {
        LaneFiles files = new LaneFiles(lane, folder, segmentBytes);
        files.load();
        Segment oldest = files.segments.peekFirst();
        files.head = oldest == null ? head : Math.clamp(head, oldest.first(), files.end());
        files.removeSettled();
        files.cursor = files.head;
        return files;
    }

    private void load() throws IOException {
        List<Long> firsts = new ArrayList<>();
        try (Stream<Path> found = Files.list(folder)) {
            for (Path file : (Iterable<Path>) found::iterator) {
                String name = String.valueOf(file.getFileName());
                if (name.startsWith(lane.fileName() + "-") && name.endsWith(SUFFIX)) {
                    firsts.add(Long.parseLong(
                            name.substring(lane.fileName().length() + 1, name.length() - SUFFIX.length()), 16));
                }
            }
        }
        Collections.sort(firsts);
        for (long first : firsts) {
            Segment before = segments.peekLast();
            lost += before == null ? 0 : Math.max(0, first - before.end());
            segments.addLast(Segment.open(fileOf(first), first));
        }
    }

    private Path fileOf(long first) {
        return folder.resolve("%s-%016x%s".formatted(lane.fileName(), first, SUFFIX));
    }

    /** @return how much longer the lane became */
    long append(UplinkKind kind, String subtopic, byte[] payload) throws IOException {
        Segment last = segments.peekLast();
        if (last == null || last.size() >= segmentBytes) {
            long first = end();
            last = Segment.open(fileOf(first), first);
            segments.addLast(last);
        }
        long before = last.size();
        last.append(kind, subtopic, payload);
        unsynced = true;
        return last.size() - before;
    }

    /** The next entry to send, now on its way; null when there is none. */
    @Nullable Entry next() throws IOException {
        for (Outgoing each : outgoing) {
            if (!each.sent && !each.settled) {
                each.sent = true;
                return each.entry;
            }
        }
        Outgoing fresh = readAtCursor();
        if (fresh == null) {
            return null;
        }
        fresh.sent = true;
        outgoing.addLast(fresh);
        return fresh.entry;
    }

    private @Nullable Outgoing readAtCursor() throws IOException {
        while (cursor < end()) {
            Segment segment = placed();
            Segment.Read read = segment.read(cursorOffset);
            if (read == null) { // the disk has lost it; what follows in the segment cannot be found
                lost += segment.end() - cursor;
                cursor = segment.end();
                cursorOffset = segment.size();
                advanceHead();
                continue;
            }
            Entry entry = new Entry(lane, cursor, read.kind(), read.subtopic(), read.payload());
            cursor++;
            cursorOffset = read.next();
            return new Outgoing(entry);
        }
        return null;
    }

    /** The segment of the cursor, with the offset where its entry begins. */
    private Segment placed() throws IOException {
        Segment current = cursorSegment;
        if (current != null && cursor < current.end()) {
            return current;
        }
        Segment found = segments.getFirst();
        for (Segment segment : segments) {
            if (segment.end() > cursor) {
                found = segment;
                break;
            }
        }
        cursor = Math.max(cursor, found.first());
        cursorOffset = 0;
        for (long skipped = found.first(); skipped < cursor; skipped++) {
            Segment.Read read = found.read(cursorOffset);
            if (read == null) {
                break; // found again, and counted, when the entry itself is read
            }
            cursorOffset = read.next();
        }
        cursorSegment = found;
        return found;
    }

    /** @return how much shorter the lane became */
    long settle(long number) throws IOException {
        for (Outgoing each : outgoing) {
            if (each.entry.number() == number) {
                each.settled = true;
            }
        }
        while (!outgoing.isEmpty() && outgoing.getFirst().settled) {
            outgoing.removeFirst();
        }
        advanceHead();
        return removeSettled();
    }

    private void advanceHead() {
        head = outgoing.isEmpty() ? cursor : outgoing.getFirst().entry.number();
    }

    /** It is sent again. */
    void again(long number) {
        for (Outgoing each : outgoing) {
            if (each.entry.number() == number) {
                each.sent = false;
            }
        }
    }

    void sessionLost() {
        outgoing.forEach(each -> each.sent = false);
    }

    private long removeSettled() throws IOException {
        long removed = 0;
        while (!segments.isEmpty() && segments.getFirst().end() <= head) {
            Segment oldest = segments.getFirst();
            if (segments.size() == 1 && oldest.size() < segmentBytes / 8 && oldest.size() > 0) {
                break; // not a new file for each message
            }
            segments.removeFirst();
            if (cursorSegment == oldest) {
                cursorSegment = null;
            }
            removed += oldest.size();
            oldest.delete();
        }
        return removed;
    }

    /**
     * Gives up the oldest segment. What of it is on its way stays in memory and may still arrive.
     *
     * @return how much shorter the lane became
     */
    long dropOldest() throws IOException {
        Segment oldest = segments.removeFirst();
        lost += Math.max(0, oldest.end() - Math.max(cursor, oldest.first()));
        cursor = Math.max(cursor, oldest.end());
        if (cursorSegment == oldest) {
            cursorSegment = null;
        }
        advanceHead();
        oldest.delete();
        return oldest.size();
    }

    /** Entries that were given up or found damaged since this was last asked. */
    long takeLost() {
        long taken = lost;
        lost = 0;
        return taken;
    }

    /** @return whether anything had to be written */
    boolean sync() throws IOException {
        Segment last = segments.peekLast();
        if (!unsynced || last == null) {
            unsynced = false;
            return false;
        }
        unsynced = false;
        if (head >= last.end()) {
            return false; // all of it is on the server's disk
        }
        last.sync();
        return true;
    }

    long head() {
        return head;
    }

    /** Entries that are not settled. */
    long waiting() {
        return end() - head;
    }

    long bytes() {
        return segments.stream().mapToLong(Segment::size).sum();
    }

    boolean isEmpty() {
        return segments.isEmpty() || head >= end();
    }

    private long end() {
        Segment last = segments.peekLast();
        return last == null ? Math.max(head, cursor) : last.end();
    }

    @Override
    public void close() throws IOException {
        for (Segment segment : segments) {
            segment.close();
        }
    }
}
