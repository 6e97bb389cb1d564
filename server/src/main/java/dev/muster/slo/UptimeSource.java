package dev.muster.slo;

import dev.muster.protocol.AssetId;
import dev.muster.twin.availability.ReachableMinutes;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
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
    public Map<String, Tally> count(Instant from, Instant to, Map<String, Instant> assets, @Nullable String asset) {
        Map<AssetId, Instant> since = new HashMap<>();
        assets.forEach((id, at) -> {
            if (asset == null || asset.equals(id)) {
                since.put(new AssetId(id), at);
            }
        });
        Map<String, Tally> tallies = new HashMap<>();
        minutes.of(since, from, to)
                .forEach((id, count) -> tallies.put(
                        id.value(),
                        new Tally(
                                count.reachable(),
                                (double) count.unreachable() + count.stale(),
                                count.stale(),
                                count.unknown())));
        return tallies;
    }

    @Override
    public Duration longestForOne() {
        return Duration.ofDays(90);
    }
}
