package dev.muster.rollout;

import dev.muster.registry.Asset;
import dev.muster.registry.Lifecycle;
import dev.muster.registry.selector.Selectors;
import dev.muster.registry.type.AssetType;
import dev.muster.registry.type.AssetTypes;
import dev.muster.rollout.engine.Clearance;
import dev.muster.rollout.engine.Reason;
import java.time.Instant;
import java.util.Optional;
import org.springframework.stereotype.Component;

/**
 * Whether an asset may be updated at a moment, by what its type says ({@code updatePolicy.requires}); where that says nothing, whenever
 * it is not in maintenance.
 */
@Component
class SafeNow {
    private final AssetTypes types;
    private final Selectors selectors;

    SafeNow(AssetTypes types, Selectors selectors) {
        this.types = types;
        this.selectors = selectors;
    }

    /** Empty when it may. */
    Optional<Clearance.Wait> waits(Asset asset, Instant now) {
        String requires = types.find(asset.type())
                .map(AssetType::updatePolicy)
                .map(AssetType.UpdatePolicy::requires)
                .orElse("");
        boolean inMaintenance = asset.lifecycle() == Lifecycle.MAINTENANCE;
        if (requires.isEmpty() ? !inMaintenance : selectors.compile(requires).matches(asset, now)) {
            return Optional.empty();
        }
        return Optional.of(
                inMaintenance
                        ? new Clearance.Wait(Reason.MAINTENANCE, null, "is in maintenance")
                        : new Clearance.Wait(
                                Reason.UNSAFE,
                                null,
                                "its type " + asset.type() + " allows an update when " + requires));
    }
}
