package dev.muster.alert.incident;

import java.util.Locale;

/** Where an incident stands. */
public enum State {
    OPEN,
    /** Somebody says that it is his. */
    ACKNOWLEDGED,
    /** Users feel it no more; it may not be mended. */
    MITIGATED,
    RESOLVED;

    public String wire() {
        return name().toLowerCase(Locale.ROOT);
    }

    static State ofWire(String text) {
        return valueOf(text.toUpperCase(Locale.ROOT));
    }
}
