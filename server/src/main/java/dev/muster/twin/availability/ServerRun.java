package dev.muster.twin.availability;

/**
 * A run of the server.
 *
 * @param firstOffset of the journal when it started, before its device plane
 * @param started milliseconds since the epoch
 */
record ServerRun(long firstOffset, long started) {}
