package dev.muster.gateway.testing;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Waits until something is so, with a bound. */
public final class Await {
    private static final Duration BOUND = Duration.ofSeconds(20);

    private Await() {}

    public static void until(String what, BooleanSupplier isSo) {
        until(what, BOUND, isSo);
    }

    public static void until(String what, Duration bound, BooleanSupplier isSo) {
        long end = System.nanoTime() + bound.toNanos();
        while (!isSo.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("not within " + bound + ": " + what);
            }
            try {
                Thread.sleep(5);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError("interrupted while waiting: " + what, e);
            }
        }
    }
}
