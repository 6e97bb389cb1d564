package dev.muster.rollout;

import dev.muster.release.ReleaseHold;
import dev.muster.release.ReleaseName;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.springframework.stereotype.Component;

/** Holds the artifacts that a rollout brings or may send an asset back to, until the rollout is deleted. */
@Component
class ReleasesOfRollouts implements ReleaseHold {
    private final RolloutStore rollouts;
    private final TargetStore targets;

    ReleasesOfRollouts(RolloutStore rollouts, TargetStore targets) {
        this.rollouts = rollouts;
        this.targets = targets;
    }

    @Override
    public Map<ReleaseName, String> held(Collection<ReleaseName> candidates) {
        Map<ReleaseName, String> held = new HashMap<>();
        for (ReleaseName candidate : candidates) {
            rollouts.bringing(candidate.component(), candidate.version())
                    .ifPresent(name -> held.put(candidate, "is brought by rollout " + name));
        }
        targets.previous(candidates)
                .forEach((release, count) -> held.putIfAbsent(release, "is what " + count + " targets may go back to"));
        return held;
    }
}
