package dev.muster.command;

import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What decides how a command goes on.
 *
 * @param deadline from when it is pending; null while it is queued
 * @param settledAt by the clock of the server; when a deadline passed it is the deadline, whenever that was noticed
 * @param settledBy null until it is settled
 * @param late whether the asset's definite word came after the deadline, or after the command was taken back
 * @param contradictions definite words of the asset that came after another one
 */
record Progress(
        Status status,
        @Nullable Instant deadline,
        @Nullable Instant settledAt,
        @Nullable Settler settledBy,
        boolean late,
        Set<Status> contradictions) {
    Progress {
        contradictions = Set.copyOf(contradictions);
        if (status.isSettled() != (settledAt != null) || status.isSettled() != (settledBy != null)) {
            throw new IllegalArgumentException("a command is " + status.wire() + ", settled at " + settledAt + " by "
                    + settledBy + ", which cannot be");
        }
        if (deadline == null && status != Status.QUEUED && status != Status.CANCELLED) {
            throw new IllegalArgumentException("a command is " + status.wire() + " and has no deadline");
        }
    }

    static Progress queued() {
        return new Progress(Status.QUEUED, null, null, null, false, Set.of());
    }

    static Progress pending(Instant deadline) {
        return new Progress(Status.PENDING, deadline, null, null, false, Set.of());
    }

    Progress moved(Status to) {
        return new Progress(to, deadline, settledAt, settledBy, late, contradictions);
    }

    Progress settled(Status as, Instant at, Settler by, boolean late) {
        return new Progress(as, deadline, at, by, late, contradictions);
    }

    /** Whether the asset itself has said how it ended. */
    boolean isDefinite() {
        return settledBy == Settler.ASSET && status != Status.INDETERMINATE;
    }
}
