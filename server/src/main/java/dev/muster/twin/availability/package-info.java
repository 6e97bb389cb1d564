/**
 * In which minutes each asset could be reached, and in which it ran: exact per UTC day, also over restarts, replays and
 * late reports.
 *
 * <p>By receive time a minute is <em>reachable</em> when the asset was online in some part of it (a sign of life no older than
 * its type's heartbeat TTL, and no session closed since), else <em>stale</em> when a session was open and silent for longer, else
 * <em>unknown</em> when this server did not watch all of it, else <em>unreachable</em>. By event time a minute is
 * <em>reported</em> when a report bears a time in it; it is running when it is reported, or lies between two reported
 * minutes no further apart than the TTL.
 *
 * <p>Days are maps of 1,440 bits that only ever gain bits, so the same entry again changes nothing. A checkpoint stores the
 * bits gained, how the assets stand and the place in the journal in one transaction, and only then the journal may forget.
 *
 * <p>Tables {@code availability_day}, {@code availability_line},
 * {@code availability_watch}, {@code availability_session}, {@code availability_run} and
 * {@code availability_checkpoint}.
 */
@NullMarked
package dev.muster.twin.availability;

import org.jspecify.annotations.NullMarked;
