package dev.muster.rollout;

import dev.muster.identity.Actor;
import dev.muster.rollout.engine.Action;
import java.util.Optional;
import java.util.Set;
import org.springframework.stereotype.Component;

/** What another feature does to rollouts in the course of its own work, within its transaction, as a person could. */
@Component
public class RolloutControl {
    private final RolloutService service;

    RolloutControl(RolloutService service) {
        this.service = service;
    }

    public enum Verb {
        PAUSE,
        RESUME,
        PROMOTE,
        ROLLBACK
    }

    /** @throws dev.muster.platform.error.Refusal as for anybody who asks for it */
    public void act(Actor actor, String name, Verb verb, String reason) {
        service.act(actor, name, stored -> switch (verb) {
            case PAUSE -> new Action.Pause(reason);
            case RESUME -> new Action.Resume(reason, false);
            case PROMOTE -> new Action.Promote(reason, false);
            case ROLLBACK -> new Action.RollBack(reason, Set.of());
        });
    }

    /** In which phase it is, as {@code rolled_back}; empty when there is no such rollout. */
    public Optional<String> phase(String name) {
        return service.find(name).map(stored -> stored.phase().wire());
    }

    /** What it brings, such as {@code app@1.5.0}; empty when there is no such rollout. */
    public Optional<String> change(String name) {
        return service.find(name)
                .map(stored -> stored.component() + "@" + stored.spec().change().version());
    }

    /** Whom it may hit; empty when there is no such rollout. */
    public Optional<String> selector(String name) {
        return service.find(name).map(stored -> stored.spec().selector());
    }
}
