package dev.muster.twin.configuration;

import java.util.Locale;

/** What happens when an asset in service is found to have another value than the desired one. */
public enum ConflictPolicy {
    /** The desired state is sent again as a new generation. */
    ENFORCE,
    /** It is shown as drift and left alone. */
    REPORT,
    /** The value of the asset becomes the desired one. */
    ACCEPT;

    public String wire() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static ConflictPolicy ofWire(String text) {
        return valueOf(text.toUpperCase(Locale.ROOT));
    }
}
