package dev.muster.command;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** How far a command is. */
public enum Status {
    /** Waits until its run has room. */
    QUEUED,
    /** Goes to the asset in each of its sessions. */
    PENDING,
    /** The asset has taken it and will do it. */
    ACCEPTED,
    /** The asset is doing it. */
    RUNNING,
    SUCCEEDED,
    FAILED,
    /** The asset will not do it. */
    REJECTED,
    /** Not taken before the deadline. */
    EXPIRED,
    /** Taken, and nobody knows how it ended. */
    INDETERMINATE,
    /** Taken back before the asset had taken it. */
    CANCELLED;

    /** Whether nothing is waited for any more. */
    public boolean isSettled() {
        return switch (this) {
            case QUEUED, PENDING, ACCEPTED, RUNNING -> false;
            case SUCCEEDED, FAILED, REJECTED, EXPIRED, INDETERMINATE, CANCELLED -> true;
        };
    }

    /** Whether it takes one of the places of its run. */
    public boolean isUnderWay() {
        return this != QUEUED && !isSettled();
    }

    public String wire() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Optional<Status> ofWire(String text) {
        return Arrays.stream(values())
                .filter(status -> status.wire().equals(text))
                .findFirst();
    }

    /** All of them, for messages. */
    static String known() {
        return Arrays.stream(values()).map(Status::wire).collect(Collectors.joining(", "));
    }
}
