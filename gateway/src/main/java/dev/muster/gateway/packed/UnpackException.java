package dev.muster.gateway.packed;

/** A packed payload that is not unpacked; the message says why. */
public final class UnpackException extends Exception {
    private static final long serialVersionUID = 1L;

    private final String problem;
    private final boolean tooLarge;

    private UnpackException(String message, boolean tooLarge) {
        super(message, null, false, false);
        this.problem = message;
        this.tooLarge = tooLarge;
    }

    @Override
    public String getMessage() {
        return problem;
    }

    static UnpackException tooLarge(int most) {
        return new UnpackException("unpacked, the payload has more than " + most + " bytes", true);
    }

    static UnpackException malformed(String message) {
        return new UnpackException(message, false);
    }

    /** Else it is not what it claims to be. */
    public boolean isTooLarge() {
        return tooLarge;
    }
}
