package dev.muster.twin.configuration;

import org.jspecify.annotations.Nullable;

/**
 * Which rollout changes a configuration, or was the last to.
 *
 * @param rollout its key; null when a person has changed the content since
 * @param isUnderWay whether nobody else may change the configuration now
 * @param before the revision that it said before the rollout
 */
public record Hold(
        @Nullable String rollout,
        boolean isUnderWay,
        @Nullable String before) {
    static final Hold NONE = new Hold(null, false, null);

    /** Of the rollout, for people: a key is the name and a number. */
    public String name() {
        return rollout == null ? "" : rollout.substring(0, Math.max(0, rollout.lastIndexOf('.')));
    }
}
