package dev.muster.gateway.journal;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that remembers the consumers' offsets and deletes what all have committed.
 *
 * <p>Deletion does not wait for the offsets to be written: on a full disk they cannot be, and deletion is what helps. An
 * offset that then comes up short after a crash is raised to the oldest entry, below which all had committed.
 */
final class JournalKeeper implements Runnable {
    private static final Logger log = LoggerFactory.getLogger(JournalKeeper.class);

    private final Duration interval;
    private final ConsumerOffsets offsets;
    private final Segments segments;
    private final Intake intake;
    private final CountDownLatch closing = new CountDownLatch(1);
    private boolean failing;
    private int copies;

    JournalKeeper(Duration interval, ConsumerOffsets offsets, Segments segments, Intake intake) {
        this.interval = interval;
        this.offsets = offsets;
        this.segments = segments;
        this.intake = intake;
    }

    @Override
    public void run() {
        try {
            while (!closing.await(interval.toNanos(), TimeUnit.NANOSECONDS)) {
                keep();
            }
        } catch (InterruptedException e) {
            log.warn("journal keeper was interrupted and ends");
        }
        keep();
    }

    /** Not while segments are deleted: a new consumer must not begin at one that is about to go. Whether it is new. */
    synchronized boolean register(String consumer) {
        return offsets.register(consumer, segments::firstOffset);
    }

    /** From now on nothing is deleted, until as many calls of {@link #endCopy}. What the offsets are at this moment. */
    synchronized String beginCopy() {
        copies++;
        return offsets.text();
    }

    synchronized void endCopy() {
        copies--;
    }

    private synchronized void keep() {
        try {
            if (copies == 0 && segments.deleteBelow(offsets.smallest()) > 0) {
                intake.look();
            }
            offsets.save();
            failing = false;
        } catch (IOException e) {
            if (!failing) {
                log.error("journal cannot remember its consumers' offsets or delete old segments; it tries again", e);
            }
            failing = true;
        }
    }

    void close() {
        closing.countDown();
    }
}
