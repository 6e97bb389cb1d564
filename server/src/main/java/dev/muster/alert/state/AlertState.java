package dev.muster.alert.state;

import java.util.Locale;

/** Where an alert stands. */
public enum AlertState {
    /** Wrong, for not as long as its rule asks; nobody is told. */
    PENDING,
    FIRING,
    RESOLVED;

    public String wire() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static AlertState ofWire(String text) {
        return valueOf(text.toUpperCase(Locale.ROOT));
    }
}
