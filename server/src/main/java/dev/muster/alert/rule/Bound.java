package dev.muster.alert.rule;

import dev.muster.registry.document.FieldReader;
import org.jspecify.annotations.Nullable;

/**
 * A threshold with its hysteresis.
 *
 * @param above wrong above, null when wrong is below
 * @param clear what an alert that fires has to come back to; the threshold itself when it is not given
 */
record Bound(@Nullable Double above, @Nullable Double below, double clear) {
    static Bound read(FieldReader reader) {
        Double above = reader.decimal("above");
        Double below = reader.decimal("below");
        if ((above == null) == (below == null)) {
            reader.problem("", "must have either above or below");
            return new Bound(0.0, null, 0);
        }
        Double clear = reader.decimal("clear");
        double threshold = above != null ? above : java.util.Objects.requireNonNull(below);
        if (clear != null && (above != null ? clear > threshold : clear < threshold)) {
            reader.problem(
                    "clear",
                    "must be " + (above != null ? "at most " : "at least ") + threshold
                            + ", or the alert would never be over; found " + clear);
        }
        return new Bound(above, below, clear == null ? threshold : clear);
    }

    boolean isWrong(double value, boolean firing) {
        return above != null
                ? value > (firing ? clear : above)
                : value < (firing ? clear : java.util.Objects.requireNonNull(below));
    }

    double threshold() {
        return above != null ? above : java.util.Objects.requireNonNull(below);
    }

    String word() {
        return above != null ? "above" : "below";
    }

    String text(String of) {
        return of + (above != null ? " > " : " < ") + number(threshold());
    }

    static String number(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e15
                ? Long.toString((long) value)
                : String.valueOf(Math.round(value * 1e6) / 1e6);
    }
}
