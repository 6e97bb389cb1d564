package dev.muster.gateway.journal;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What a journal told of the entries offered to it, in the order it told it. */
public final class Acknowledgements implements Journal.Ack {
    private final List<Long> durable = new ArrayList<>();
    private final List<JournalFailure> failures = new ArrayList<>();

    @Override
    public synchronized void durable(long offset) {
        durable.add(offset);
        notifyAll();
    }

    @Override
    public synchronized void failed(JournalFailure failure) {
        failures.add(failure);
        notifyAll();
    }

    public synchronized List<Long> durable() {
        return List.copyOf(durable);
    }

    public synchronized List<JournalFailure> failures() {
        return List.copyOf(failures);
    }

    /** Waits until so many entries are durable or failed. */
    public synchronized void await(int count) throws InterruptedException {
        long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (durable.size() + failures.size() < count) {
            long left = (end - System.nanoTime()) / 1_000_000;
            if (left <= 0) {
                throw new AssertionError(
                        durable.size() + " of " + count + " entries were acknowledged in 30 s, failed: " + failures);
            }
            wait(left);
        }
    }
}
