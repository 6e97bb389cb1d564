package dev.muster.command;

import java.util.Locale;

/** On whose word a command is settled. */
public enum Settler {
    ASSET,
    /** Its time has passed. */
    DEADLINE,
    /** Somebody cancelled it. */
    PERSON,
    /** Its run was stopped. */
    RUN,
    /** Its asset left the fleet. */
    LIFECYCLE;

    public String wire() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Settler ofWire(String text) {
        return valueOf(text.toUpperCase(Locale.ROOT));
    }
}
