package dev.muster.slo;

import dev.muster.protocol.AssetId;
import dev.muster.twin.presence.PresenceTracker;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** M2: assets whose last sign of life was younger than five minutes, of all that were ever heard of. */
@Component
class FreshnessSource implements SliSource {
    static final Duration FRESH = Duration.ofMinutes(5);
    static final Sli SLI = new Sli(
            "freshness",
            "Looks, every five minutes, at which an asset's last sign of life was younger than five minutes",
            "looks",
            0.99,
            false,
            true);

    private final PresenceTracker presence;
    /** Nobody could be heard before this server ran. */
    private final Instant started;

    FreshnessSource(PresenceTracker presence, Clock clock) {
        this.presence = presence;
        this.started = clock.instant();
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

    /** @param to the moment of the look */
    @Override
    public Map<String, Tally> count(Instant from, Instant to, Map<String, Instant> assets, @Nullable String asset) {
        Map<String, Tally> tallies = new HashMap<>();
        boolean listensLongEnough = Duration.between(started, to).compareTo(FRESH) >= 0;
        for (String id : assets.keySet()) {
            Optional<Instant> seen = presence.lastSeen(new AssetId(id));
            tallies.put(id, look(seen, to, listensLongEnough));
        }
        return tallies;
    }

    private static Tally look(Optional<Instant> seen, Instant at, boolean listensLongEnough) {
        if (seen.isPresent() && Duration.between(seen.get(), at).compareTo(FRESH) < 0) {
            return new Tally(1, 0, 0, 0);
        }
        return seen.isPresent() && listensLongEnough ? new Tally(0, 1, 0, 0) : new Tally(0, 0, 0, 1);
    }
}
