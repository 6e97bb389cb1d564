package dev.muster.alert.incident;

import java.util.Locale;
import java.util.Optional;

/** How bad an incident is, from worst to least; a page opens a critical one. */
public enum Severity {
    CRITICAL,
    MAJOR,
    MINOR;

    public String wire() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Severity ofWire(String text) {
        return parse(text).orElseThrow(() -> new IllegalArgumentException("no severity of an incident: " + text));
    }

    static Optional<Severity> parse(String text) {
        for (Severity severity : values()) {
            if (severity.wire().equals(text)) {
                return Optional.of(severity);
            }
        }
        return Optional.empty();
    }
}
