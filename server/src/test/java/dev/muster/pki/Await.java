package dev.muster.pki;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for a condition that another thread brings about. */
final class Await {
    private static final Duration BOUND = Duration.ofSeconds(30);

    private Await() {}

    static void until(String claim, BooleanSupplier condition) {
        Instant end = Instant.now().plus(BOUND);
        while (!condition.getAsBoolean()) {
            if (Instant.now().isAfter(end)) {
                throw new AssertionError("after " + BOUND.toSeconds() + " s it is still not so that " + claim);
            }
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        }
    }
}
