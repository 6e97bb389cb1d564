package dev.muster.platform.error;

import java.util.List;

/** A request that cannot be done as asked; told to the caller as problem+json, never logged as a failure. */
public final class Refusal extends RuntimeException {
    private final ErrorCode code;
    private final transient List<FieldProblem> errors;

    public Refusal(ErrorCode code, String message) {
        this(code, message, List.of());
    }

    public Refusal(ErrorCode code, String message, List<FieldProblem> errors) {
        // An answer, not a bug: nobody reads its stack.
        super(message, null, false, false);
        this.code = code;
        this.errors = List.copyOf(errors);
    }

    public ErrorCode code() {
        return code;
    }

    /** Empty unless several things are wrong at once. */
    public List<FieldProblem> errors() {
        return errors;
    }

    /** The message, which a refusal always has. */
    public String detail() {
        return String.valueOf(getMessage());
    }
}
