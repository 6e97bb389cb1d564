package dev.muster.console.timeline;

import dev.muster.identity.Kind;
import java.util.Locale;
import java.util.Optional;

/** What happens to an asset, by kind, in the order in which it is shown. */
enum Lane {
    PRESENCE(Kind.ASSET),
    /** Another boot id than the one before. */
    RESTARTS(Kind.ASSET),
    COMMANDS(Kind.COMMAND),
    ROLLOUTS(Kind.ROLLOUT),
    /** What is desired of it, and where it is not so. */
    CONFIGURATION(Kind.ASSET),
    ALERTS(Kind.ALERT),
    INCIDENTS(Kind.INCIDENT),
    CERTIFICATES(Kind.CERTIFICATE),
    /** What it says of itself. */
    EVENTS(Kind.TELEMETRY),
    FILES(Kind.FILE),
    /** Changes of what the registry knows of it. */
    RECORD(Kind.EVENT);

    private final Kind kind;

    Lane(Kind kind) {
        this.kind = kind;
    }

    /** What its reader needs to be allowed to read. */
    Kind kind() {
        return kind;
    }

    String wire() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Optional<Lane> parse(String wire) {
        for (Lane lane : values()) {
            if (lane.wire().equals(wire)) {
                return Optional.of(lane);
            }
        }
        return Optional.empty();
    }
}
