package dev.muster.cli;

/** How a command ended, for scripts. */
public enum ExitCode {
    DONE(0),
    FAILED(1),
    USAGE(2),
    REFUSED(3),
    NOT_FOUND(4),
    UNREACHABLE(5),
    /** What was waited for had neither come about nor failed when the time was up. */
    TIMED_OUT(6);

    private final int code;

    ExitCode(int code) {
        this.code = code;
    }

    public int code() {
        return code;
    }

    /** Of an HTTP status: what the caller may do decides, not what went wrong inside. */
    public static ExitCode ofStatus(int status) {
        return switch (status) {
            case 400 -> USAGE;
            case 404, 410 -> NOT_FOUND;
            default -> status >= 400 && status < 500 ? REFUSED : FAILED;
        };
    }
}
