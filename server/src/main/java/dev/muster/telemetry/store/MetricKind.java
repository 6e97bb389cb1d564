package dev.muster.telemetry.store;

import java.util.Locale;

/** What the values of a metric are. A metric keeps the kind with which it was first stored. */
public enum MetricKind {
    NUMBER,
    BOOLEAN,
    TEXT;

    /** @param value a {@link Number}, {@link Boolean} or {@link String}, as the codec hands them over */
    public static MetricKind of(Object value) {
        return switch (value) {
            case Number _ -> NUMBER;
            case Boolean _ -> BOOLEAN;
            case String _ -> TEXT;
            default ->
                throw new IllegalArgumentException("a metric's value is a number, a boolean or a string, not a "
                        + value.getClass().getName());
        };
    }

    public String wire() {
        return name().toLowerCase(Locale.ROOT);
    }
}
