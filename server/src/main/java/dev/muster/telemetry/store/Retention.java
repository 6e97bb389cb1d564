package dev.muster.telemetry.store;

/**
 * How many days each kind of row is kept; whole days, because a day is a partition and goes as one.
 *
 * @param minuteDays of the sums of metrics by minutes, where that is longer than the metrics themselves; likewise {@code
 *     hourDays}
 */
public record Retention(int telemetryDays, int positionDays, int eventDays, int logDays, int minuteDays, int hourDays) {
    public static final Retention STANDARD = new Retention(30, 30, 90, 14, 90, 730);

    public Retention {
        if (telemetryDays < 1 || positionDays < 1 || eventDays < 1 || logDays < 1 || minuteDays < 1 || hourDays < 1) {
            throw new IllegalArgumentException("retention must be one day or more, found " + telemetryDays + ", "
                    + positionDays + ", " + eventDays + ", " + logDays + ", " + minuteDays + ", " + hourDays);
        }
    }
}
