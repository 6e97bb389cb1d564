package dev.muster.agent.desired;

import dev.muster.protocol.Uplink;
import org.jspecify.annotations.Nullable;

/**
 * Where the asset stands with what is wanted of it. It is on disk before anything is done about it, so that a killed agent
 * knows what it was at.
 *
 * @param good the last document whose configuration was confirmed; {@link DesiredDocument#none} before there was one
 * @param trial a newer one that is tried
 * @param rejected the newest one that was tried and not kept
 */
public record ConfigState(DesiredDocument good, @Nullable Trial trial, Uplink.@Nullable Rejected rejected) {

    public static ConfigState initial() {
        return new ConfigState(DesiredDocument.none(), null, null);
    }

    /**
     * @param starts how often the agent was started while this was tried: a configuration may kill it
     * @param tries how often it was applied; more than once only where the network was to blame
     * @param reason why it is given up, in the phases after {@link Phase#CONFIRMING}
     */
    public record Trial(
            DesiredDocument document,
            Phase phase,
            int starts,
            int tries,
            @Nullable String reason) {
        Trial in(Phase next) {
            return new Trial(document, next, starts, tries, reason);
        }

        Trial givenUp(Phase next, String why) {
            return new Trial(document, next, starts, tries, why);
        }
    }

    public enum Phase {
        /** Its parts are being put into effect. */
        APPLYING,
        /** In effect; whether the asset stays well is watched. */
        CONFIRMING,
        /** The last good one is being put into effect again. */
        RETURNING,
        /** As RETURNING, and the only fault was that the connection stayed away. */
        RETURNING_UNCONNECTED,
        /** Back at the last good one, and watched whether the connection comes back with it: then the new one was to blame. */
        DOUBTING,
        /** The connection did not come back with the last good one either: tried again as soon as there is one. */
        DEFERRED
    }

    /** The newest generation that something is known about. */
    public long newest() {
        long newest = good.generation();
        newest = trial == null ? newest : Math.max(newest, trial.document().generation());
        return rejected == null ? newest : Math.max(newest, rejected.generation());
    }
}
