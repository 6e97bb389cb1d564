package dev.muster.main;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/** Stops the server in order when the process is asked to end, also in the middle of its start. */
final class StopOnSignal {
    private static final Duration START_GIVES_UP = Duration.ofSeconds(60);

    private final CompletableFuture<MusterServer> server = new CompletableFuture<>();
    private final Thread starter;

    private StopOnSignal(Thread starter) {
        this.starter = starter;
    }

    /** Starts the server on the calling thread. */
    static MusterServer watch(Supplier<MusterServer> start) {
        StopOnSignal watch = new StopOnSignal(Thread.currentThread());
        Runtime.getRuntime().addShutdownHook(new Thread(watch::stop, "shutdown"));
        try {
            MusterServer started = start.get();
            watch.server.complete(started);
            return started;
        } catch (RuntimeException e) {
            watch.server.completeExceptionally(e);
            throw e;
        }
    }

    private void stop() {
        if (!server.isDone()) {
            starter.interrupt(); // the start undoes what it has done
        }
        try {
            MusterServer started = server.get(START_GIVES_UP.toMillis(), TimeUnit.MILLISECONDS);
            System.out.println("muster stops");
            started.close();
            System.out.println("muster has stopped");
        } catch (ExecutionException e) {
            return; // it did not start, which the starter tells; nothing is left running
        } catch (TimeoutException e) {
            System.err.println("muster ends in the middle of its start; the next start tidies up");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
