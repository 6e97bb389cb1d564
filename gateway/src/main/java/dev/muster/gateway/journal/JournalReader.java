package dev.muster.gateway.journal;

import java.time.Duration;
import java.util.List;

/** One consumer's way through the journal. Used by one thread. */
public interface JournalReader extends AutoCloseable {

    /**
     * The next entries in order, from memory when the consumer keeps up and from disk when it does not; empty when none
     * came within the wait. Polling moves on; only {@link #commit} is remembered.
     *
     * <p>An entry that this version cannot decode is skipped, counted and logged, so offsets may have gaps.
     *
     * @throws IllegalStateException when the reader or the journal is closed
     */
    List<JournalEntry> poll(int maxEntries, Duration wait) throws InterruptedException;

    /**
     * States that all entries below the offset are durable in the consumer's own store. Remembered durably a moment
     * later (a kill in between replays a little more); segments below the smallest committed offset of all consumers
     * are then deleted. A smaller offset than before is ignored.
     */
    void commit(long nextOffset);

    /** The offset that the next poll begins at. */
    long position();

    /**
     * Goes back (or on) to the offset, for example to the last commit after a failed write.
     *
     * @throws IllegalArgumentException when the offset is below the oldest entry kept or beyond the next one
     */
    void seek(long offset);

    long committed();

    @Override
    void close();
}
