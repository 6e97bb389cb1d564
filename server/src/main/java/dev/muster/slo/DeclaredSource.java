package dev.muster.slo;

import dev.muster.command.CommandOutcomes;
import dev.muster.registry.type.AssetTypes;
import dev.muster.slo.SliDefinition.Count;
import dev.muster.telemetry.store.TelemetryStore;
import dev.muster.telemetry.store.TelemetryStore.AssetReading;
import dev.muster.telemetry.store.TelemetryStore.Slice;
import dev.muster.telemetry.store.TelemetryStore.SliceQuery;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.ObjDoubleConsumer;
import org.jspecify.annotations.Nullable;

/** Counts an indicator that people declared. */
final class DeclaredSource implements SliSource {
    private static final int ROWS_AT_ONCE = 100_000;

    private final Sli sli;
    private final SliDefinition definition;
    private final TelemetryStore telemetry;
    private final CommandOutcomes outcomes;
    private final AssetTypes types;

    DeclaredSource(
            Sli sli, SliDefinition definition, TelemetryStore telemetry, CommandOutcomes outcomes, AssetTypes types) {
        this.sli = sli;
        this.definition = definition;
        this.telemetry = telemetry;
        this.outcomes = outcomes;
        this.types = types;
    }

    @Override
    public Sli sli() {
        return sli;
    }

    @Override
    public Optional<Instant> completeUntil(Instant now) {
        return Optional.of(now.minus(ErrorSource.IN_TIME));
    }

    @Override
    public boolean settlesLater() {
        return definition instanceof SliDefinition.Ratio ratio && ratio.total() instanceof Count.Commands;
    }

    @Override
    public boolean followsLateRows(String assetType) {
        return true;
    }

    @Override
    public Duration longestForOne() {
        return Duration.ofDays(1);
    }

    @Override
    public void count(Instant from, Instant until, InService fleet, TallySink to) {
        ThoseInService served = new ThoseInService(fleet, to);
        switch (definition) {
            case SliDefinition.Threshold(Count.Readings readings) ->
                readings(
                        readings,
                        from,
                        until,
                        fleet,
                        (id, value) ->
                                served.add(id, readings.holds(value) ? new Tally(1, 0, 0, 0) : new Tally(0, 1, 0, 0)));
            case SliDefinition.Ratio ratio -> {
                new RatioCount(
                                each -> counted(ratio.total(), from, until, fleet, each),
                                each -> counted(ratio.part(), from, until, fleet, each),
                                ratio.isBad(),
                                RatioCount.MOST)
                        .tell(served);
                if (ratio.total() instanceof Count.Commands(String name, String _)) {
                    outcomes.between(
                            from,
                            until,
                            name,
                            fleet.only(),
                            (id, outcome) -> to.add(id, new Tally(0, 0, 0, outcome.open())));
                }
            }
        }
        served.flush();
    }

    /** @param each may be told several times of an asset; its numbers add up */
    private void counted(Count count, Instant from, Instant until, InService fleet, ObjDoubleConsumer<String> each) {
        switch (count) {
            case Count.Events events -> {
                for (String type : types(events.assetType())) {
                    new EventPieces(telemetry).forEach(type, from, until, event -> {
                        if (events.matches(event)) {
                            each.accept(event.asset(), event.count());
                        }
                    });
                }
            }
            case Count.Commands(String name, String status) ->
                outcomes.between(from, until, name, fleet.only(), (id, outcome) -> {
                    double number = status == null
                            ? (double) outcome.succeeded() + outcome.failed()
                            : status.equals("failed") ? outcome.failed() : outcome.succeeded();
                    each.accept(id, number);
                });
            case Count.Readings readings ->
                readings(readings, from, until, fleet, (id, value) -> {
                    if (readings.holds(value)) {
                        each.accept(id, 1);
                    }
                });
        }
    }

    private void readings(
            Count.Readings of, Instant from, Instant until, InService fleet, ObjDoubleConsumer<String> each) {
        String only = fleet.only();
        Set<String> wanted = only == null ? null : Set.of(only);
        for (String type : types(of.assetType())) {
            if (!telemetry.metrics(type).containsKey(of.metric())) {
                continue;
            }
            long next = from.toEpochMilli();
            while (next < until.toEpochMilli()) {
                Slice slice = telemetry.slice(
                        new SliceQuery(type, List.of(of.metric()), next, until.toEpochMilli()), wanted, ROWS_AT_ONCE);
                for (AssetReading reading : slice.readings()) {
                    Object value = reading.values().getFirst();
                    if (value instanceof Number number) {
                        each.accept(reading.asset(), number.doubleValue());
                    } else if (value instanceof Boolean truth) {
                        each.accept(reading.asset(), truth ? 1.0 : 0.0);
                    }
                }
                next = slice.next();
            }
        }
    }

    private List<String> types(@Nullable String one) {
        return one == null
                ? types.all().stream().map(stored -> stored.type().name()).toList()
                : List.of(one);
    }
}
