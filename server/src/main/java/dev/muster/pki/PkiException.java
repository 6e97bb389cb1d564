package dev.muster.pki;

/** The CA cannot be opened or created; stops the start. The message says which file, why, and what to try. */
public final class PkiException extends RuntimeException {
    PkiException(String message) {
        super(message);
    }

    PkiException(String message, Throwable cause) {
        super(message, cause);
    }
}
