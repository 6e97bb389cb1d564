package dev.muster.command;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Works out how a command goes on: after a word of the asset, as time passes, when somebody takes it back.
 *
 * <p>Words come from the journal: at least once, long after they were received when the server was away, and interleaved
 * in any way with the worker that notices deadlines. So every rule looks at the time when a word was received, a deadline
 * passes whether or not anybody looked, and a word that comes again changes nothing.
 */
final class CommandEngine {
    private CommandEngine() {}

    /** What a word of the asset comes to. */
    sealed interface Answer {
        /** @param steps what the history gets; empty when nothing changed */
        record Decided(Progress next, List<Step> steps) implements Answer {}

        /** The command was never given to the asset, so whoever answers it has guessed its id. */
        record NotGiven() implements Answer {}
    }

    /**
     * @param word as on the wire: not queued, pending or cancelled
     * @param receivedAt by the server, before the word was acknowledged
     */
    static Answer reported(Progress before, Status word, Instant receivedAt) {
        if (before.status() == Status.QUEUED) {
            return new Answer.NotGiven();
        }
        List<Step> steps = new ArrayList<>();
        Progress now = before;
        Optional<Progress> passed = passed(before, receivedAt);
        if (passed.isPresent()) {
            now = passed.get();
            steps.add(step(now));
        }
        Progress next = switch (word) {
            case ACCEPTED, RUNNING -> begun(now, word);
            case INDETERMINATE -> unknown(now, receivedAt);
            case SUCCEEDED, FAILED, REJECTED, EXPIRED -> ended(now, word, receivedAt);
            case QUEUED, PENDING, CANCELLED ->
                throw new IllegalArgumentException("no asset says of a command that it is " + word.wire());
        };
        if (!next.contradictions().equals(now.contradictions())) {
            steps.add(new Step(receivedAt, word, true));
        } else if (next.status() != now.status() || next.settledBy() != now.settledBy()) {
            steps.add(new Step(receivedAt, next.status(), false));
        }
        return new Answer.Decided(next, steps);
    }

    private static Progress begun(Progress now, Status word) {
        return switch (now.status()) {
            case PENDING -> now.moved(word);
            case ACCEPTED -> word == Status.RUNNING ? now.moved(word) : now;
            // Taken for not done, and the asset did begin: now nobody knows.
            case EXPIRED, CANCELLED -> now.isDefinite() ? now : now.moved(Status.INDETERMINATE);
            case QUEUED, RUNNING, SUCCEEDED, FAILED, REJECTED, INDETERMINATE -> now;
        };
    }

    /** Even the asset does not know how it ended; that is less than a definite word and more than none. */
    private static Progress unknown(Progress now, Instant receivedAt) {
        return now.settledBy() == Settler.ASSET
                ? now
                : now.settled(Status.INDETERMINATE, receivedAt, Settler.ASSET, isLate(now, receivedAt));
    }

    private static Progress ended(Progress now, Status word, Instant receivedAt) {
        if (!now.isDefinite()) {
            return now.settled(word, receivedAt, Settler.ASSET, isLate(now, receivedAt));
        }
        if (word == now.status() || now.contradictions().contains(word)) {
            return now;
        }
        Set<Status> contradictions = new HashSet<>(now.contradictions());
        contradictions.add(word);
        return new Progress(now.status(), now.deadline(), now.settledAt(), now.settledBy(), now.late(), contradictions);
    }

    private static boolean isLate(Progress now, Instant receivedAt) {
        Instant end = now.settledAt() != null && now.settledBy() != Settler.ASSET ? now.settledAt() : now.deadline();
        return end != null && receivedAt.isAfter(end);
    }

    /** As time passes; empty when nothing changes. */
    static Optional<Progress> passed(Progress before, Instant now) {
        Instant deadline = before.deadline();
        if (!before.status().isUnderWay() || deadline == null || !now.isAfter(deadline)) {
            return Optional.empty();
        }
        Status as = before.status() == Status.PENDING ? Status.EXPIRED : Status.INDETERMINATE;
        return Optional.of(before.settled(as, deadline, Settler.DEADLINE, false));
    }

    /** Taken back; empty when it is too late for that: the asset has it, or it is settled. */
    static Optional<Progress> cancelled(Progress before, Settler by, Instant now) {
        boolean isInTime = before.deadline() == null || !now.isAfter(before.deadline());
        return switch (before.status()) {
            case QUEUED, PENDING ->
                isInTime ? Optional.of(before.settled(Status.CANCELLED, now, by, false)) : Optional.empty();
            case ACCEPTED, RUNNING, SUCCEEDED, FAILED, REJECTED, EXPIRED, INDETERMINATE, CANCELLED -> Optional.empty();
        };
    }

    /** The line that a settled state without a word of the asset has in the history. */
    static Step step(Progress settled) {
        Instant at = settled.settledAt();
        if (at == null) {
            throw new IllegalArgumentException(
                    "a command that is " + settled.status().wire() + " is not settled");
        }
        return new Step(at, settled.status(), false);
    }
}
