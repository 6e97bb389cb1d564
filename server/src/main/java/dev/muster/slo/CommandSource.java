package dev.muster.slo;

import dev.muster.command.CommandOutcomes;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** M3: commands that were done in time, of those that were given and whose end is known; each attempt by itself. */
@Component
class CommandSource implements SliSource {
    static final Sli SLI = new Sli(
            "commands",
            "Commands that were done in time, of all given whose end is known; a retry does not hide what failed before",
            "commands",
            0.999,
            false,
            true);
    /** A transaction that gave a command may still be under way. */
    static final Duration UNDER_WAY = Duration.ofSeconds(10);

    private final CommandOutcomes outcomes;

    CommandSource(CommandOutcomes outcomes) {
        this.outcomes = outcomes;
    }

    @Override
    public Sli sli() {
        return SLI;
    }

    @Override
    public Optional<Instant> completeUntil(Instant now) {
        return Optional.of(now.minus(UNDER_WAY));
    }

    /** Those that are open are unknown so far. */
    @Override
    public boolean settlesLater() {
        return true;
    }

    @Override
    public void count(Instant from, Instant until, InService fleet, TallySink to) {
        tell(outcomes, from, until, fleet, to);
    }

    static void tell(CommandOutcomes outcomes, Instant from, Instant until, InService fleet, TallySink to) {
        outcomes.between(
                from,
                until,
                null,
                fleet.only(),
                (id, outcome) -> to.add(id, new Tally(outcome.succeeded(), outcome.failed(), 0, outcome.open())));
    }
}
