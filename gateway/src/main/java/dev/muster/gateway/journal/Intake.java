package dev.muster.gateway.journal;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/** The bounded queue in front of the writer: what is offered and not yet settled, and who waits for room. */
final class Intake {
    enum Answer {
        TAKEN,
        QUEUE_FULL,
        DISK_BOUND,
        PAUSED,
        CLOSED
    }

    private final JournalConfig config;
    private final LongSupplier bytesOnDisk;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition work = lock.newCondition();
    private List<Offered> waiting = new ArrayList<>();
    private List<Runnable> forRoom = new ArrayList<>();
    private long waitingBytes;
    /** When the first of those that wait was offered. */
    private long waitingSince;

    /** The same of what was taken last. */
    private long takenSince;

    private int unsettledEntries;
    private long unsettledBytes;
    private boolean paused;
    private boolean closed;

    Intake(JournalConfig config, LongSupplier bytesOnDisk) {
        this.config = config;
        this.bytesOnDisk = bytesOnDisk;
    }

    Answer offer(Offered entry) {
        int bytes = RecordFormat.bytesOf(entry);
        lock.lock();
        try {
            Answer answer = answer(bytes);
            if (answer == Answer.TAKEN) {
                if (waiting.isEmpty()) {
                    waitingSince = System.nanoTime();
                }
                waiting.add(entry);
                unsettledEntries++;
                unsettledBytes += bytes;
                long before = waitingBytes;
                waitingBytes += bytes;
                if (before == 0 || (before < config.entries().batchBytes() && batchIsFull())) {
                    work.signal();
                }
            }
            return answer;
        } finally {
            lock.unlock();
        }
    }

    private Answer answer(int bytes) {
        if (closed) {
            return Answer.CLOSED;
        }
        if (paused) {
            return Answer.PAUSED;
        }
        if (unsettledEntries >= config.queue().maxEntries()
                || unsettledBytes + bytes > config.queue().maxBytes()) {
            return Answer.QUEUE_FULL;
        }
        return hasDiskRoom(bytes) ? Answer.TAKEN : Answer.DISK_BOUND;
    }

    /** Whether the largest entry still fits on disk. */
    boolean hasDiskRoom() {
        lock.lock();
        try {
            return hasDiskRoom(config.entries().maxBytes() + JournalConfig.ENTRY_OVERHEAD);
        } finally {
            lock.unlock();
        }
    }

    private boolean hasDiskRoom(int bytes) {
        return bytesOnDisk.getAsLong() + unsettledBytes + bytes
                <= config.files().maxBytes();
    }

    /**
     * What was offered, oldest first: not before the time, unless a batch is full. Empty when there is room for those
     * who wait for it, or when it is closed.
     */
    List<Offered> take(long notBefore) throws InterruptedException {
        lock.lock();
        try {
            while (waiting.isEmpty() && !closed && !paused && !roomIsAwaited()) {
                work.await();
            }
            long left = notBefore - System.nanoTime();
            while (left > 0 && !batchIsFull() && !closed && !waiting.isEmpty()) {
                left = work.awaitNanos(left);
            }
            List<Offered> taken = waiting;
            takenSince = waitingSince;
            waiting = new ArrayList<>(Math.max(16, taken.size()));
            waitingBytes = 0;
            return taken;
        } finally {
            lock.unlock();
        }
    }

    /** When the oldest of what {@link #take} gave was offered. For the writer. */
    long takenSince() {
        lock.lock();
        try {
            return takenSince;
        } finally {
            lock.unlock();
        }
    }

    private boolean batchIsFull() {
        return waitingBytes >= config.entries().batchBytes();
    }

    /** These entries are durable or failed. */
    void settled(int entries, long bytes) {
        lock.lock();
        try {
            unsettledEntries -= entries;
            unsettledBytes -= bytes;
        } finally {
            lock.unlock();
        }
    }

    /** False when closed: the task is not kept. */
    boolean whenRoom(Runnable task) {
        lock.lock();
        try {
            if (!closed) {
                forRoom.add(task);
                work.signal();
            }
            return !closed;
        } finally {
            lock.unlock();
        }
    }

    /** The waiting tasks, once there is room, and all when it is closed. */
    List<Runnable> takeTasks() {
        lock.lock();
        try {
            if (!closed && !roomIsAwaited()) {
                return List.of();
            }
            List<Runnable> tasks = forRoom;
            forRoom = new ArrayList<>();
            return tasks;
        } finally {
            lock.unlock();
        }
    }

    /** A quarter of the queue is free, so that not each single free place wakes all who wait. */
    private boolean roomIsAwaited() {
        return !forRoom.isEmpty()
                && !paused
                && unsettledEntries <= config.queue().maxEntries() * 3L / 4
                && unsettledBytes <= config.queue().maxBytes() / 4 * 3
                && hasDiskRoom(config.entries().maxBytes() + JournalConfig.ENTRY_OVERHEAD);
    }

    /** While paused nothing is taken. */
    void pause(boolean pause) {
        lock.lock();
        try {
            paused = pause;
        } finally {
            lock.unlock();
        }
    }

    /** Bytes on disk have changed. */
    void look() {
        lock.lock();
        try {
            work.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Waits so long; false when closed meanwhile. For the writer while it is paused. */
    boolean rest(long nanos) throws InterruptedException {
        long left = nanos;
        lock.lock();
        try {
            while (left > 0 && !closed) {
                left = work.awaitNanos(left);
            }
            return !closed;
        } finally {
            lock.unlock();
        }
    }

    void close() {
        lock.lock();
        try {
            closed = true;
            work.signal();
        } finally {
            lock.unlock();
        }
    }

    boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    int unsettled() {
        lock.lock();
        try {
            return unsettledEntries;
        } finally {
            lock.unlock();
        }
    }
}
