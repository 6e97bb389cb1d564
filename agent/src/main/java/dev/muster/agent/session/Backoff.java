package dev.muster.agent.session;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long to wait before the next session: exponential with full jitter, so that a fleet that lost its server together does
 * not come back together. Knows no clock; used by one thread.
 */
public final class Backoff {
    static final Duration BASE = Duration.ofSeconds(1);
    static final Duration CAP = Duration.ofMinutes(5);
    /** A session that held for so long was a good one. */
    static final Duration STABLE = Duration.ofMinutes(1);
    /** Between attempts that the server has refused by name, from one to two of it. */
    static final Duration REFUSED = Duration.ofMinutes(10);
    /** When two agents have the same certificate, they must not fight over it all day. */
    static final Duration TAKEN_OVER = Duration.ofMinutes(1);

    /** However long a server asks to wait. */
    static final Duration LONGEST_ASKED = Duration.ofMinutes(10);

    private final RandomGenerator random;
    private int failures;

    public Backoff(RandomGenerator random) {
        this.random = random;
    }

    /** @param held how long the session stood; zero when it did not come about */
    public Duration after(SessionEnd end, Duration held) {
        if (held.compareTo(STABLE) >= 0) {
            failures = 0;
        }
        return switch (end.kind()) {
            case RENEWED -> Duration.ZERO;
            case LOST -> end.comeBack().isPositive() ? asked(end.comeBack()) : jitter(Duration.ZERO, exponential());
            case EXPIRED -> jitter(Duration.ZERO, exponential());
            case REFUSED -> jitter(REFUSED, REFUSED);
            case TAKEN_OVER -> jitter(TAKEN_OVER, exponential());
        };
    }

    /** The server has spread the times that it gives; seconds are coarse, so there is a part of one more. */
    private Duration asked(Duration comeBack) {
        return jitter(comeBack.compareTo(LONGEST_ASKED) < 0 ? comeBack : LONGEST_ASKED, Duration.ofSeconds(1));
    }

    private Duration exponential() {
        int doublings = Math.min(failures++, 20);
        long millis = Math.min(CAP.toMillis(), BASE.toMillis() << doublings);
        return Duration.ofMillis(millis);
    }

    private Duration jitter(Duration least, Duration range) {
        return least.plusMillis(random.nextLong(range.toMillis() + 1));
    }
}
