package dev.muster.protocol;

/** A payload that does not say what its topic needs; the message names the field, what was found and what is allowed. */
public final class MalformedPayloadException extends Exception {
    private static final long serialVersionUID = 1L;

    public MalformedPayloadException(String message) {
        super(message, null, false, false);
    }
}
