package dev.muster.slo;

import dev.muster.protocol.AssetId;
import dev.muster.twin.presence.PresenceTracker;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
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

    /** @param until the moment of the look */
    @Override
    public void count(Instant from, Instant until, InService fleet, TallySink to) {
        boolean listensLongEnough = Duration.between(started, until).compareTo(FRESH) >= 0;
        fleet.forEachPage(page -> page.keySet()
                .forEach(id -> to.add(id, look(presence.lastSeen(new AssetId(id)), until, listensLongEnough))));
    }

    private static Tally look(Optional<Instant> seen, Instant at, boolean listensLongEnough) {
        if (seen.isPresent() && Duration.between(seen.get(), at).compareTo(FRESH) < 0) {
            return new Tally(1, 0, 0, 0);
        }
        return seen.isPresent() && listensLongEnough ? new Tally(0, 1, 0, 0) : new Tally(0, 0, 0, 1);
    }
}
