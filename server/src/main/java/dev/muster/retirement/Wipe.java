package dev.muster.retirement;

import java.util.Locale;

/** What is known of the wipe of a retirement. */
enum Wipe {
    NOT_ASKED,
    /** The asset never had a credential. */
    NOT_NEEDED,
    PENDING,
    /** The asset has said so, and its session ended. */
    CONFIRMED,
    UNCONFIRMED;

    String wire() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Wipe ofWire(String text) {
        return valueOf(text.toUpperCase(Locale.ROOT));
    }
}
