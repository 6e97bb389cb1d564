package dev.muster.telemetry.store;

/** A metric or type name that the store cannot keep; the message names it and says what is allowed. */
public final class MetricNameException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public MetricNameException(String message) {
        super(message, null, false, false);
    }
}
