package dev.muster.identity;

import java.time.Duration;

/** What became of a presented token. */
public sealed interface Authentication {
    record Accepted(Actor actor) implements Authentication {}

    /** @param reason for the caller: says nothing that a guesser could use */
    record Rejected(String reason) implements Authentication {}

    /** Too many failures from this address. @param retryAfter when the next attempt is looked at */
    record Limited(Duration retryAfter) implements Authentication {}
}
