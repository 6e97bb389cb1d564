package dev.muster.agent.identity;

import org.jspecify.annotations.Nullable;

/** The agent could not get or renew its certificate; {@link #refused} when the same request will be answered the same. */
public final class EnrolmentException extends Exception {
    private static final long serialVersionUID = 1L;

    private final boolean refused;

    private EnrolmentException(String message, @Nullable Throwable cause, boolean refused) {
        super(message, cause);
        this.refused = refused;
    }

    public static EnrolmentException refused(String message) {
        return new EnrolmentException(message, null, true);
    }

    static EnrolmentException failed(String message) {
        return new EnrolmentException(message, null, false);
    }

    public static EnrolmentException failed(String message, Throwable cause) {
        return new EnrolmentException(message, cause, false);
    }

    public boolean refused() {
        return refused;
    }
}
