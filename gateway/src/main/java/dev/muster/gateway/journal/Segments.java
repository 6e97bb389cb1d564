package dev.muster.gateway.journal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The files of a journal, oldest first. */
final class Segments {
    private final SyncedDirectory directory;
    private final ConcurrentSkipListMap<Long, Segment> byBase = new ConcurrentSkipListMap<>();
    private volatile long bytes;

    private Segments(SyncedDirectory directory) {
        this.directory = directory;
    }

    /** Reads all segments through; makes the first when there is none. */
    static Segments recover(SyncedDirectory directory) throws IOException {
        Segments segments = new Segments(directory);
        List<Path> files;
        try (Stream<Path> found = Files.list(directory.path())) {
            files = found.filter(Segment::isSegment).sorted().toList();
        }
        if (files.isEmpty()) {
            try (SegmentFile first = SegmentFile.create(directory, 0)) {
                segments.add(first.segment());
            }
        }
        SegmentRecovery recovery = new SegmentRecovery();
        for (int i = 0; i < files.size(); i++) {
            boolean last = i == files.size() - 1;
            segments.add(
                    last
                            ? recovery.last(files.get(i), directory.opener())
                            : recovery.complete(files.get(i), Segment.baseOf(files.get(i + 1))));
        }
        return segments;
    }

    void add(Segment segment) {
        byBase.put(segment.base(), segment);
        count();
    }

    Segment last() {
        return byBase.lastEntry().getValue();
    }

    long firstOffset() {
        return byBase.firstKey();
    }

    /** Oldest first. */
    List<Segment> all() {
        return List.copyOf(byBase.values());
    }

    /** Null when the offset is below the oldest one kept. */
    @Nullable Segment holding(long offset) {
        Map.Entry<Long, Segment> entry = byBase.floorEntry(offset);
        return entry == null ? null : entry.getValue();
    }

    /** On disk, as of the last {@link #count}. */
    long bytes() {
        return bytes;
    }

    synchronized void count() {
        bytes = byBase.values().stream().mapToLong(Segment::bytes).sum();
    }

    /** Deletes the segments that hold only offsets below this one, never the last; returns how many. */
    int deleteBelow(long offset) throws IOException {
        int deleted = 0;
        for (Segment oldest = byBase.firstEntry().getValue();
                ;
                oldest = byBase.firstEntry().getValue()) {
            Long next = byBase.higherKey(oldest.base());
            if (next == null || next > offset) {
                return deleted;
            }
            byBase.remove(oldest.base());
            try {
                Files.deleteIfExists(oldest.path());
                // One by one: power loss must not bring back an old segment while its successor is gone.
                directory.sync();
            } catch (IOException e) {
                byBase.put(oldest.base(), oldest);
                throw e;
            } finally {
                count();
            }
            deleted++;
        }
    }
}
