package dev.muster.gateway.journal;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;

/**
 * The settings of a {@link LocalJournal}. Start from {@link #in} and change what differs.
 *
 * @param directory holds the segments, the consumers' offsets and the lock; made when missing
 * @param acknowledge anything but {@link Acknowledge#WHEN_SYNCED} loses data
 * @param consumers when not empty, exactly these keep entries alive: they are registered on opening, all others are
 *     forgotten
 */
public record JournalConfig(
        Path directory,
        Files files,
        Entries entries,
        Queue queue,
        Memory memory,
        Pace pace,
        Acknowledge acknowledge,
        Set<String> consumers) {

    /** Frame, asset id, subtopic and fixed fields of the largest entry stay below this. */
    static final int ENTRY_OVERHEAD = 1024;

    /**
     * @param segmentBytes a file grows to this size, then the next begins; the unit of deletion
     * @param maxBytes of all segments together; beyond it nothing is taken. At least two segments
     */
    public record Files(long segmentBytes, long maxBytes) {
        public Files {
            requireAtLeast("maxBytes", maxBytes, 2 * segmentBytes);
        }
    }

    /**
     * @param maxBytes of one payload
     * @param batchBytes written and synced at once; at least the largest entry with its frame
     */
    public record Entries(int maxBytes, int batchBytes) {
        public Entries {
            requireAtLeast("maxEntryBytes", maxBytes, 1);
            requireAtLeast("batchBytes", batchBytes, maxBytes + (long) ENTRY_OVERHEAD);
        }
    }

    /** Bounds on what is offered and not yet durable. */
    public record Queue(int maxEntries, long maxBytes) {
        public Queue {
            requireAtLeast("maxQueuedEntries", maxEntries, 1);
        }
    }

    /** Bounds on what is kept decoded for consumers that keep up; the bytes are those of the payloads. */
    public record Memory(int maxEntries, long maxBytes) {
        public Memory {
            requireAtLeast("maxEntriesInMemory", maxEntries, 1);
            requireAtLeast("maxBytesInMemory", maxBytes, 1);
        }
    }

    /**
     * @param sync from the beginning of one sync to that of the next, unless a batch is full before: the longest wait
     *     that grouping adds to an entry
     * @param commit how long a consumer's commit may wait to be remembered durably
     * @param probe between two attempts to write again after the disk was full or failed
     */
    public record Pace(Duration sync, Duration commit, Duration probe) {}

    /** When an entry counts as durable. */
    public enum Acknowledge {
        /** After the sync. The only one that keeps the promise. */
        WHEN_SYNCED,
        /** After the write, and nothing is ever synced: power loss loses acknowledged entries. For benchmarks only. */
        WHEN_WRITTEN,
        /** A planted fault: a sync's interval before the write. For tests that show that their harness catches it. */
        WHEN_TAKEN
    }

    public JournalConfig {
        consumers = Set.copyOf(consumers);
        consumers.forEach(JournalConfig::requireConsumerName);
    }

    /** 64 MiB segments, 4 GiB in all, entries to 1 MiB, a sync every 5 ms at most. */
    public static JournalConfig in(Path directory) {
        return new JournalConfig(
                directory,
                new Files(64L << 20, 4L << 30),
                new Entries(1 << 20, 2 << 20),
                new Queue(1 << 16, 32L << 20),
                new Memory(1 << 16, 16L << 20),
                new Pace(Duration.ofMillis(5), Duration.ofMillis(500), Duration.ofSeconds(1)),
                Acknowledge.WHEN_SYNCED,
                Set.of());
    }

    public JournalConfig with(Files changed) {
        return new JournalConfig(directory, changed, entries, queue, memory, pace, acknowledge, consumers);
    }

    public JournalConfig with(Entries changed) {
        return new JournalConfig(directory, files, changed, queue, memory, pace, acknowledge, consumers);
    }

    public JournalConfig with(Queue changed) {
        return new JournalConfig(directory, files, entries, changed, memory, pace, acknowledge, consumers);
    }

    public JournalConfig with(Memory changed) {
        return new JournalConfig(directory, files, entries, queue, changed, pace, acknowledge, consumers);
    }

    public JournalConfig with(Pace changed) {
        return new JournalConfig(directory, files, entries, queue, memory, changed, acknowledge, consumers);
    }

    public JournalConfig with(Acknowledge changed) {
        return new JournalConfig(directory, files, entries, queue, memory, pace, changed, consumers);
    }

    public JournalConfig withConsumers(Set<String> changed) {
        return new JournalConfig(directory, files, entries, queue, memory, pace, acknowledge, changed);
    }

    /** What spans two groups, checked on opening so that the groups can be changed one by one. */
    void requireConsistent() {
        requireAtLeast("segmentBytes", files.segmentBytes, entries.batchBytes + (long) ENTRY_OVERHEAD);
        requireAtLeast("maxQueuedBytes", queue.maxBytes, entries.maxBytes + (long) ENTRY_OVERHEAD);
    }

    static void requireConsumerName(String name) {
        if (!name.matches("[a-z0-9][a-z0-9-]{0,63}")) {
            throw new IllegalArgumentException(
                    "journal consumer name \"" + name + "\" is not of the form [a-z0-9][a-z0-9-]{0,63}");
        }
    }

    private static void requireAtLeast(String name, long value, long least) {
        if (value < least) {
            throw new IllegalArgumentException(
                    "journal setting " + name + " is " + value + "; it must be at least " + least);
        }
    }
}
