package dev.muster.gateway.https;

import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Work that may block, of one kind: a few at a time on virtual threads, a few more wait, others are sent away. */
public final class WorkPool {
    private static final Logger LOG = LoggerFactory.getLogger(WorkPool.class);

    private final ThreadFactory threads;
    private final Semaphore accepted;
    private final Semaphore working;

    public WorkPool(String name, int working, int waiting) {
        this.threads = Thread.ofVirtual().name(name + "-", 0).factory();
        this.accepted = new Semaphore(working + waiting);
        this.working = new Semaphore(working);
    }

    /** False when too many wait already. A task catches what it throws. */
    boolean tryRun(Runnable task) {
        if (!accepted.tryAcquire()) {
            return false;
        }
        threads.newThread(() -> run(task)).start();
        return true;
    }

    private void run(Runnable task) {
        working.acquireUninterruptibly();
        try {
            task.run();
        } catch (RuntimeException e) {
            LOG.error("work for a device https request threw", e);
        } finally {
            working.release();
            accepted.release();
        }
    }
}
