package dev.muster.rollout;

import dev.muster.identity.Actor;
import dev.muster.rollout.spec.RolloutSpec;
import java.util.Map;
import java.util.Optional;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/** Declares and starts rollouts for the parts of the server that do so by themselves, with the rights that they were given. */
@Component
public class RolloutStarts {
    private final RolloutService rollouts;

    RolloutStarts(RolloutService rollouts) {
        this.rollouts = rollouts;
    }

    /** @throws dev.muster.platform.error.Refusal with every problem of the spec */
    public RolloutSpec read(String name, JsonNode spec) {
        return rollouts.read(name, spec);
    }

    /** Where a rollout stands, as on the wire: draft, running, …; empty when there is none. */
    public Optional<String> phase(String name) {
        return rollouts.find(name).map(found -> found.phase().wire());
    }

    /** Makes a draft; the same again is no error while it is one. */
    public void declare(Actor actor, String name, JsonNode spec) {
        Optional<StoredRollout> before = rollouts.find(name);
        if (before.isEmpty() || !before.get().json().equals(spec)) {
            rollouts.save(
                    actor,
                    name,
                    spec,
                    before.map(StoredRollout::resourceVersion).orElse(null),
                    Map.of());
        }
    }

    public void start(Actor actor, String name, String reason) {
        rollouts.start(actor, name, reason);
    }
}
