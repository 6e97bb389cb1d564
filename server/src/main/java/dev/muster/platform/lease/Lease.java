package dev.muster.platform.lease;

import java.time.Instant;

/**
 * The right to act on something until a time.
 *
 * @param token fencing token: larger than that of every earlier holder of the same name
 * @param expiresAt by the clock of the database
 */
public record Lease(String name, String holder, long token, Instant expiresAt) {}
