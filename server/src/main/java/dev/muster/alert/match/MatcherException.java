package dev.muster.alert.match;

/** A text is no matcher; the message says why. */
public final class MatcherException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    MatcherException(String message) {
        super(message, null, false, false);
    }
}
