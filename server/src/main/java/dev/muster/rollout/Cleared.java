package dev.muster.rollout;

import dev.muster.actuator.Change;
import dev.muster.rollout.engine.Clearance;
import org.jspecify.annotations.Nullable;

/**
 * Whether a target may be ordered, and with what.
 *
 * @param source of the artifact that is for this asset, null when the asset has it already or may not be ordered
 * @param place where it is, null when places are not limited
 */
record Cleared(
        Clearance clearance,
        Change.@Nullable Source source,
        @Nullable String place) {
    Cleared(Clearance clearance, Change.@Nullable Source source) {
        this(clearance, source, null);
    }

    /** Of the artifact; 0 when there is nothing to fetch. */
    long bytes() {
        return source == null ? 0 : source.size();
    }

    static Cleared out(dev.muster.rollout.engine.Reason reason, String detail) {
        return new Cleared(new Clearance.Out(reason, detail), null);
    }

    Cleared at(@Nullable String where) {
        return new Cleared(clearance, source, where);
    }
}
