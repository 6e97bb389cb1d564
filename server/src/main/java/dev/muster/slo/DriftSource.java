package dev.muster.slo;

import dev.muster.twin.view.DriftStates;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
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
    public Map<String, Tally> count(Instant from, Instant to, Map<String, Instant> assets, @Nullable String asset) {
        Map<String, Tally> tallies = new HashMap<>();
        states.now(to).forEach((id, standing) -> {
            if (assets.containsKey(id)) {
                tallies.put(
                        id,
                        switch (standing) {
                            case IN_SYNC -> new Tally(1, 0, 0, 0);
                            case OUT_OF_SYNC -> new Tally(0, 1, 0, 0);
                            case STALE -> new Tally(0, 0, 1, 0);
                            case NEVER_REPORTED -> new Tally(0, 0, 0, 1);
                        });
            }
        });
        return tallies;
    }
}
