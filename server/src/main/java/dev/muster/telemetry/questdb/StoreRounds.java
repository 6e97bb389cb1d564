package dev.muster.telemetry.questdb;

import dev.muster.telemetry.store.StoreUnavailableException;
import io.questdb.cairo.CairoException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A thread that works on the store in rounds until it is closed. A round that fails is tried again when the next is due. */
final class StoreRounds implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(StoreRounds.class);

    private final String work;
    private final Duration interval;
    private final Round round;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread;

    @FunctionalInterface
    interface Round {
        /**
         * @param goOn to be asked between pieces of work
         * @return how long to wait before the next
         */
        Duration run(BooleanSupplier goOn) throws InterruptedException;
    }

    /**
     * Starts the thread.
     *
     * @param work what it does, as in "packing"
     * @param first before the first round
     * @param interval after one that failed
     */
    StoreRounds(String work, Duration first, Duration interval, Round round) {
        this.work = work;
        this.interval = interval;
        this.round = round;
        this.thread = Thread.ofPlatform().daemon().name("questdb-" + work).start(() -> run(first));
    }

    private void run(Duration first) {
        try {
            Duration pause = first;
            while (!closing.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
                pause = interval;
                try {
                    pause = round.run(() -> closing.getCount() > 0);
                } catch (StoreUnavailableException | CairoException e) {
                    log.warn(
                            "{} is not possible now, trying again in {} s: {}",
                            work,
                            pause.toSeconds(),
                            e.getMessage());
                } catch (RuntimeException e) {
                    log.error("{} failed, trying again in {} s", work, pause.toSeconds(), e);
                }
            }
        } catch (InterruptedException e) {
            log.debug("{} ends: the store closes", work, e);
        }
    }

    /** Returns when the round under way has ended. */
    @Override
    public void close() {
        closing.countDown();
        await(thread);
    }

    /** Waits for its end even when interrupted: the files that it works on are about to be closed. */
    static void await(Thread thread) {
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
