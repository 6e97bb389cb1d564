package dev.muster.slo;

import dev.muster.command.CommandOutcomes;
import dev.muster.protocol.Severity;
import dev.muster.registry.type.AssetTypes;
import dev.muster.registry.type.StoredAssetType;
import dev.muster.telemetry.store.TelemetryStore;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
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
    public void count(Instant from, Instant until, InService fleet, TallySink to) {
        CommandSource.tell(outcomes, from, until, fleet, to);
        ThoseInService served = new ThoseInService(fleet, to);
        EventPieces events = new EventPieces(telemetry);
        for (StoredAssetType type : types.all()) {
            events.forEach(type.type().name(), from, until, event -> {
                boolean failed = event.severity().compareTo(Severity.ERROR) >= 0;
                served.add(
                        event.asset(), failed ? new Tally(0, event.count(), 0, 0) : new Tally(event.count(), 0, 0, 0));
            });
        }
        served.flush();
    }

    @Override
    public Duration longestForOne() {
        return Duration.ofDays(1);
    }
}
