package dev.muster.rollout;

import dev.muster.platform.event.LogFollower;
import dev.muster.platform.event.LoggedEvent;
import dev.muster.slo.SliScope;
import dev.muster.slo.engine.BurnAlert;
import java.time.Duration;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/**
 * Pauses rollouts over assets whose error budget begins to burn faster than twice the allowed rate. How far the log was read is
 * stored with the pauses: whoever resumes one is not overruled by the same event. One that sets out later is {@link BurningNow}'s.
 */
@Component
class BurnPauses extends LogFollower {
    /** Of the lease, and of the position that is locked while rollouts are paused. */
    static final String NAME = "rollout-burn";

    private static final Duration PAUSE = Duration.ofSeconds(2);
    private static final int AT_ONCE = 500;

    private final RolloutService rollouts;

    BurnPauses(Ground ground, RolloutService rollouts) {
        super(ground, NAME, PAUSE, AT_ONCE);
        this.rollouts = rollouts;
    }

    @Override
    protected void take(LoggedEvent event) {
        JsonNode data = event.data();
        if (event.type().equals("slo.burning")
                && data.path("alert").asString("").equals(BurnAlert.FAST_BURN)) {
            SliScope scope = SliScope.parse(data.path("scope").asString("")).orElse(SliScope.FLEET);
            rollouts.pauseBurning(
                    BurningNow.condition(scope),
                    BurningNow.words(
                                    data.path("slo").asString(""),
                                    data.path("burnRate").asDouble(0),
                                    Duration.parse(data.path("window").asString("PT30M")))
                            + " (event " + event.position() + ")");
        }
    }
}
