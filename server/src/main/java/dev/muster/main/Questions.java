package dev.muster.main;

import dev.muster.protocol.AssetId;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Asks a store for many sessions together: after a restart all assets subscribe at the same moment, and one query answers
 * hundreds of them.
 *
 * <p>Asked on event loops, so nothing waits there: a thread of its own asks the store, and when it cannot keep up the
 * question fails and is asked again by the session.
 */
final class Questions<T> implements AutoCloseable {
    /** Assets of one query. */
    static final int MAX_TOGETHER = 256;
    /** A session asks one question at a time; more than this wait only when the store is slow or away. */
    static final int MAX_WAITING = 100_000;

    private static final long POLL_MILLIS = 200;

    private final Function<Set<AssetId>, Map<AssetId, T>> source;
    private final T nothing;
    private final BlockingQueue<Question<T>> waiting = new ArrayBlockingQueue<>(MAX_WAITING);
    private final Thread thread;
    private volatile boolean closed;

    private record Question<T>(AssetId asset, CompletableFuture<T> answer) {}

    /**
     * @param source answers for the assets for which something waits; may block
     * @param nothing the answer for all others
     */
    Questions(String name, Function<Set<AssetId>, Map<AssetId, T>> source, T nothing) {
        this.source = source;
        this.nothing = nothing;
        this.thread = Thread.ofPlatform().daemon().name("downlink-" + name).start(this::run);
    }

    /** Never blocks; the answer comes on another thread. */
    CompletionStage<T> ask(AssetId asset) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        if (!waiting.offer(new Question<>(asset, answer))) {
            answer.completeExceptionally(
                    new IllegalStateException(MAX_WAITING + " questions wait for the store, which is the most"));
        }
        if (closed) {
            refuseWaiting();
        }
        return answer;
    }

    private void run() {
        List<Question<T>> together = new ArrayList<>(MAX_TOGETHER);
        while (!closed) {
            try {
                Question<T> first = waiting.poll(POLL_MILLIS, TimeUnit.MILLISECONDS);
                if (first != null) {
                    together.add(first);
                    waiting.drainTo(together, MAX_TOGETHER - 1);
                    answer(together);
                    together.clear();
                }
            } catch (InterruptedException e) {
                closed = true;
            }
        }
        refuseWaiting();
    }

    private void answer(List<Question<T>> together) {
        try {
            Set<AssetId> assets = new LinkedHashSet<>();
            together.forEach(question -> assets.add(question.asset()));
            Map<AssetId, T> found = source.apply(assets);
            together.forEach(question -> question.answer().complete(found.getOrDefault(question.asset(), nothing)));
        } catch (RuntimeException | Error e) {
            together.forEach(question -> question.answer().completeExceptionally(e));
        }
    }

    private void refuseWaiting() {
        List<Question<T>> left = new ArrayList<>();
        waiting.drainTo(left);
        left.forEach(
                question -> question.answer().completeExceptionally(new IllegalStateException("the server stops")));
    }

    @Override
    public void close() {
        closed = true;
        try {
            thread.join(TimeUnit.SECONDS.toMillis(10));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        refuseWaiting();
    }
}
