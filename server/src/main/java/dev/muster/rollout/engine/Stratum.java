package dev.muster.rollout.engine;

import java.util.List;
import java.util.Locale;

/**
 * Targets that have the same values in the attributes by which failures are told apart, such as one revision of the hardware.
 *
 * @param values in the order of the attributes
 * @param why it does not go on; empty when it does
 * @param acceptedFailures how many failed targets of it a person has accepted; only more than these can halt it
 */
public record Stratum(List<String> values, State state, String why, int acceptedFailures) {
    /** More than these are no mixture but a list. */
    public static final int MAX = 100;

    public Stratum {
        values = List.copyOf(values);
    }

    /** What has become of it, while the rest of the rollout goes on. */
    public enum State {
        GOING,
        /** Gets no order any more; what has changed stays changed. */
        STOPPED,
        /** The same, and every touched target of it returns to its own previous version. */
        RECALLED;

        public String wire() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public static Stratum going(List<String> values) {
        return new Stratum(values, State.GOING, "", 0);
    }

    public boolean isHalted() {
        return state != State.GOING;
    }

    Stratum halted(State next, String reason) {
        return new Stratum(values, next, reason, acceptedFailures);
    }

    Stratum accepted(int failures) {
        return new Stratum(values, state, why, failures);
    }

    /** For people. */
    public String text() {
        return String.join(
                "/",
                values.stream().map(value -> value.isEmpty() ? "none" : value).toList());
    }
}
