package dev.muster.twin.availability;

/** What a minute of an asset's day can be marked as; each is a map of the day. */
enum Mark {
    REACHABLE,
    STALE,
    REPORTED
}
