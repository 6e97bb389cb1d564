package dev.muster.slo.engine;

import java.time.Duration;
import java.util.Optional;

/**
 * An error budget over its period.
 *
 * @param allowed bad that the target allows of all that was counted
 * @param remaining share that is left: 1 all, 0 none, below it more was spent than there was
 */
public record ErrorBudget(double target, double total, double bad, double allowed, double remaining) {
    /** Empty when nothing was counted: no data is not a full budget. */
    public static Optional<ErrorBudget> of(double target, Counted period) {
        if (period.total() <= 0) {
            return Optional.empty();
        }
        double allowed = (1 - target) * period.total();
        return Optional.of(new ErrorBudget(target, period.total(), period.bad(), allowed, 1 - period.bad() / allowed));
    }

    /** How fast it is spent: 1 spends it exactly within its period. */
    public static double burnRate(double target, Counted window) {
        return window.total() <= 0 ? 0 : window.bad() / window.total() / (1 - target);
    }

    /** Until nothing is left, when it goes on burning like that; empty when it does not burn. */
    public Optional<Duration> exhaustion(double burnRate, Duration period) {
        if (remaining <= 0) {
            return Optional.of(Duration.ZERO);
        }
        double millis = remaining * period.toMillis() / burnRate;
        return burnRate <= 0 || millis > Duration.ofDays(3650).toMillis()
                ? Optional.empty()
                : Optional.of(Duration.ofMillis((long) millis));
    }
}
