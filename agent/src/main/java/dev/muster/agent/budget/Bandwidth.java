package dev.muster.agent.budget;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * A token bucket in bytes per second, one second deep; zero is no limit. Whoever takes more than is there goes into debt and
 * waits until it is paid, so that a message larger than the bucket passes. Safe for many threads.
 */
public final class Bandwidth {
    private static final long NANOS_PER_SECOND = 1_000_000_000L;
    private static final long LONGEST_WAIT = 3600 * NANOS_PER_SECOND;

    private final LongSupplier nanos;
    private final ReentrantLock lock = new ReentrantLock(true);
    private final Condition changed = lock.newCondition();
    private long bytesPerSecond;
    private double available;
    private long updatedAt;

    /** @param nanos a monotonic clock, {@link System#nanoTime} outside of tests */
    public Bandwidth(long bytesPerSecond, LongSupplier nanos) {
        this.nanos = nanos;
        this.bytesPerSecond = bytesPerSecond;
        this.available = bytesPerSecond;
        this.updatedAt = nanos.getAsLong();
    }

    /** Takes effect on those who wait, too. */
    public void limit(long newBytesPerSecond) {
        lock.lock();
        try {
            refill();
            bytesPerSecond = newBytesPerSecond;
            available = Math.min(available, newBytesPerSecond);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    public long limit() {
        lock.lock();
        try {
            return bytesPerSecond;
        } finally {
            lock.unlock();
        }
    }

    /** Returns when the bytes may be on their way. */
    public void take(int bytes) throws InterruptedException {
        long wait = reserve(bytes);
        while (wait > 0) {
            wait = await(wait);
        }
    }

    /** Takes the bytes, and says how many nanoseconds the debt lasts; they may be on their way when it is paid. */
    public long reserve(int bytes) {
        lock.lock();
        try {
            refill();
            available -= bytesPerSecond == 0 ? 0 : bytes;
            return debt();
        } finally {
            lock.unlock();
        }
    }

    private long await(long wait) throws InterruptedException {
        lock.lock();
        try {
            changed.await(wait, TimeUnit.NANOSECONDS);
            refill();
            return debt();
        } finally {
            lock.unlock();
        }
    }

    /** For how many nanoseconds there is a debt. */
    public long debtNanos() {
        lock.lock();
        try {
            refill();
            return debt();
        } finally {
            lock.unlock();
        }
    }

    private void refill() {
        long now = nanos.getAsLong();
        double earned = (double) (now - updatedAt) * bytesPerSecond / NANOS_PER_SECOND;
        available = Math.min(bytesPerSecond, available + earned);
        updatedAt = now;
    }

    private long debt() {
        if (bytesPerSecond == 0 || available >= 0) {
            return 0;
        }
        return Math.min(LONGEST_WAIT, (long) Math.ceil(-available * NANOS_PER_SECOND / bytesPerSecond));
    }
}
