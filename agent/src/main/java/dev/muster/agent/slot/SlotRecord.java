package dev.muster.agent.slot;

import dev.muster.agent.desired.Wanted;
import org.jspecify.annotations.Nullable;

/**
 * What one application's slots hold and what is being done to them; on disk before it is done.
 *
 * @param a what is completely installed in it
 * @param active the slot that runs, or should
 * @param change the last one, under way or ended
 */
public record SlotRecord(
        @Nullable Installed a,
        @Nullable Installed b,
        @Nullable Slot active,
        @Nullable Change change) {

    public record Installed(String version, @Nullable String sha256) {
        boolean is(Wanted wanted) {
            return version.equals(wanted.version())
                    && (wanted.sha256() == null || wanted.sha256().equals(sha256));
        }
    }

    /**
     * @param into the slot that gets it
     * @param previous the version that runs until then
     * @param starts of the agent while the new version was on probation
     * @param reason why it failed
     */
    public record Change(
            Wanted wanted,
            Phase phase,
            Slot into,
            @Nullable String previous,
            int starts,
            @Nullable String reason) {
        Change in(Phase next) {
            return new Change(wanted, next, into, previous, starts, reason);
        }

        Change because(Phase next, String why) {
            return new Change(wanted, next, into, previous, starts, why);
        }
    }

    /** In order. Up to {@link #STOPPING} the old version runs untouched. */
    public enum Phase {
        NOTIFIED,
        DOWNLOADING,
        UNPACKING,
        STOPPING,
        VERIFYING,
        BACKING_OUT,
        GOING_BACK,
        SUCCEEDED,
        FAILED,
        ROLLED_BACK;

        boolean settled() {
            return this == SUCCEEDED || this == FAILED || this == ROLLED_BACK;
        }

        /** The old version is untouched, so that another one may be wanted instead. */
        boolean replaceable() {
            return settled() || this == NOTIFIED || this == DOWNLOADING || this == UNPACKING;
        }
    }

    public static SlotRecord empty() {
        return new SlotRecord(null, null, null, null);
    }

    @Nullable Installed in(Slot slot) {
        return slot == Slot.A ? a : b;
    }

    /** What runs, or should. */
    public @Nullable Installed running() {
        return active == null ? null : in(active);
    }

    SlotRecord with(Slot slot, @Nullable Installed installed) {
        return slot == Slot.A
                ? new SlotRecord(installed, b, active, change)
                : new SlotRecord(a, installed, active, change);
    }

    SlotRecord with(Change next) {
        return new SlotRecord(a, b, active, next);
    }

    SlotRecord activate(@Nullable Slot slot) {
        return new SlotRecord(a, b, slot, change);
    }
}
