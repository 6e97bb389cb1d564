package dev.muster.actuator;

import java.util.Locale;
import java.util.Optional;

/** What proves that a change arrived, from the weakest to the strongest. */
public enum EvidenceLevel {
    /** The asset, or what speaks for it, says so. */
    CLAIMED,
    /** It says so, and was heard of again afterwards. */
    SEEN_AGAIN,
    /** After its restart it reports the new version as the one that runs. */
    CONFIRMED,
    /** The same, and it stayed so and healthy for the soak. */
    HEALTHY;

    public String wire() {
        return name().toLowerCase(Locale.ROOT);
    }

    public boolean covers(EvidenceLevel needed) {
        return compareTo(needed) >= 0;
    }

    public static Optional<EvidenceLevel> parse(String wire) {
        for (EvidenceLevel level : values()) {
            if (level.wire().equals(wire)) {
                return Optional.of(level);
            }
        }
        return Optional.empty();
    }
}
