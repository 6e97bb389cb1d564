package dev.muster.slo.engine;

import java.util.Locale;
import java.util.Optional;

/** Judges whether an alert on a burning budget fires. */
public final class BurnEngine {
    private BurnEngine() {}

    /** What is known of it now. */
    public enum State {
        FIRING,
        CALM,
        /** Nothing was counted; what was before stays. */
        UNKNOWN
    }

    /** @param burn over the long window */
    public record Verdict(State state, double burn, double shortBurn, String why) {}

    /**
     * @param minEvents below so many in the long window a share says nothing, and a number of bad decides
     * @param minBad how many bad fire then
     */
    public static Verdict judge(
            BurnAlert alert,
            double target,
            double minEvents,
            double minBad,
            Optional<Counted> longWindow,
            Optional<Counted> shortWindow) {
        if (longWindow.isEmpty() || longWindow.get().total() <= 0) {
            return new Verdict(State.UNKNOWN, 0, 0, "nothing was counted over " + text(alert.longWindow()));
        }
        Counted all = longWindow.get();
        Counted recent = shortWindow.orElse(new Counted(0, 0));
        double burn = ErrorBudget.burnRate(target, all);
        double shortBurn = ErrorBudget.burnRate(target, recent);
        if (all.total() < minEvents) {
            boolean fires = all.bad() >= minBad && recent.bad() > 0;
            return new Verdict(
                    fires ? State.FIRING : State.CALM,
                    burn,
                    shortBurn,
                    "%s bad of only %s over %s, %s bad are allowed below %s"
                            .formatted(
                                    number(all.bad()),
                                    number(all.total()),
                                    text(alert.longWindow()),
                                    number(minBad),
                                    number(minEvents)));
        }
        boolean fires = burn > alert.factor() && shortBurn > alert.factor();
        return new Verdict(
                fires ? State.FIRING : State.CALM,
                burn,
                shortBurn,
                "burns at %s times the allowed rate over %s and %s over %s, %s is allowed"
                        .formatted(
                                number(burn),
                                text(alert.longWindow()),
                                number(shortBurn),
                                text(alert.shortWindow()),
                                number(alert.factor())));
    }

    private static String text(java.time.Duration duration) {
        long minutes = duration.toMinutes();
        return minutes % 1440 == 0 ? minutes / 1440 + "d" : minutes % 60 == 0 ? minutes / 60 + "h" : minutes + "m";
    }

    private static String number(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e9
                ? Long.toString((long) value)
                : String.format(Locale.ROOT, "%.2f", value);
    }
}
