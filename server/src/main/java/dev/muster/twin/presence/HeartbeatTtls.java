package dev.muster.twin.presence;

import dev.muster.protocol.AssetId;
import java.time.Duration;

/** How long after its last sign of life an asset counts as online. */
@FunctionalInterface
public interface HeartbeatTtls {
    /** By its type. */
    Duration of(AssetId asset);

    /** None is shorter: of a million assets only those that were silent for longer have to be looked up. */
    default Duration least() {
        return Duration.ZERO;
    }
}
