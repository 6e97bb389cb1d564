package dev.muster.platform.id;

import java.time.Clock;
import java.util.UUID;
import java.util.random.RandomGenerator;

/** Gives out UUIDs of version 7 (RFC 9562 §5.7): unguessable enough for names, ordered by the millisecond of birth. */
public final class Ids {
    private final Clock clock;
    private final RandomGenerator random;

    /** @param random a secure one outside of tests */
    public Ids(Clock clock, RandomGenerator random) {
        this.clock = clock;
        this.random = random;
    }

    /** A new id as text, 36 characters. */
    public String next() {
        return nextUuid().toString();
    }

    public UUID nextUuid() {
        long high = (clock.millis() << 16) | 0x7000L | (random.nextLong() & 0x0FFFL);
        long low = 0x8000_0000_0000_0000L | (random.nextLong() & 0x3FFF_FFFF_FFFF_FFFFL);
        return new UUID(high, low);
    }
}
