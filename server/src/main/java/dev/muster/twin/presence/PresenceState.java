package dev.muster.twin.presence;

import dev.muster.registry.Presence;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How one asset stands.
 *
 * @param since when {@code presence} began
 * @param reason why: {@code session_opened}, {@code sign_of_life}, {@code silent}, {@code server_restart}, or the reason for
 *     which the session closed
 * @param lastSeen receive time of the last sign of life
 * @param session the open one; null when there is none, also of an asset that is online without one
 * @param reconnectUntil after a restart of the server: until when an asset that was connected may come back unnoticed
 */
record PresenceState(
        Presence presence,
        Instant since,
        String reason,
        Instant lastSeen,
        @Nullable String session,
        @Nullable Instant reconnectUntil) {

    PresenceState seen(Instant at) {
        return at.isAfter(lastSeen) ? new PresenceState(presence, since, reason, at, session, reconnectUntil) : this;
    }
}
