package dev.muster.platform.web;

import java.io.IOException;

/**
 * An answer that was begun and cannot be ended. The connection is closed under it, so that the client does not take what it has
 * for the whole.
 */
public final class BrokenOffException extends IOException {
    private static final long serialVersionUID = 1L;

    public BrokenOffException(Exception cause) {
        super(cause.getMessage(), cause);
    }
}
