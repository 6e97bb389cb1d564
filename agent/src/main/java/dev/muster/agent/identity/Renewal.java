package dev.muster.agent.identity;

import java.time.Duration;
import java.time.Instant;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * When the certificate is to be renewed: at two thirds of its life and a little later, so that a fleet enrolled in one hour does
 * not renew in one. After a failure soon again, then ever more seldom. One that has expired cannot be renewed: from then on the
 * asset has to enrol again. Knows no clock; used by one thread.
 */
public final class Renewal {
    static final Duration FIRST_RETRY = Duration.ofMinutes(1);
    static final Duration LAST_RETRY = Duration.ofHours(6);
    /** After the end of the certificate, when nothing reaches the server any more. */
    static final Duration LAST_RETRY_EXPIRED = Duration.ofMinutes(15);

    /** A short life is not slept away: this many attempts fit into what is left of it. */
    private static final int ATTEMPTS_WITHIN_LIFE = 8;

    private static final Duration LEAST_RETRY = Duration.ofSeconds(2);
    private static final int SPREAD_DIVISOR = 20; // of the life

    private final RandomGenerator random;
    private Instant expiresAt;
    private Duration spread;
    private Instant nextAttempt;
    private @Nullable Instant failedAt;
    private boolean expired;
    private int failures;

    /** What is to be done at a moment. */
    public enum Due {
        NOTHING,
        RENEW,
        ENROL_AGAIN
    }

    public Renewal(Identity identity, RandomGenerator random) {
        this.random = random;
        this.expiresAt = identity.expiresAt();
        this.spread = spread(identity);
        this.nextAttempt = first(identity);
    }

    public Due dueAt(Instant now) {
        boolean clockWentBack = failedAt != null && now.isBefore(failedAt);
        if (now.isBefore(nextAttempt) && !clockWentBack) {
            return Due.NOTHING;
        }
        return now.isAfter(expiresAt) ? Due.ENROL_AGAIN : Due.RENEW;
    }

    public Instant nextAttempt() {
        return nextAttempt;
    }

    public void renewed(Identity identity) {
        failures = 0;
        failedAt = null;
        expired = false;
        expiresAt = identity.expiresAt();
        spread = spread(identity);
        nextAttempt = first(identity);
    }

    public void failed(Instant now) {
        if (now.isAfter(expiresAt) != expired) {
            expired = !expired;
            failures = 0;
        }
        Duration last = expired ? LAST_RETRY_EXPIRED : LAST_RETRY;
        long ceiling = Math.min(last.toMillis(), FIRST_RETRY.toMillis() << Math.min(failures++, 20));
        if (!expired) {
            long left = Duration.between(now, expiresAt).toMillis();
            ceiling = Math.min(ceiling, Math.max(LEAST_RETRY.toMillis(), left / ATTEMPTS_WITHIN_LIFE));
        }
        failedAt = now;
        nextAttempt = now.plusMillis(ceiling / 2 + random.nextLong(ceiling / 2 + 1));
        if (!expired && nextAttempt.isAfter(expiresAt)) {
            nextAttempt = expiresAt.plusMillis(1 + random.nextLong(Math.max(1, spread.toMillis())));
        }
    }

    private Instant first(Identity identity) {
        return identity.renewAt().plusMillis(random.nextLong(Math.max(1, spread.toMillis())));
    }

    private static Duration spread(Identity identity) {
        return Duration.between(identity.certificate().getNotBefore().toInstant(), identity.expiresAt())
                .dividedBy(SPREAD_DIVISOR);
    }
}
