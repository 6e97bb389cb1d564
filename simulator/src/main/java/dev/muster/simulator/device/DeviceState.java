package dev.muster.simulator.device;

import dev.muster.protocol.Uplink.CommandResult;
import dev.muster.protocol.Uplink.Rejected;
import dev.muster.protocol.Uplink.Update;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is true of one asset at a moment, whatever the server believes; also what it keeps over restarts of the simulator.
 * docs/simulator.md describes its JSON form.
 *
 * @param since of the power's present state, milliseconds since the epoch
 * @param generation of the desired state in effect; null before the first
 * @param pendingGeneration received, not yet applied
 * @param applied the desired configuration that was applied last
 * @param local what was changed on the asset since, by pointer
 * @param config what is in effect: {@code applied} with {@code local}
 * @param drift where {@code config} differs from {@code applied}, by pointer
 * @param faults hit so far, by component@version
 * @param skewMillis what the asset's clock is ahead by
 * @param settled nothing that takes time is under way
 */
public record DeviceState(
        String id,
        String type,
        String hardware,
        boolean connected,
        Power power,
        long since,
        long boots,
        @Nullable Long generation,
        @Nullable Long pendingGeneration,
        Map<String, Object> applied,
        Map<String, Object> local,
        Map<String, Object> config,
        Map<String, Difference> drift,
        @Nullable Rejected rejected,
        Map<String, String> software,
        Map<String, Update> updates,
        Map<String, FaultKind> faults,
        Map<String, CommandResult.Status> commands,
        long skewMillis,
        Set<Trait> traits,
        boolean settled,
        @Nullable Reported reported) {

    /** What an asset was drawn to be. */
    public enum Trait {
        DRIFTING,
        STUBBORN,
        SKEWED,
        LEAVING,
        LATE
    }

    /** A field of the configuration; null where it is missing. */
    public record Difference(
            @Nullable Object desired, @Nullable Object actual) {}

    /**
     * The last report that was sent.
     *
     * @param at milliseconds since the epoch, by the true time
     * @param drifted the pointers at which its configuration differs from its generation's
     */
    public record Reported(long at, @Nullable Long generation, String bootId, List<String> drifted) {
        public Reported {
            drifted = List.copyOf(drifted);
        }
    }

    public DeviceState {
        traits = Set.copyOf(traits);
    }

    public String bootId() {
        return bootId(boots);
    }

    static String bootId(long boots) {
        return "b-" + boots;
    }
}
