package dev.muster.rollout;

import dev.muster.actuator.Actuator;
import dev.muster.actuator.Change;
import dev.muster.actuator.ConfigurationActuator;
import dev.muster.actuator.Standing;
import dev.muster.identity.Actor;
import dev.muster.identity.Kind;
import dev.muster.identity.Permissions;
import dev.muster.identity.Verb;
import dev.muster.registry.Asset;
import dev.muster.registry.Lifecycle;
import dev.muster.rollout.engine.Clearance;
import dev.muster.rollout.engine.Phase;
import dev.muster.rollout.engine.Phase.Outcome;
import dev.muster.rollout.engine.Reason;
import dev.muster.rollout.engine.Stage;
import dev.muster.rollout.engine.Target;
import dev.muster.rollout.spec.RolloutSpec;
import dev.muster.rollout.spec.RolloutSpec.Change.ConfigurationChange;
import dev.muster.twin.configuration.ConfigurationRevisions;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Brings a content of a configuration: who it is for, and what becomes of the configuration itself. */
@Component
class ConfigurationCarrier implements Carrier {
    private static final int CHUNK = 5_000;

    private final ConfigurationRevisions revisions;
    private final ConfigurationActuator actuator;
    private final TargetStore targets;

    ConfigurationCarrier(ConfigurationRevisions revisions, ConfigurationActuator actuator, TargetStore targets) {
        this.revisions = revisions;
        this.actuator = actuator;
        this.targets = targets;
    }

    @Override
    public Actuator actuator() {
        return actuator;
    }

    @Override
    public Judge judge(String rollout, RolloutSpec spec, Instant now) {
        revisions.require(change(spec).name());
        return (asset, standing) -> judge(change(spec), asset, standing);
    }

    private static Cleared judge(ConfigurationChange change, Asset asset, @Nullable Standing standing) {
        if (asset.lifecycle() == Lifecycle.RETIRED || asset.lifecycle() == Lifecycle.QUARANTINED) {
            return Cleared.out(Reason.GONE, "is " + asset.lifecycle().wire());
        }
        if (standing == null) {
            return Cleared.out(
                    Reason.NOT_SELECTED, "configuration " + change.name() + " does not apply to it any more");
        }
        return new Cleared(new Clearance.Clear(standing.version(), standing.boot()), null);
    }

    /** The server tells assets what it always told them: there is nothing to fetch. */
    @Override
    public Map<Asset, Change.Source> sources(String component, Map<Asset, String> versions, Instant now) {
        return Map.of();
    }

    /** A configuration says itself whom it is for; the selector chooses among those. */
    @Override
    public boolean concerns(@Nullable Standing standing) {
        return standing != null;
    }

    /** What the asset is told is a file of values; it may be told that at any time. */
    @Override
    public Waiting waiting(Collection<Asset> assets, Instant now) {
        return (asset, bytes) -> Optional.empty();
    }

    @Override
    public void moved(StoredRollout rollout, Phase before, Phase after, Actor actor) {
        ConfigurationChange change = change(rollout.spec());
        if (after.live() && !before.live()) {
            Permissions.require(actor, Verb.WRITE, Kind.CONFIGURATION);
            boolean goesOn = !(before instanceof Phase.Draft);
            revisions.hold(actor, change.name(), rollout.key(), goesOn, change.config());
        }
        if (isBack(after) && !isBack(before)) {
            takeBack(rollout, change, actor);
        }
        if (after instanceof Phase.Ended(Outcome outcome, String _)) {
            switch (outcome) {
                case COMPLETED ->
                    revisions.succeed(actor, change.name(), rollout.key(), manager(rollout), change.config());
                case ABORTED, ROLLED_BACK -> revisions.leave(change.name(), rollout.key());
            }
        }
    }

    private static boolean isBack(Phase phase) {
        return phase instanceof Phase.RollingBack
                || (phase instanceof Phase.Ended(Outcome outcome, String _) && outcome == Outcome.ROLLED_BACK);
    }

    /** Targets keep what the rollout brought until it is their turn to go back; whoever joined since goes back at once. */
    private void takeBack(StoredRollout rollout, ConfigurationChange change, Actor actor) {
        if (!revisions.takeBack(actor, change.name(), rollout.key(), manager(rollout), change.version())) {
            return;
        }
        int after = -1;
        List<Target> read;
        do {
            read = targets.page(rollout.id(), Stage.SUCCEEDED, null, after, Integer.MAX_VALUE, CHUNK);
            revisions.note(
                    change.name(),
                    change.version(),
                    read.stream().map(Target::asset).toList());
            after = read.isEmpty() ? after : read.getLast().ord();
        } while (read.size() == CHUNK);
    }

    private static String manager(StoredRollout rollout) {
        return "rollout/" + rollout.name();
    }

    private static ConfigurationChange change(RolloutSpec spec) {
        if (spec.change() instanceof ConfigurationChange change) {
            return change;
        }
        throw new IllegalStateException("no change of a configuration: " + spec.change());
    }
}
