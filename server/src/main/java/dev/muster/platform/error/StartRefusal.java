package dev.muster.platform.error;

/** Why the server does not start, worded for whoever started it; no bug, so no stack is shown. */
public final class StartRefusal extends RuntimeException {
    public StartRefusal(String message) {
        super(message);
    }

    public StartRefusal(String message, Throwable cause) {
        super(message, cause);
    }
}
