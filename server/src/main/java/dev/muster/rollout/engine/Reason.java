package dev.muster.rollout.engine;

import java.util.Locale;
import java.util.Optional;

/** Why a target stands where it stands. The order of the constants is the number by which they are stored: add at the end only. */
public enum Reason {
    // waiting
    WINDOW,
    /** Another rollout changes the asset. */
    BUSY,
    // excluded
    /** The asset is deleted or retired. */
    GONE,
    NOT_SELECTED,
    /** No artifact of the release is for it, or its policy forbids the release. */
    INCOMPATIBLE,
    ALREADY_THERE,
    NO_ROLLBACK_TARGET,
    /** Its actuator cannot prove what the rollout asks for. */
    EVIDENCE,
    /** The rollout ended before its turn. */
    NOT_STARTED,
    // failed
    /** The asset says that it could not. */
    REPORTED,
    /** The asset went back by itself. */
    WENT_BACK,
    WRONG_VERSION,
    /** Began, and did not get there in time. */
    TIMED_OUT,
    /** Restarted during the soak. */
    RESTARTED,
    UNHEALTHY,
    /** Ran the new version, and was not heard of when the soak was over. */
    SILENT,
    // unreachable
    NOT_HEARD,
    // indeterminate
    /** The order was taken back before the asset answered it. */
    WITHDRAWN,
    // rolling back, rollback failed
    /** A later rollout has changed the same component of the asset since. */
    SUPERSEDED,
    /** An operator asked for another try. */
    RETRY,
    // waiting, excluded
    /** The asset is out of service for planned work. */
    MAINTENANCE,
    /** Its type says that it must not be changed now. */
    UNSAFE,
    // excluded
    /** A label of the asset holds it on another version. */
    PINNED,
    /** Its stratum does not go on: too many of it have failed, or a person has said so. */
    HALTED,
    // excluded, indeterminate
    /** A person has taken it out. */
    OPERATOR,
    // excluded
    /** The release is withheld from assets of its kind, since a gate has halted them. */
    WITHHELD,
    // waiting, excluded
    /** Somebody looks after it because something is wrong with it. */
    INCIDENT,
    /** It has not told of enough free space for the artifact. */
    NO_SPACE,
    // failed
    /** Was not heard of any more since it restarted into the new version. */
    NO_HEARTBEAT,
    // waiting
    /** Did not come to run the new version, and is ordered once more later. */
    BACKOFF,
    /** Its place has as many under way as it bears. */
    CROWDED,
    // excluded
    /** The deadline has passed before its turn. */
    DEADLINE,
    // waiting
    /** Another rollout wants the asset, too, and goes first. */
    YIELDING;

    private static final Reason[] BY_CODE = values();

    public int code() {
        return ordinal();
    }

    public static Reason ofCode(int code) {
        return BY_CODE[code];
    }

    public static Optional<Reason> parse(String wire) {
        for (Reason reason : BY_CODE) {
            if (reason.wire().equals(wire)) {
                return Optional.of(reason);
            }
        }
        return Optional.empty();
    }

    public String wire() {
        return name().toLowerCase(Locale.ROOT);
    }
}
