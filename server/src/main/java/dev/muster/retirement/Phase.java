package dev.muster.retirement;

import java.util.Locale;

/** How far a retirement is. */
enum Phase {
    /** The asset has been told to wipe itself. */
    WIPING,
    /** It says that it did; its session has to end. */
    LEAVING,
    /** What it connects with is about to be revoked. */
    CUTTING_OFF,
    /** It is retired; what belongs to it is being withdrawn. */
    SETTLING,
    /** The end. */
    RETIRED,
    /** The end of one whose wipe was not confirmed, where that was asked for: the asset is as it was. */
    KEPT,
    /** Ended before the asset had taken the wipe, by somebody. */
    TAKEN_BACK;

    boolean isEnd() {
        return switch (this) {
            case WIPING, LEAVING, CUTTING_OFF, SETTLING -> false;
            case RETIRED, KEPT, TAKEN_BACK -> true;
        };
    }

    String wire() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Phase ofWire(String text) {
        return valueOf(text.toUpperCase(Locale.ROOT));
    }
}
