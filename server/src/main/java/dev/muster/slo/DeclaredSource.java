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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
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
    public Map<String, Tally> count(Instant from, Instant to, Map<String, Instant> assets, @Nullable String asset) {
        Map<String, Tally> tallies = new HashMap<>();
        Set<String> wanted = asset == null ? assets.keySet() : Set.of(asset);
        switch (definition) {
            case SliDefinition.Threshold(Count.Readings readings) ->
                readings(readings, from, to, wanted, (id, value) -> {
                    Tally one = readings.holds(value) ? new Tally(1, 0, 0, 0) : new Tally(0, 1, 0, 0);
                    tallies.merge(id, one, Tally::plus);
                });
            case SliDefinition.Ratio(Count part, boolean isBad, Count total) -> {
                Map<String, Double> parts = counted(part, from, to, wanted);
                counted(total, from, to, wanted).forEach((id, all) -> {
                    double some = Math.min(all, parts.getOrDefault(id, 0.0));
                    tallies.put(id, isBad ? new Tally(all - some, some, 0, 0) : new Tally(some, all - some, 0, 0));
                });
                if (total instanceof Count.Commands(String name, String _)) {
                    outcomes.between(from, to, name, asset)
                            .forEach((id, outcome) ->
                                    tallies.merge(id, new Tally(0, 0, 0, outcome.open()), Tally::plus));
                }
            }
        }
        return tallies;
    }

    private Map<String, Double> counted(Count count, Instant from, Instant to, Set<String> wanted) {
        Map<String, Double> counted = new HashMap<>();
        switch (count) {
            case Count.Events events -> {
                for (String type : types(events.assetType())) {
                    telemetry.countEvents(type, from.toEpochMilli(), to.toEpochMilli()).stream()
                            .filter(event -> events.matches(event) && wanted.contains(event.asset()))
                            .forEach(event -> counted.merge(event.asset(), (double) event.count(), Double::sum));
                }
            }
            case Count.Commands(String name, String status) ->
                outcomes.between(from, to, name, null).forEach((id, outcome) -> {
                    double number = status == null
                            ? outcome.succeeded() + outcome.failed()
                            : status.equals("failed") ? outcome.failed() : outcome.succeeded();
                    if (wanted.contains(id)) {
                        counted.put(id, number);
                    }
                });
            case Count.Readings readings ->
                readings(readings, from, to, wanted, (id, value) -> {
                    if (readings.holds(value)) {
                        counted.merge(id, 1.0, Double::sum);
                    }
                });
        }
        return counted;
    }

    private void readings(
            Count.Readings of, Instant from, Instant to, Set<String> wanted, BiConsumer<String, Double> each) {
        for (String type : types(of.assetType())) {
            if (!telemetry.metrics(type).containsKey(of.metric())) {
                continue;
            }
            long next = from.toEpochMilli();
            while (next < to.toEpochMilli()) {
                Slice slice = telemetry.slice(
                        new SliceQuery(type, List.of(of.metric()), next, to.toEpochMilli()), wanted, ROWS_AT_ONCE);
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
