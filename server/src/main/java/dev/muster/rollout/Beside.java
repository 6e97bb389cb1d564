package dev.muster.rollout;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;

/**
 * Something that is read in another thread and on another connection, while its owner does something else: the database and the server
 * work at the same time. It sees what was committed, and nothing that the owner's transaction has written.
 */
final class Beside<T> {
    private final FutureTask<T> task;

    private Beside(FutureTask<T> task) {
        this.task = task;
    }

    /** Begins at once. @param name of the thread */
    static <T> Beside<T> read(String name, Supplier<T> work) {
        FutureTask<T> task = new FutureTask<>(work::get);
        Thread.ofVirtual().name(name).start(task);
        return new Beside<>(task);
    }

    boolean isDone() {
        return task.isDone();
    }

    /** Waits for it. @throws RuntimeException the one that it failed with */
    T get() {
        try {
            return task.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new IllegalStateException("what is read beside failed", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while something was read beside", e);
        }
    }
}
