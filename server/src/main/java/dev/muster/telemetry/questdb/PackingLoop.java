package dev.muster.telemetry.questdb;

import dev.muster.telemetry.store.StoreUnavailableException;
import io.questdb.cairo.CairoException;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Packs soon after the start and every ten minutes, and goes on at once when a round was not enough. */
final class PackingLoop implements AutoCloseable {
    private static final Duration FIRST = Duration.ofSeconds(30);
    private static final Duration INTERVAL = Duration.ofMinutes(10);
    private static final Logger log = LoggerFactory.getLogger(PackingLoop.class);

    private final Packing packing;
    private final Clock clock;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread;

    PackingLoop(Packing packing, Clock clock) {
        this.packing = packing;
        this.clock = clock;
        this.thread = Thread.ofPlatform().daemon().name("questdb-packing").start(this::run);
    }

    private void run() {
        try {
            Duration pause = FIRST;
            while (!closing.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
                pause = INTERVAL;
                try {
                    if (!packing.round(clock.instant(), () -> closing.getCount() > 0)) {
                        pause = FIRST;
                    }
                } catch (StoreUnavailableException | CairoException e) {
                    log.warn("days are not packed now, trying again in {} min: {}", pause.toMinutes(), e.getMessage());
                } catch (RuntimeException e) {
                    log.error("days are not packed now, trying again in {} min", pause.toMinutes(), e);
                }
            }
        } catch (InterruptedException e) {
            log.debug("days are no longer packed: the store closes", e);
        }
    }

    @Override
    public void close() {
        closing.countDown();
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
