package dev.muster.e2e;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Callable;

/** Waits for a condition, with a bound far above what it should take. */
final class Await {
    private Await() {}

    static <T> T until(String what, Duration bound, Callable<Optional<T>> condition) throws Exception {
        Instant end = Instant.now().plus(bound);
        while (true) {
            Optional<T> value = condition.call();
            if (value.isPresent()) {
                return value.get();
            }
            if (Instant.now().isAfter(end)) {
                throw new AssertionError("waited " + bound.toSeconds() + " s in vain: " + what);
            }
            Thread.sleep(50);
        }
    }

    static void that(String what, Duration bound, Callable<Boolean> condition) throws Exception {
        until(what, bound, () -> condition.call() ? Optional.of(true) : Optional.empty());
    }
}
