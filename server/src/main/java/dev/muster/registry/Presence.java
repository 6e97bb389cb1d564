package dev.muster.registry;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

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

    private static final Map<String, Presence> BY_WIRE =
            Arrays.stream(values()).collect(Collectors.toUnmodifiableMap(Presence::wire, Function.identity()));

    private final String wire = name().toLowerCase(Locale.ROOT);

    public String wire() {
        return wire;
    }

    public static Optional<Presence> ofWire(String text) {
        return Optional.ofNullable(BY_WIRE.get(text));
    }
}
