package dev.muster.simulator.enrol;

/** An asset could not get or renew its certificate; {@link #retryable} when the same request may succeed later. */
public final class EnrolmentException extends Exception {
    private static final long serialVersionUID = 1L;

    private final boolean retryable;

    public EnrolmentException(String message, boolean retryable) {
        super(message);
        this.retryable = retryable;
    }

    public EnrolmentException(String message, Throwable cause) {
        super(message, cause);
        this.retryable = true;
    }

    public boolean retryable() {
        return retryable;
    }
}
