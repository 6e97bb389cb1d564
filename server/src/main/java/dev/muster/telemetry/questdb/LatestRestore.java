package dev.muster.telemetry.questdb;

import dev.muster.telemetry.store.StoreUnavailableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the newest values back after a restart, beside everything else: the newest slice of time first, older and longer
 * ones after it, until the lookback is reached.
 *
 * <p>The cost is that of reading the rows of the lookback once. It pauses after each slice as long as the slice took, so
 * that it never has more than half of a processor.
 */
final class LatestRestore implements AutoCloseable {
    static final Duration FIRST_SLICE = Duration.ofHours(1);
    static final Duration LONGEST_SLICE = Duration.ofDays(1);

    private static final Logger log = LoggerFactory.getLogger(LatestRestore.class);
    /** A table that cannot be written must not keep the others waiting for ever. */
    private static final Duration READABLE = Duration.ofMinutes(1);

    private static final Duration TRY_AGAIN = Duration.ofSeconds(5);

    /** From when until before when; the first one has no end. */
    record Slice(long from, long to) {}

    @FunctionalInterface
    interface Reading {
        void read(Slice slice);
    }

    private final Thread thread;
    private final CountDownLatch newest = new CountDownLatch(1);
    private final CountDownLatch all = new CountDownLatch(1);

    /**
     * Begins at once, on a thread of its own.
     *
     * @param readable whether what was committed before the restart can be read by now
     * @param reading reads a slice of all tables; tried again when the store cannot
     */
    LatestRestore(List<Slice> slices, BooleanSupplier readable, Reading reading) {
        this.thread = Thread.ofPlatform().daemon().name("questdb-latest").start(() -> run(slices, readable, reading));
    }

    static List<Slice> slices(long now, Duration lookback) {
        long end = now - lookback.toMillis();
        List<Slice> slices = new ArrayList<>();
        long to = Long.MAX_VALUE;
        long from = now;
        long length = FIRST_SLICE.toMillis();
        while (from > end) {
            from = Math.max(end, from - length);
            slices.add(new Slice(from, to));
            to = from;
            length = Math.min(LONGEST_SLICE.toMillis(), 2 * length);
        }
        return slices;
    }

    private void run(List<Slice> slices, BooleanSupplier readable, Reading reading) {
        try {
            long patience = System.nanoTime() + READABLE.toNanos();
            while (!readable.getAsBoolean() && System.nanoTime() < patience) {
                Thread.sleep(20);
            }
            for (Slice slice : slices) {
                long start = System.nanoTime();
                readPatiently(slice, reading);
                newest.countDown();
                TimeUnit.NANOSECONDS.sleep(System.nanoTime() - start);
            }
            all.countDown();
        } catch (InterruptedException e) {
            log.debug("the newest values are no longer read back: the store closes", e);
        }
    }

    private static void readPatiently(Slice slice, Reading reading) throws InterruptedException {
        while (true) {
            try {
                reading.read(slice);
                return;
            } catch (StoreUnavailableException e) {
                if (Thread.currentThread().isInterrupted()) {
                    throw new InterruptedException(e.getMessage());
                }
                log.warn(
                        "cannot read newest values back, trying again in {} s: {}",
                        TRY_AGAIN.toSeconds(),
                        e.getMessage());
                Thread.sleep(TRY_AGAIN);
            }
        }
    }

    boolean done() {
        return all.getCount() == 0;
    }

    /** Waits at most so long for the values of the newest slice. @return whether they are there */
    boolean awaitNewest(Duration atMost) throws InterruptedException {
        return newest.await(atMost.toMillis(), TimeUnit.MILLISECONDS);
    }

    boolean awaitAll(Duration atMost) throws InterruptedException {
        return all.await(atMost.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() {
        thread.interrupt();
        StoreRounds.await(thread);
    }
}
