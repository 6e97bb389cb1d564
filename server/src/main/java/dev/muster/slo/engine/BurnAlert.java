package dev.muster.slo.engine;

import java.time.Duration;
import java.util.List;

/**
 * Fires while a budget burns faster than a factor over a long and a short window.
 *
 * @param severity {@code page} or {@code ticket}
 * @param factor multiple of the rate that spends the budget exactly within its period; fractional
 */
public record BurnAlert(String name, String severity, Duration longWindow, Duration shortWindow, double factor) {
    public static final String FAST_BURN = "fast-burn";
    /** Twice the expected rate over half an hour: pauses rollouts and pages. */
    public static final BurnAlert FAST =
            new BurnAlert(FAST_BURN, "page", Duration.ofMinutes(30), Duration.ofMinutes(30), 2);

    /** The four of the SRE workbook: 2% of the budget in an hour, 5% in six, 10% in a day, 10% in three. */
    public static List<BurnAlert> standard(Duration period) {
        return List.of(
                share("page-quick", "page", 0.02, Duration.ofHours(1), Duration.ofMinutes(5), period),
                share("page-slow", "page", 0.05, Duration.ofHours(6), Duration.ofMinutes(30), period),
                share("ticket-quick", "ticket", 0.10, Duration.ofDays(1), Duration.ofHours(2), period),
                share("ticket-slow", "ticket", 0.10, Duration.ofDays(3), Duration.ofHours(6), period));
    }

    private static BurnAlert share(
            String name, String severity, double share, Duration longWindow, Duration shortWindow, Duration period) {
        return new BurnAlert(
                name, severity, longWindow, shortWindow, share * period.toMillis() / longWindow.toMillis());
    }

    /** The share of bad from which on it fires. */
    public double threshold(double target) {
        return factor * (1 - target);
    }

    /** Not when even nothing but bad is too little. */
    public boolean canFire(double target) {
        return threshold(target) < 1;
    }
}
