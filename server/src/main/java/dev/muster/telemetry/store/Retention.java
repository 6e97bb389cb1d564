package dev.muster.telemetry.store;

/** How many days each kind of row is kept; whole days, because a day is a partition and goes as one. */
public record Retention(int telemetryDays, int positionDays, int eventDays, int logDays) {
    public static final Retention STANDARD = new Retention(30, 30, 90, 14);

    public Retention {
        if (telemetryDays < 1 || positionDays < 1 || eventDays < 1 || logDays < 1) {
            throw new IllegalArgumentException("retention must be one day or more, found " + telemetryDays + ", "
                    + positionDays + ", " + eventDays + ", " + logDays);
        }
    }
}
