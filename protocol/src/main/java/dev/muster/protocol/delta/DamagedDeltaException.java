package dev.muster.protocol.delta;

/** A delta that is none, is not for this base, or does not give what it should: the whole file is to be fetched instead. */
public final class DamagedDeltaException extends Exception {
    private static final long serialVersionUID = 1L;

    DamagedDeltaException(String message) {
        super(message);
    }

    DamagedDeltaException(String message, Throwable cause) {
        super(message, cause);
    }
}
