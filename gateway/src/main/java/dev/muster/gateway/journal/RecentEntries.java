package dev.muster.gateway.journal;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The newest durable entries, decoded: what consumers that keep up are served from. What all of them have passed is let go, so that
 * it dies young; one that goes back reads it from disk.
 */
final class RecentEntries {
    private final JournalConfig.Memory bounds;
    private final @Nullable JournalEntry[] ring;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition published = lock.newCondition();
    private final List<Reader> readers = new ArrayList<>();
    private long first;
    private long bytes;
    private volatile boolean closed;
    private volatile long next;

    /** How far a consumer has read. */
    final class Reader implements AutoCloseable {
        private long passed;

        private Reader(long passed) {
            this.passed = passed;
        }

        /** Adds entries from the offset on; false when the offset is no longer kept here. */
        boolean copy(long from, int max, List<JournalEntry> to) {
            lock.lock();
            try {
                passed = from;
                if (from < first) {
                    return false;
                }
                long end = Math.min(next, from + max);
                for (long offset = from; offset < end; offset++) {
                    JournalEntry entry = ring[slot(offset)];
                    if (entry != null) {
                        to.add(entry);
                    }
                }
                passed = end;
                dropPassed();
                return true;
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void close() {
            lock.lock();
            try {
                readers.remove(this);
            } finally {
                lock.unlock();
            }
        }
    }

    RecentEntries(JournalConfig.Memory bounds, long next) {
        this.bounds = bounds;
        this.ring = new JournalEntry[bounds.maxEntries()];
        this.first = next;
        this.next = next;
    }

    /** The offset of the next entry to become durable. */
    long next() {
        return next;
    }

    /** The entries have become durable; the first has the offset {@link #next}. */
    void publish(List<Offered> entries, int from, int to) {
        lock.lock();
        try {
            long offset = next;
            for (int i = from; i < to; i++) {
                add(entries.get(i).at(offset++));
            }
            next = offset;
            published.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void add(JournalEntry entry) {
        if (entry.offset() - first == ring.length) {
            dropFirst();
        }
        ring[slot(entry.offset())] = entry;
        bytes += entry.payload().length;
        while (bytes > bounds.maxBytes()) {
            dropFirst();
        }
    }

    private void dropFirst() {
        JournalEntry dropped = ring[slot(first)];
        if (dropped != null) {
            bytes -= dropped.payload().length;
            ring[slot(first)] = null;
        }
        first++;
    }

    private void dropPassed() {
        long passed = next;
        for (Reader reader : readers) {
            passed = Math.min(passed, reader.passed);
        }
        while (first < passed) {
            dropFirst();
        }
    }

    Reader reader(long from) {
        lock.lock();
        try {
            Reader reader = new Reader(from);
            readers.add(reader);
            return reader;
        } finally {
            lock.unlock();
        }
    }

    /** Waits until the entry of the offset is durable, the time is over or the journal closed. */
    void await(long offset, long nanos) throws InterruptedException {
        long left = nanos;
        lock.lockInterruptibly();
        try {
            while (next <= offset && left > 0 && !closed) {
                left = published.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    boolean isClosed() {
        return closed;
    }

    void close() {
        lock.lock();
        try {
            closed = true;
            published.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private int slot(long offset) {
        return (int) (offset % ring.length);
    }
}
