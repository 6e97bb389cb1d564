package dev.muster.console.timeline;

import java.util.List;

/** What a lane has in a span. @param complete false when there is more than was asked for: the oldest are missing */
record Found(List<Happening> entries, boolean complete) {
    Found {
        entries = List.copyOf(entries);
    }

    /** Of entries, newest first, of which one more than the limit was read. */
    static Found upTo(int limit, List<Happening> newestFirst) {
        return newestFirst.size() <= limit
                ? new Found(newestFirst, true)
                : new Found(newestFirst.subList(0, limit), false);
    }
}
