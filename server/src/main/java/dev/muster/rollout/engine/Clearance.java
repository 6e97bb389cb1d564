package dev.muster.rollout.engine;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Whether a target may be given an order now, as far as others than the rollout can tell. */
public sealed interface Clearance {
    /**
     * It may.
     *
     * @param runs the version that the asset runs by its last report, null when none is known
     * @param boot the run of the asset that is under way
     */
    record Clear(@Nullable String runs, @Nullable String boot) implements Clearance {}

    /** Not now. @param until when to ask again at the latest; null when that is not known */
    record Wait(Reason reason, @Nullable Instant until, String detail) implements Clearance {}

    /** Never. */
    record Out(Reason reason, String detail) implements Clearance {}
}
