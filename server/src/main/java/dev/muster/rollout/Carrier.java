package dev.muster.rollout;

import dev.muster.actuator.Actuator;
import dev.muster.actuator.Change;
import dev.muster.actuator.Standing;
import dev.muster.identity.Actor;
import dev.muster.platform.error.Refusal;
import dev.muster.registry.Asset;
import dev.muster.rollout.engine.Clearance;
import dev.muster.rollout.engine.Phase;
import dev.muster.rollout.engine.Stratum;
import dev.muster.rollout.spec.RolloutSpec;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What differs between a rollout of a release and one of a configuration; the engine knows nothing of it. */
interface Carrier {
    Actuator actuator();

    /** @throws Refusal when there is nothing of the kind to bring, or it cannot be given to assets */
    Judge judge(String rollout, RolloutSpec spec, Instant now);

    /** Where assets get the versions to which they go back; without a source they have it still. */
    Map<Asset, Change.Source> sources(String component, Map<Asset, String> versions, Instant now);

    /** Whether an asset that the selector selects is one that the change is about. @param standing null when nothing is known */
    boolean concerns(@Nullable Standing standing);

    /** Which of some assets have to wait at this moment, by themselves. */
    Waiting waiting(Collection<Asset> assets, Instant now);

    /** Of the assets that it was asked for. */
    @FunctionalInterface
    interface Waiting {
        /** Why one has to wait; empty when it need not. @param bytes of the artifact that it would get */
        Optional<Clearance.Wait> of(Asset asset, long bytes);
    }

    /**
     * The rollout goes from one phase to another, in the transaction that stores it.
     *
     * @throws Refusal when it may not
     */
    void moved(StoredRollout rollout, Phase before, Phase after, Actor actor);

    /** A stratum of the rollout gets no order any more, while others do; in the transaction that stores it. */
    default void halted(StoredRollout rollout, Stratum stratum, Actor actor, Instant now) {}

    /** What does not change from one moment to the next: type, hardware, what the asset runs, what it can prove. */
    @FunctionalInterface
    interface Judge {
        /** @param standing null when nothing is known of what the asset runs */
        Cleared judge(Asset asset, @Nullable Standing standing);
    }
}
