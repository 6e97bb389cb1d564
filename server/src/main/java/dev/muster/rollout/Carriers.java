package dev.muster.rollout;

import dev.muster.rollout.spec.RolloutSpec;
import dev.muster.rollout.spec.RolloutSpec.Change;
import org.springframework.stereotype.Component;

/** The carrier of each kind of change. */
@Component
class Carriers {
    private final ReleaseCarrier releases;
    private final ConfigurationCarrier configurations;

    Carriers(ReleaseCarrier releases, ConfigurationCarrier configurations) {
        this.releases = releases;
        this.configurations = configurations;
    }

    Carrier of(RolloutSpec spec) {
        return switch (spec.change()) {
            case Change.ReleaseChange _ -> releases;
            case Change.ConfigurationChange _ -> configurations;
        };
    }

    Carrier of(StoredRollout rollout) {
        return of(rollout.spec());
    }
}
