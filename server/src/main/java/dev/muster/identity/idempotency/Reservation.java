package dev.muster.identity.idempotency;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What is known of an idempotency key when a request brings it. */
sealed interface Reservation {
    /** Nobody used it: this request is done now, and only this one. */
    record Fresh() implements Reservation {}

    /** The same request was done. @param result null when it was too large to keep */
    record Done(Instant at, byte @Nullable [] result) implements Reservation {}

    /** The same request runs, or broke off in the middle so that nobody knows what it did. */
    record Unfinished(Instant since) implements Reservation {}

    /** The key belongs to a different request. */
    record Taken(Instant at) implements Reservation {}

    /** The actor has used too many keys within the last day. */
    record Exhausted() implements Reservation {}
}
