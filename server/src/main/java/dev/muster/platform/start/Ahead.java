package dev.muster.platform.start;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is slow to open, opened on threads of its own while the rest of the server is put together.
 *
 * <p>{@link #begin}, later {@link #take}: whoever takes a resource owns it and hears why it could not be opened. {@link
 * #close} ends what nobody took.
 */
public final class Ahead implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Ahead.class);

    private final Map<Class<?>, Opening> openings = new LinkedHashMap<>();

    private record Opening(Thread thread, CompletableFuture<AutoCloseable> result) {}

    /** @param open may be interrupted, and then leaves nothing behind */
    public synchronized <T extends AutoCloseable> void begin(Class<T> type, Supplier<T> open) {
        CompletableFuture<AutoCloseable> result = new CompletableFuture<>();
        Thread thread = Thread.ofPlatform()
                .daemon()
                .name("open-" + type.getSimpleName())
                .start(() -> {
                    try {
                        result.complete(open.get());
                    } catch (Throwable e) {
                        result.completeExceptionally(e); // whoever takes it throws it
                    }
                });
        openings.put(type, new Opening(thread, result));
    }

    /** Waits until it is open; throws what its opening threw. */
    public <T extends AutoCloseable> T take(Class<T> type) {
        Opening opening = remove(type);
        try {
            return type.cast(opening.result().get());
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case RuntimeException failure -> throw failure;
                case Error failure -> throw failure;
                case null, default -> throw new IllegalStateException("cannot open " + type.getSimpleName(), e);
            }
        } catch (InterruptedException e) {
            end(opening);
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while " + type.getSimpleName() + " was being opened", e);
        }
    }

    private synchronized Opening remove(Class<?> type) {
        Opening opening = openings.remove(type);
        if (opening == null) {
            throw new IllegalStateException(type + " was not begun, or is taken already");
        }
        return opening;
    }

    /** Interrupts what is still being opened and closes what was opened; returns when nothing is left. */
    @Override
    public synchronized void close() {
        openings.values().forEach(Ahead::end);
        openings.clear();
    }

    private static void end(Opening opening) {
        opening.thread().interrupt();
        boolean interrupted = false;
        while (true) {
            try {
                opening.result().get().close();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            } catch (ExecutionException e) {
                log.debug("what nobody took was not opened", e);
                break;
            } catch (Exception e) {
                log.warn("cannot close what was opened ahead", e);
                break;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
