package dev.muster.console;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Answers that many ask for again and again, by question: each is kept for a hundred times as long as working it out takes, so that whoever
 * looks at a dashboard all day costs less than one per cent of a processor, however large the fleet is. What it takes is the lesser of the last
 * two times: one that waited for something else says little. Who asks while one is being worked out waits for it.
 */
public final class Kept<Q, A> {
    private static final int TIMES = 100;
    private static final Duration MOST = Duration.ofMinutes(2);
    private static final int MAX_QUESTIONS = 400;

    private final long leastNanos;
    private final Map<Q, Answer<A>> answers = new LinkedHashMap<>(16, 0.75f, true);

    /** @param least how long an answer is kept that cost next to nothing */
    public Kept(Duration least) {
        this.leastNanos = least.toNanos();
    }

    private static final class Answer<A> {
        private final ReentrantLock lock = new ReentrantLock();
        private @Nullable A value;
        private long until;
        private long tookNanos;
    }

    /** @param work works it out, when there is no answer that is fresh enough */
    public A get(Q question, Supplier<A> work) {
        Answer<A> answer = answer(question);
        answer.lock.lock();
        try {
            A known = answer.value;
            if (known != null && System.nanoTime() - answer.until < 0) {
                return known;
            }
            long began = System.nanoTime();
            A fresh = work.get();
            long took = System.nanoTime() - began;
            answer.value = fresh;
            answer.until = began + took + keptFor(Math.min(took, answer.tookNanos));
            answer.tookNanos = took;
            return fresh;
        } finally {
            answer.lock.unlock();
        }
    }

    long keptFor(long tookNanos) {
        return Math.max(leastNanos, Math.min(MOST.toNanos(), tookNanos * TIMES));
    }

    private Answer<A> answer(Q question) {
        synchronized (answers) {
            Answer<A> answer = answers.computeIfAbsent(question, _ -> new Answer<>());
            if (answers.size() > MAX_QUESTIONS) {
                answers.remove(answers.keySet().iterator().next());
            }
            return answer;
        }
    }
}
