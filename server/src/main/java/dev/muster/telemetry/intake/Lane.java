package dev.muster.telemetry.intake;

/** Which rows of a message are meant: those that came in time, or those that are late or ahead, see {@link Lateness}. */
public enum Lane {
    ON_TIME,
    LATE
}
