package dev.muster.platform.postgres;

import org.jspecify.annotations.Nullable;

/** The embedded PostgreSQL could not be made, started or stopped. */
public final class PostgresUnavailable extends RuntimeException {
    PostgresUnavailable(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
