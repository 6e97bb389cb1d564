package dev.muster.registry.selector;

/** A text that is not a selector: it does not parse, does not type-check, or is too large. */
public final class SelectorException extends RuntimeException {
    private static final long serialVersionUID = 1;

    SelectorException(String message) {
        super(message);
    }

    SelectorException(String message, Throwable cause) {
        super(message, cause);
    }
}
