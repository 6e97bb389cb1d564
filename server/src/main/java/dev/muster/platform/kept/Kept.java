package dev.muster.platform.kept;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Answers that many ask for again and again, by question: each is kept for 500 times as long as working it out takes, so that whoever
 * looks at a dashboard of several answers all day costs less than one per cent of a processor, however large the fleet is. What it takes is the lesser of the last
 * two times: one that waited for something else says little. For as long again, a minute at most, it is still given, while one thread works out the
 * next one: who comes back to a dashboard does not wait for what he has seen before. Who asks when there is none that recent waits for it.
 */
public final class Kept<Q, A> {
    private static final int TIMES = 500;
    private static final Duration MOST = Duration.ofMinutes(5);
    private static final Duration MOST_AFTERWARDS = Duration.ofMinutes(1);
    private static final int MAX_QUESTIONS = 400;

    private final long leastNanos;
    private final Predicate<A> small;
    private final Timer worked;
    private final LongSupplier nanos;
    private final Map<Q, Answer<A>> answers = new LinkedHashMap<>(16, 0.75f, true);

    /**
     * @param answers what they are, as {@code muster_dashboard_answers_seconds} names them, which counts the time that working them out takes
     * @param least how long an answer is kept that cost next to nothing
     */
    public Kept(String answers, Duration least, MeterRegistry meters) {
        this(answers, least, _ -> false, meters);
    }

    /**
     * @param small says of an answer that it is about so little that it cannot have taken long by itself: it waited for something else, and
     *     is not kept for longer than {@code least}
     */
    public Kept(String answers, Duration least, Predicate<A> small, MeterRegistry meters) {
        this(least, small, meters.timer("muster.dashboard.answers", "answer", answers), System::nanoTime);
    }

    Kept(Duration least, Predicate<A> small, Timer worked, LongSupplier nanos) {
        this.leastNanos = least.toNanos();
        this.small = small;
        this.worked = worked;
        this.nanos = nanos;
    }

    private static final class Answer<A> {
        private final ReentrantLock lock = new ReentrantLock();
        private @Nullable A value;
        private long until;
        private long stillUntil;
        private long tookNanos;
        private boolean renewed;

        private boolean isFresh(long now) {
            return now - until < 0;
        }

        private boolean isGivenStill(long now) {
            return now - stillUntil < 0;
        }
    }

    /** @param work works it out, when there is no answer that is fresh enough; perhaps in another thread */
    public A get(Q question, Supplier<A> work) {
        Answer<A> answer = answer(question);
        answer.lock.lock();
        try {
            A known = answer.value;
            long now = nanos.getAsLong();
            if (known != null && (answer.isFresh(now) || answer.isGivenStill(now))) {
                if (!answer.isFresh(now) && !answer.renewed) {
                    answer.renewed = true;
                    Thread.ofVirtual().name("kept-answer").start(() -> renew(answer, work));
                }
                return known;
            }
            return keep(answer, now, work.get());
        } finally {
            answer.lock.unlock();
        }
    }

    /** Without the lock: others are given what is known meanwhile. When it fails, the next one who asks waits, and is told why. */
    private void renew(Answer<A> answer, Supplier<A> work) {
        long began = nanos.getAsLong();
        @Nullable A fresh = null;
        try {
            fresh = work.get();
        } finally {
            answer.lock.lock();
            try {
                if (fresh == null) {
                    answer.value = null;
                } else {
                    keep(answer, began, fresh);
                }
                answer.renewed = false;
            } finally {
                answer.lock.unlock();
            }
        }
    }

    private A keep(Answer<A> answer, long began, A fresh) {
        long now = nanos.getAsLong();
        long took = now - began;
        worked.record(took, TimeUnit.NANOSECONDS);
        long kept = small.test(fresh) ? leastNanos : keptFor(Math.min(took, answer.tookNanos));
        answer.value = fresh;
        answer.until = now + kept;
        answer.stillUntil = answer.until + Math.min(kept, MOST_AFTERWARDS.toNanos());
        answer.tookNanos = took;
        return fresh;
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
