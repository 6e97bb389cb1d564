package dev.muster.agent.identity;

import java.time.Duration;
import java.time.Instant;
import java.util.random.RandomGenerator;

/**
 * When the certificate is to be renewed: at two thirds of its life and a little later, so that a fleet enrolled in one hour does
 * not renew in one. After a failure soon again, then ever more seldom. Knows no clock; used by one thread.
 */
public final class Renewal {
    static final Duration FIRST_RETRY = Duration.ofMinutes(1);
    static final Duration LAST_RETRY = Duration.ofHours(6);
    private static final int SPREAD_DIVISOR = 20; // of the life

    private final RandomGenerator random;
    private Instant nextAttempt;
    private int failures;

    public Renewal(Identity identity, RandomGenerator random) {
        this.random = random;
        this.nextAttempt = first(identity);
    }

    public boolean dueAt(Instant now) {
        return !now.isBefore(nextAttempt);
    }

    public Instant nextAttempt() {
        return nextAttempt;
    }

    public void renewed(Identity identity) {
        failures = 0;
        nextAttempt = first(identity);
    }

    public void failed(Instant now) {
        long ceiling = Math.min(LAST_RETRY.toMillis(), FIRST_RETRY.toMillis() << Math.min(failures++, 20));
        nextAttempt = now.plusMillis(ceiling / 2 + random.nextLong(ceiling / 2 + 1));
    }

    private Instant first(Identity identity) {
        long life = Duration.between(identity.certificate().getNotBefore().toInstant(), identity.expiresAt())
                .toMillis();
        return identity.renewAt().plusMillis(random.nextLong(Math.max(1, life / SPREAD_DIVISOR)));
    }
}
