package dev.muster.slo;

import dev.muster.twin.view.DriftStates;
import java.time.Instant;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** M8: assets in sync with what is desired, of those with a fresh report; stale observations apart. */
@Component
class DriftSource implements SliSource {
    static final Sli SLI = new Sli(
            "drift",
            "Looks, every five minutes, at which an asset with a fresh report was in sync with what is desired of it",
            "looks",
            0.99,
            false,
            true);

    private final DriftStates states;

    DriftSource(DriftStates states) {
        this.states = states;
    }

    @Override
    public Sli sli() {
        return SLI;
    }

    @Override
    public Mode mode() {
        return Mode.SAMPLED;
    }

    @Override
    public Optional<Instant> completeUntil(Instant now) {
        return Optional.of(now);
    }

    @Override
    public void count(Instant from, Instant until, InService fleet, TallySink to) {
        ThoseInService served = new ThoseInService(fleet, to);
        states.now(until, (id, standing) -> served.add(id, look(standing)));
        served.flush();
    }

    private static Tally look(DriftStates.Standing standing) {
        return switch (standing) {
            case IN_SYNC -> new Tally(1, 0, 0, 0);
            case OUT_OF_SYNC -> new Tally(0, 1, 0, 0);
            case STALE -> new Tally(0, 0, 1, 0);
            case NEVER_REPORTED -> new Tally(0, 0, 0, 1);
        };
    }
}
