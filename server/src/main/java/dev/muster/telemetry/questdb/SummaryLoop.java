package dev.muster.telemetry.questdb;

import dev.muster.telemetry.store.StoreUnavailableException;
import io.questdb.cairo.CairoException;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sums up once a minute, and every ten minutes with late rows however many assets they are of. */
final class SummaryLoop implements AutoCloseable {
    static final Duration INTERVAL = Duration.ofMinutes(1);
    private static final int RARELY = 10;
    private static final Logger log = LoggerFactory.getLogger(SummaryLoop.class);

    private final Summaries summaries;
    private final Clock clock;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread;

    SummaryLoop(Summaries summaries, Clock clock) {
        this.summaries = summaries;
        this.clock = clock;
        this.thread = Thread.ofPlatform().daemon().name("questdb-summaries").start(this::run);
    }

    private void run() {
        try {
            for (int round = 1; !closing.await(INTERVAL.toMillis(), TimeUnit.MILLISECONDS); round++) {
                try {
                    summaries.round(clock.millis(), round % RARELY == 0, () -> closing.getCount() > 0);
                } catch (StoreUnavailableException | CairoException e) {
                    log.warn(
                            "metrics are not summed up now, trying again in {} s: {}",
                            INTERVAL.toSeconds(),
                            e.getMessage());
                } catch (RuntimeException e) {
                    log.error("metrics are not summed up now, trying again in {} s", INTERVAL.toSeconds(), e);
                }
            }
        } catch (InterruptedException e) {
            log.debug("metrics are no longer summed up: the store closes", e);
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
