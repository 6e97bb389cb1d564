package dev.muster.gateway.journal;

import dev.muster.gateway.journal.JournalConfig.Acknowledge;
import dev.muster.gateway.journal.JournalFailure.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one thread that writes: makes what was offered durable, batch by batch, and tells it. */
final class JournalWriter implements Runnable {
    private static final Logger log = LoggerFactory.getLogger(JournalWriter.class);

    private final JournalConfig config;
    private final Acknowledge acknowledge;
    private final Intake intake;
    private final RecentEntries recent;
    private final ActiveSegment active;
    private final JournalMetrics metrics;
    private final RecordFormat format = new RecordFormat();
    private final ByteBuffer buffer;
    private volatile @Nullable JournalFailure trouble;

    JournalWriter(
            JournalConfig config, Intake intake, RecentEntries recent, ActiveSegment active, JournalMetrics metrics) {
        this.config = config;
        this.acknowledge = config.acknowledge();
        this.intake = intake;
        this.recent = recent;
        this.active = active;
        this.metrics = metrics;
        this.buffer = ByteBuffer.allocateDirect(config.entries().batchBytes());
    }

    /** Why nothing can be written now; null when it can. */
    @Nullable JournalFailure trouble() {
        return trouble;
    }

    /** Ends when the intake is closed and everything it took is settled. */
    @Override
    public void run() {
        try {
            long notBefore = System.nanoTime();
            boolean open = true;
            while (open) {
                List<Offered> taken = intake.take(notBefore);
                notBefore = System.nanoTime() + config.pace().sync().toNanos();
                open = !taken.isEmpty() || !intake.isClosed();
                write(taken);
                intake.takeTasks().forEach(JournalWriter::runTask);
                resume();
            }
        } catch (InterruptedException e) {
            log.warn("journal writer was interrupted and ends");
            intake.close();
        } finally {
            active.close();
        }
    }

    private void write(List<Offered> taken) {
        int from = 0;
        while (from < taken.size()) {
            JournalFailure failure = trouble;
            if (failure != null) {
                fail(taken, from, taken.size(), failure);
                return;
            }
            from = writeBatch(taken, from);
        }
    }

    /** Settles the entries of one batch; returns where the next begins. */
    private int writeBatch(List<Offered> taken, int from) {
        JournalFailure failure = roll(taken.get(from));
        if (failure != null) {
            stop(failure);
            return from;
        }
        int to = encode(taken, from);
        long first = recent.next();
        if (acknowledge == Acknowledge.WHEN_TAKEN) {
            tellDurable(taken, from, to, first);
            LockSupport.parkNanos(config.pace().sync().toNanos()); // so that a kill in between is likely
        }
        failure = makeDurable(first + to - from);
        if (failure != null) {
            stop(failure);
            fail(taken, from, to, failure);
            return to;
        }
        recent.publish(taken, from, to);
        settle(taken, from, to);
        if (acknowledge != Acknowledge.WHEN_TAKEN) {
            tellDurable(taken, from, to, first);
        }
        return to;
    }

    private @Nullable JournalFailure roll(Offered next) {
        try {
            active.rollUnlessFits(RecordFormat.bytesOf(next));
            return null;
        } catch (IOException e) {
            return active.takeBack(e);
        }
    }

    /** Puts as many entries into the buffer as it and the segment hold, at least one. */
    private int encode(List<Offered> taken, int from) {
        buffer.clear();
        long room = Math.min(buffer.capacity(), active.room());
        long first = recent.next();
        // Without syncs nothing before counts as synced, or a torn file would be taken for a damaged one.
        long synced = acknowledge == Acknowledge.WHEN_WRITTEN ? active.base() : first;
        int to = from;
        while (to < taken.size() && buffer.position() + RecordFormat.bytesOf(taken.get(to)) <= room) {
            long offset = first + to - from;
            format.putRecord(buffer, taken.get(to), offset, (int) (offset - synced));
            to++;
        }
        buffer.flip();
        return to;
    }

    /** Writes and syncs the buffer; null when that went well. */
    private @Nullable JournalFailure makeDurable(long end) {
        int bytes = buffer.remaining();
        try {
            active.write(buffer);
        } catch (IOException e) {
            return active.takeBack(e);
        }
        try {
            long start = System.nanoTime();
            active.sync();
            metrics.synced(System.nanoTime() - start);
        } catch (IOException e) {
            return active.inputOutput(e);
        }
        active.extendTo(end, bytes);
        return null;
    }

    private void tellDurable(List<Offered> taken, int from, int to, long first) {
        metrics.durable(to - from, System.nanoTime() - intake.takenSince());
        for (int i = from; i < to; i++) {
            try {
                taken.get(i).ack().durable(first + i - from);
            } catch (RuntimeException e) {
                log.error("the acknowledgement of journal entry {} threw", first + i - from, e);
            }
        }
    }

    private void fail(List<Offered> taken, int from, int to, JournalFailure failure) {
        settle(taken, from, to);
        metrics.failed(failure.reason(), to - from);
        for (int i = from; i < to; i++) {
            try {
                taken.get(i).ack().failed(failure);
            } catch (RuntimeException e) {
                log.error("telling an asset's entry that it failed threw", e);
            }
        }
    }

    private void settle(List<Offered> taken, int from, int to) {
        long bytes = 0;
        for (int i = from; i < to; i++) {
            bytes += RecordFormat.bytesOf(taken.get(i));
        }
        intake.settled(to - from, bytes);
    }

    private void stop(JournalFailure failure) {
        trouble = failure;
        intake.pause(true);
    }

    /** While in trouble: waits a while, then tries whether writing works again. */
    private void resume() throws InterruptedException {
        JournalFailure failure = trouble;
        if (failure == null || !intake.rest(config.pace().probe().toNanos())) {
            return;
        }
        try {
            if (failure.reason() == Reason.DISK_FULL) {
                active.probe();
            } else {
                active.beginAnew();
            }
        } catch (IOException | JournalException e) {
            log.debug("journal still cannot write", e);
            return;
        }
        trouble = null;
        intake.pause(false);
        log.info("journal writes again, from offset {} on", recent.next());
    }

    private static void runTask(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException e) {
            log.error("a task that waited for room in the journal threw", e);
        }
    }
}
