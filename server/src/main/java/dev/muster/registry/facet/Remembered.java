package dev.muster.registry.facet;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Answers that are kept for a short while. The same question asked by many at once is worked out once; one that took long is kept
 * for longer, so that questions alone never take more than a small share of the processor.
 */
public final class Remembered<K, V> {
    /** An answer is kept for so many times as long as it took. */
    private static final int SHARE = 50;

    private static final Duration LONGEST = Duration.ofMinutes(1);

    private final int most;
    private final Duration shortest;
    private final Clock clock;
    private final Map<K, Question<V>> known = new LinkedHashMap<>();

    /**
     * @param most answers that are kept; those asked first go first
     * @param shortest how long each is kept at least
     */
    public Remembered(int most, Duration shortest, Clock clock) {
        this.most = most;
        this.shortest = shortest;
        this.clock = clock;
    }

    private static final class Question<V> {
        private final FutureTask<V> answer;
        /** Null while it is worked out. */
        private volatile @Nullable Instant until;

        Question(FutureTask<V> answer) {
            this.answer = answer;
        }
    }

    public V get(K key, Supplier<V> work) {
        Question<V> question = ask(key, work);
        Instant started = clock.instant();
        question.answer.run(); // by whoever comes first; the others wait below
        try {
            V answer = question.answer.get();
            if (question.until == null) {
                Instant now = clock.instant();
                question.until = now.plus(kept(Duration.between(started, now)));
            }
            return answer;
        } catch (ExecutionException failed) {
            forget(key, question);
            if (failed.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException("a question could not be answered", failed);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for an answer", stopped);
        }
    }

    private synchronized Question<V> ask(K key, Supplier<V> work) {
        Question<V> last = known.get(key);
        if (last != null) {
            Instant until = last.until;
            if (until == null || clock.instant().isBefore(until)) {
                return last;
            }
            known.remove(key);
        }
        Question<V> fresh = new Question<>(new FutureTask<>(work::get));
        known.put(key, fresh);
        if (known.size() > most) {
            known.remove(known.keySet().iterator().next());
        }
        return fresh;
    }

    private synchronized void forget(K key, Question<V> question) {
        known.remove(key, question);
    }

    private Duration kept(Duration took) {
        Duration wanted = took.multipliedBy(SHARE);
        return wanted.compareTo(shortest) < 0 ? shortest : wanted.compareTo(LONGEST) > 0 ? LONGEST : wanted;
    }
}
