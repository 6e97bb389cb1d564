package dev.muster.gateway.journal;

import java.time.Duration;
import java.util.List;

/** One consumer's way through the journal. Used by one thread. */
public interface JournalReader extends AutoCloseable {

    /**
     * The next entries in order, from memory when the consumer keeps up and from disk when it does not; empty when none
     * came within the wait. Polling moves on; only {@link #commit} is remembered.
     */
    List<JournalEntry> poll(int maxEntries, Duration wait) throws InterruptedException;

    /**
     * States that all entries below the offset are durable in the consumer's own store. Remembered durably; segments
     * below the smallest committed offset of all consumers may then be deleted.
     */
    void commit(long nextOffset);

    /** Goes back (or on) to the offset, for example to the last commit after a failed write. */
    void seek(long offset);

    long committed();

    @Override
    void close();
}
