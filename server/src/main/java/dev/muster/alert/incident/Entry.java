package dev.muster.alert.incident;

import java.time.Instant;
import java.util.Locale;

/** One line of the timeline of an incident. */
public record Entry(Instant at, Kind kind, String actor, String text) {
    public static final int MAX_TEXT = 2_000;

    public Entry {
        text = text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT - 1) + "…";
    }

    /** What sort of thing happened. */
    public enum Kind {
        EVIDENCE,
        DETECTED,
        NOTIFIED,
        ALERT,
        CAUSE,
        CHANGE,
        ACKNOWLEDGED,
        ASSIGNED,
        NOTE,
        RUNBOOK,
        MITIGATED,
        RESOLVED,
        REOPENED,
        ACTION;

        public String wire() {
            return name().toLowerCase(Locale.ROOT);
        }

        static Kind ofWire(String text) {
            return valueOf(text.toUpperCase(Locale.ROOT));
        }
    }
}
