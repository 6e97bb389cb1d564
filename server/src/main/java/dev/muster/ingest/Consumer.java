package dev.muster.ingest;

import dev.muster.gateway.journal.JournalEntry;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** One reader of the journal: takes of every batch what concerns it into its own store. Called by one thread. */
public interface Consumer {

    /** Under which the journal remembers how far it got; never changes. */
    String name();

    /**
     * Stores what concerns it; on return it is durable, as far as {@link #durable} says. The same entries may come again
     * after a failure or a restart and must then change nothing. What it throws is tried again: for as long as it takes
     * when the store is away, see {@link Outage}; otherwise until the entry that causes it is found and set aside.
     */
    void accept(List<JournalEntry> batch);

    /** Whether the entry concerns it. Others are passed over before a batch is collected. */
    default boolean wants(JournalEntry entry) {
        return true;
    }

    /** How long a batch is collected after its first entry, where that is not what suits the pipeline. */
    default Optional<Duration> linger() {
        return Optional.empty();
    }

    /** There is nothing to read now: everything that was durable in the journal up to now has been accepted. */
    default void caughtUp() {}

    /**
     * What need not come again after a kill: entries below this offset are durable. Smaller than what was accepted for a
     * consumer that stores at checkpoints.
     *
     * @param accepted entries below it were accepted
     */
    default long durable(long accepted) {
        return accepted;
    }
}
