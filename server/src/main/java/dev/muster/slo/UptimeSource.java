package dev.muster.slo;

import dev.muster.twin.availability.ReachableMinutes;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** M1: minutes in which assets were seen, of all minutes, by receive time. */
@Component
class UptimeSource implements SliSource {
    static final Sli SLI =
            new Sli("uptime", "Minutes in which assets were reachable, of all minutes", "minutes", 0.99, true, true);

    private final ReachableMinutes minutes;

    UptimeSource(ReachableMinutes minutes) {
        this.minutes = minutes;
    }

    @Override
    public Sli sli() {
        return SLI;
    }

    @Override
    public Optional<Instant> completeUntil(Instant now) {
        return minutes.known();
    }

    /** How far it is told comes out of a checkpoint of the consumers; a restart may leave a minute before it untold. */
    @Override
    public void count(Instant from, Instant until, InService fleet, TallySink to) {
        minutes.of(
                fleet::forEachPage,
                fleet.count(),
                from,
                until,
                (id, count) -> to.add(
                        id.value(),
                        new Tally(
                                count.reachable(),
                                (double) count.unreachable() + count.stale(),
                                count.stale(),
                                count.unknown())));
    }

    @Override
    public Duration longestForOne() {
        return Duration.ofDays(90);
    }
}
