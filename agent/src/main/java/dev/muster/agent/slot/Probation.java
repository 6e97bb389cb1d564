package dev.muster.agent.slot;

import dev.muster.agent.slot.AppDefinition.Health;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Decides from one look after another whether a program that was started is healthy. Pure; times are nanoseconds of one clock. */
final class Probation {
    private final Health health;
    private final long startedAt;
    private @Nullable Long healthySince;

    Probation(Health health, long startedAt) {
        this.health = health;
        this.startedAt = startedAt;
    }

    /** @param problem why it is not healthy; empty when it is */
    record Verdict(Optional<String> problem) {}

    /**
     * @param ended how it has ended; empty while it lives
     * @param problem what the probe found; empty when it found it healthy
     * @return empty as long as nothing is decided
     */
    Optional<Verdict> seen(long now, Optional<String> ended, Optional<String> problem) {
        if (ended.isPresent()) {
            return Optional.of(new Verdict(ended));
        }
        if (problem.isPresent()) {
            healthySince = null;
            boolean over = now - startedAt >= health.timeout().toNanos();
            return over ? Optional.of(new Verdict(Optional.of(late(problem.get())))) : Optional.empty();
        }
        if (healthySince == null) {
            healthySince = now;
        }
        boolean believed = now - healthySince >= health.healthyAfter().toNanos();
        return believed ? Optional.of(new Verdict(Optional.empty())) : Optional.empty();
    }

    private String late(String problem) {
        Duration timeout = health.timeout();
        return "it was not healthy for " + health.healthyAfter().toSeconds() + " s within " + timeout.toSeconds()
                + " s: " + problem;
    }
}
