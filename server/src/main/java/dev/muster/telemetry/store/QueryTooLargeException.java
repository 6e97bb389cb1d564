package dev.muster.telemetry.store;

/** A question that was stopped because it takes more time or memory than one may. */
public final class QueryTooLargeException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** @param message says what was asked too much of, and what to ask instead */
    public QueryTooLargeException(String message) {
        super(message);
    }
}
