package dev.muster.retirement;

import java.util.Locale;

/** What becomes of an asset whose wipe is not confirmed. */
enum IfUnconfirmed {
    /** It is retired, and it is said that its wipe is unconfirmed. */
    RETIRE,
    /** It stays as it was. */
    KEEP;

    String wire() {
        return name().toLowerCase(Locale.ROOT);
    }

    static IfUnconfirmed ofWire(String text) {
        return valueOf(text.toUpperCase(Locale.ROOT));
    }
}
