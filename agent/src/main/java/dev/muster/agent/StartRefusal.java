package dev.muster.agent;

/** The agent cannot start; the message is for the person who started it. */
final class StartRefusal extends Exception {
    private static final long serialVersionUID = 1L;

    static final int FAILED = 1;
    static final int USAGE = 2;
    /** The server answered, and said no. */
    static final int REFUSED = 3;

    private final int exitCode;

    StartRefusal(int exitCode, String message) {
        super(message, null, false, false);
        this.exitCode = exitCode;
    }

    int exitCode() {
        return exitCode;
    }
}
