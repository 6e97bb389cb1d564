package dev.muster.slo;

import dev.muster.command.CommandOutcomes;
import dev.muster.protocol.Severity;
import dev.muster.registry.type.AssetTypes;
import dev.muster.registry.type.StoredAssetType;
import dev.muster.telemetry.store.TelemetryStore;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** M6: what failed of what assets did: events of the severity error or worse and failed commands, of all events and commands. */
@Component
class ErrorSource implements SliSource {
    static final Sli SLI = new Sli(
            "errors",
            "Events below the severity error and commands done in time, of all events and all commands whose end is known",
            "operations",
            0.999,
            false,
            true);
    /** What comes later than this is late, and marks its bucket. */
    static final Duration IN_TIME = Duration.ofSeconds(90);

    private final TelemetryStore telemetry;
    private final CommandOutcomes outcomes;
    private final AssetTypes types;

    ErrorSource(TelemetryStore telemetry, CommandOutcomes outcomes, AssetTypes types) {
        this.telemetry = telemetry;
        this.outcomes = outcomes;
        this.types = types;
    }

    @Override
    public Sli sli() {
        return SLI;
    }

    @Override
    public Optional<Instant> completeUntil(Instant now) {
        return Optional.of(now.minus(IN_TIME));
    }

    @Override
    public boolean settlesLater() {
        return true;
    }

    @Override
    public boolean followsLateRows(String assetType) {
        return true;
    }

    @Override
    public Map<String, Tally> count(Instant from, Instant to, Map<String, Instant> assets, @Nullable String asset) {
        Map<String, Tally> tallies = new HashMap<>(CommandSource.tallies(outcomes.between(from, to, null, asset)));
        for (StoredAssetType type : types.all()) {
            for (TelemetryStore.EventCount event :
                    telemetry.countEvents(type.type().name(), from.toEpochMilli(), to.toEpochMilli())) {
                if (asset == null ? assets.containsKey(event.asset()) : asset.equals(event.asset())) {
                    boolean failed = event.severity().compareTo(Severity.ERROR) >= 0;
                    tallies.merge(
                            event.asset(),
                            failed ? new Tally(0, event.count(), 0, 0) : new Tally(event.count(), 0, 0, 0),
                            Tally::plus);
                }
            }
        }
        return tallies;
    }

    @Override
    public Duration longestForOne() {
        return Duration.ofDays(1);
    }
}
