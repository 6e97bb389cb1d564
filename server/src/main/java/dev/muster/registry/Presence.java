package dev.muster.registry;

import java.util.Locale;
import java.util.Optional;

/** Whether an asset can be reached, as far as its session and its heartbeats show. */
public enum Presence {
    /** The last sign of life is younger than the heartbeat TTL, and no session was closed since. */
    ONLINE,
    /** A session is open but the heartbeat TTL has passed. */
    STALE,
    /** It was seen once and has no session; if it never had one, the heartbeat TTL has passed. */
    OFFLINE,
    /** No sign of life since it was registered. */
    NEVER_SEEN;

    public String wire() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Optional<Presence> ofWire(String text) {
        for (Presence state : values()) {
            if (state.wire().equals(text)) {
                return Optional.of(state);
            }
        }
        return Optional.empty();
    }
}
