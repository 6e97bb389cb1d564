package dev.muster.simulator;

import dev.muster.simulator.device.Behaviour;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * How the assets of a fleet behave, and where it is written down.
 *
 * @param truth gets the states of all assets every few seconds and at the end
 */
public record DeviceOptions(
        Behaviour behaviour, HardwareMix hardware, @Nullable Path truth) {

    /** All do what they are told, and nobody writes it down. */
    public static DeviceOptions honest() {
        return new DeviceOptions(Behaviour.honest(), HardwareMix.ONE, null);
    }

    public DeviceOptions withBehaviour(Behaviour changed) {
        return new DeviceOptions(changed, hardware, truth);
    }

    public DeviceOptions withTruth(Path file) {
        return new DeviceOptions(behaviour, hardware, file);
    }
}
