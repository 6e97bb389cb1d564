package dev.muster.protocol.provenance;

/** A document is not what it should be; the message says what was found and what is allowed. */
public final class ProvenanceException extends Exception {
    private static final long serialVersionUID = 1L;

    public ProvenanceException(String message) {
        super(message, null, false, false);
    }

    /** The message, which there always is. */
    public String detail() {
        return String.valueOf(getMessage());
    }
}
