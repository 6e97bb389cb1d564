package dev.muster.twin.reconcile;

import dev.muster.twin.reconcile.Situation.Fault;
import java.time.Instant;
import java.util.List;

/** What is to be done about one asset. */
sealed interface Decision {
    /** Nothing, until something is heard of the asset. */
    record Idle() implements Decision {}

    /** Nothing, until the asset connects: what is known of it is stale. */
    record Park() implements Decision {}

    /** Nothing before a time. */
    record Wait(Instant until) implements Decision {}

    /** The drift is only to be recorded. */
    record Note(List<Fault> faults) implements Decision {}

    /** Its session is told again that something waits. */
    record Resend(int attempt, Instant next) implements Decision {}

    /** The same content again, as a new generation. */
    record Reapply(List<Fault> faults, int attempt, Instant next) implements Decision {}

    /** The values of the asset become its desired ones. */
    record Accept(List<Fault> faults) implements Decision {}

    /** Enough was tried. */
    record Stall(String reason) implements Decision {}
}
