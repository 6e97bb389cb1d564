package dev.muster.rollout;

import dev.muster.identity.Actor;
import dev.muster.identity.Kind;
import dev.muster.registry.apply.AppliedKind;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/** Rollouts as declared objects. Applying one makes a draft; starting it is something else. */
@Component
final class AppliedRollout implements AppliedKind {
    private final RolloutService rollouts;

    AppliedRollout(RolloutService rollouts) {
        this.rollouts = rollouts;
    }

    @Override
    public String wire() {
        return "Rollout";
    }

    @Override
    public Kind permission() {
        return Kind.ROLLOUT;
    }

    @Override
    public int order() {
        return 800;
    }

    @Override
    public boolean holdsNull(String pointer) {
        return pointer.startsWith("/spec/change/configuration/config/");
    }

    @Override
    public Optional<Live> live(Actor actor, String name) {
        return rollouts.find(name)
                .map(stored -> Live.ofSpec(stored.json(), stored.managers(), stored.resourceVersion()));
    }

    @Override
    public boolean save(
            Actor actor, String name, JsonNode document, @Nullable Live live, Map<String, String> managers) {
        JsonNode spec = document.path("spec");
        rollouts.save(actor, name, spec, live == null ? null : live.resourceVersion(), managers);
        return live == null || !live.document().path("spec").equals(spec);
    }
}
