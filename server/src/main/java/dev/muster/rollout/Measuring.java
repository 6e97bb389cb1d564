package dev.muster.rollout;

import dev.muster.actuator.EvidenceLevel;
import dev.muster.protocol.AssetId;
import dev.muster.protocol.Severity;
import dev.muster.rollout.MeasureStore.Looked;
import dev.muster.rollout.engine.Check;
import dev.muster.rollout.engine.Measures;
import dev.muster.rollout.engine.Significance;
import dev.muster.rollout.gate.Comparison;
import dev.muster.rollout.spec.GateSpec;
import dev.muster.slo.ErrorBudgets;
import dev.muster.telemetry.store.GroupSums;
import dev.muster.telemetry.store.QueryTooLargeException;
import dev.muster.telemetry.store.StoreUnavailableException;
import dev.muster.telemetry.store.TelemetryStore;
import dev.muster.telemetry.store.TelemetryStore.TailQuery;
import dev.muster.twin.presence.PresenceTracker;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;

/**
 * Measures what written gates ask for, of a bounded number of assets, outside of any transaction. What cannot be measured now is absent,
 * with a note that says why.
 */
@Component
class Measuring {
    /** Assets on each side of a comparison, and those whose last sign of life is looked at. */
    private static final int MOST_SAMPLES = 1_000;
    /** Assets whose errors are counted, and how many of each. */
    private static final int MOST_READ = 100;

    private static final int MOST_ERRORS = 100;

    private final MeasureStore store;
    private final TelemetryStore telemetry;
    private final PresenceTracker presence;
    private final ObjectProvider<ErrorBudgets> budgets;

    Measuring(
            MeasureStore store,
            TelemetryStore telemetry,
            PresenceTracker presence,
            ObjectProvider<ErrorBudgets> budgets) {
        this.store = store;
        this.telemetry = telemetry;
        this.presence = presence;
        this.budgets = budgets;
    }

    Measures of(StoredRollout rollout, Map<Integer, List<Check>> wanted, Instant now) {
        Map<Integer, Map<String, Map<String, Object>>> byWave = new HashMap<>();
        wanted.forEach((wave, checks) -> {
            Map<String, Map<String, Object>> byCheck = new HashMap<>();
            for (GateSpec gate : rollout.spec().gates()) {
                if (checks.contains(gate.check())) {
                    byCheck.put(gate.check().name(), new Look(rollout, wave, now).at(gate));
                }
            }
            byWave.put(wave, byCheck);
        });
        return new Measures(byWave);
    }

    /** At one wave for one gate. */
    private final class Look {
        private final StoredRollout rollout;
        private final int wave;
        private final Instant now;
        private final Duration soak;
        private final Set<Integer> halted;
        private final Map<String, Object> values = new LinkedHashMap<>();

        Look(StoredRollout rollout, int wave, Instant now) {
            this.rollout = rollout;
            this.wave = wave;
            this.now = now;
            this.halted = rollout.halted();
            var conduct = rollout.spec().conduct();
            this.soak = conduct.evidence() == EvidenceLevel.HEALTHY ? conduct.soak() : Duration.ZERO;
        }

        Map<String, Object> at(GateSpec gate) {
            for (String asked : gate.mentioned()) {
                switch (asked) {
                    case "wave.restarts" -> values.put(asked, store.restarts(rollout.id(), halted, wave));
                    case "wave.online" ->
                        store.online(rollout.id(), halted, wave).ifPresent(share -> values.put(asked, share));
                    case "wave.freshness" -> freshness();
                    case "wave.errorRate" -> errorRate();
                    default -> budget(asked);
                }
            }
            gate.metrics().forEach(this::compare);
            return values;
        }

        private List<Looked> updated(Duration atLeast, int most) {
            Instant verifying = now.minus(atLeast);
            return store.updated(rollout.id(), halted, wave, verifying, verifying.plus(soak), most);
        }

        private void freshness() {
            List<Instant> seen = updated(Duration.ZERO, MOST_SAMPLES).stream()
                    .map(Looked::asset)
                    .flatMap(asset -> presence.lastSeen(asset).stream())
                    .toList();
            MeasureStore.age95(seen, now).ifPresent(age -> values.put("wave.freshness", age));
        }

        /** Events and log lines of the severity error or worse, per asset and hour since it runs the new version. */
        private void errorRate() {
            double hours = 0;
            long errors = 0;
            try {
                for (Looked each : updated(Duration.ZERO, MOST_READ)) {
                    TailQuery query = new TailQuery(
                            each.type(),
                            each.asset(),
                            each.since().toEpochMilli(),
                            now.toEpochMilli() + 1,
                            null,
                            Severity.ERROR,
                            null,
                            MOST_ERRORS);
                    errors += telemetry.events(query).size()
                            + telemetry.logs(query).size();
                    hours += Math.max(1, Duration.between(each.since(), now).toMillis()) / 3_600_000.0;
                }
            } catch (StoreUnavailableException | QueryTooLargeException away) {
                values.put("wave.note", String.valueOf(away.getMessage()));
                return;
            }
            if (hours > 0) {
                values.put("wave.errorRate", errors / hours);
            }
        }

        private void budget(String asked) {
            ErrorBudgets kept = budgets.getIfAvailable();
            if (kept == null || !asked.startsWith("slo.")) {
                return; // an outcome of the wave, or a metric
            }
            String name = asked.substring("slo.".length(), asked.lastIndexOf('.'));
            kept.of(name, now).ifPresent(budget -> {
                values.put("slo." + name + ".remaining", budget.remaining());
                values.put("slo." + name + ".burnRate", budget.burnRate());
            });
        }

        private void compare(Comparison comparison) {
            String name = "metrics." + comparison.name() + ".";
            try {
                List<Looked> updated = updated(comparison.over(), MOST_SAMPLES);
                Map<AssetId, Double> means = means(comparison, updated, now);
                switch (comparison.against()) {
                    case PAST -> past(name, comparison, updated, means);
                    case OTHERS -> others(name, comparison, means);
                }
            } catch (StoreUnavailableException | QueryTooLargeException away) {
                values.put(name + "note", String.valueOf(away.getMessage()));
            }
        }

        private void past(String name, Comparison comparison, List<Looked> updated, Map<AssetId, Double> means) {
            Instant first = store.firstOrder(rollout.id(), wave).orElse(now);
            Map<AssetId, Double> before = means(comparison, updated, first);
            List<AssetId> both =
                    means.keySet().stream().filter(before::containsKey).toList();
            double[] after = both.stream().mapToDouble(means::get).toArray();
            double[] then = both.stream().mapToDouble(before::get).toArray();
            if (enough(name, comparison, after.length, then.length)) {
                double[] differences = new double[after.length];
                double[] opposite = new double[after.length];
                for (int i = 0; i < after.length; i++) {
                    differences[i] = after[i] - then[i];
                    opposite[i] = then[i] - after[i];
                }
                put(name, after, then, Significance.above(differences), Significance.above(opposite));
            }
        }

        private void others(String name, Comparison comparison, Map<AssetId, Double> means) {
            double[] some = means.values().stream().mapToDouble(each -> each).toArray();
            double[] others =
                    means(comparison, store.untouched(rollout.id(), halted, MOST_SAMPLES), now).values().stream()
                            .mapToDouble(each -> each)
                            .toArray();
            if (enough(name, comparison, some.length, others.length)) {
                put(name, some, others, Significance.higher(some, others), Significance.higher(others, some));
            }
        }

        private boolean enough(String name, Comparison comparison, int samples, int baseline) {
            values.put(name + "samples", (long) samples);
            values.put(name + "baselineSamples", (long) baseline);
            int fewer = Math.min(samples, baseline);
            if (fewer < comparison.minSamples()) {
                values.put(
                        name + "note",
                        fewer + " assets have " + comparison.metric() + " on "
                                + (samples <= baseline ? "the new version" : "the other side") + ", "
                                + comparison.minSamples() + " are needed");
                return false;
            }
            return true;
        }

        private void put(String name, double[] some, double[] baseline, double higher, double lower) {
            double mean = mean(some);
            double base = mean(baseline);
            values.put(name + "mean", mean);
            values.put(name + "baseline", base);
            if (base != 0) {
                values.put(name + "change", (mean - base) / Math.abs(base));
            }
            values.put(name + "pHigher", higher);
            values.put(name + "pLower", lower);
        }

        private static double mean(double[] values) {
            OptionalDouble mean = Arrays.stream(values).average();
            return mean.orElseThrow();
        }

        /** The mean of each asset that has values, over the span that ends at a moment. */
        private Map<AssetId, Double> means(Comparison comparison, List<Looked> assets, Instant end) {
            long to = end.toEpochMilli();
            long from = to - comparison.over().toMillis();
            Map<String, Map<String, Integer>> byType = new HashMap<>();
            for (int i = 0; i < assets.size(); i++) {
                Looked each = assets.get(i);
                byType.computeIfAbsent(each.type(), key -> new HashMap<>())
                        .put(each.asset().value(), i);
            }
            GroupSums sums = new GroupSums(Math.max(1, assets.size()), from, to, comparison.over());
            byType.forEach((type, groups) -> {
                if (telemetry.metrics(type).containsKey(comparison.metric())) {
                    telemetry.sum(type, comparison.metric(), groups, from, to, sums);
                }
            });
            Map<AssetId, Double> means = new LinkedHashMap<>();
            for (int i = 0; i < assets.size(); i++) {
                List<GroupSums.GroupStep> steps = new ArrayList<>(sums.points(i));
                long count =
                        steps.stream().mapToLong(GroupSums.GroupStep::count).sum();
                if (count > 0) {
                    double sum = steps.stream()
                            .mapToDouble(step -> step.avg() * step.count())
                            .sum();
                    means.put(assets.get(i).asset(), sum / count);
                }
            }
            return means;
        }
    }
}
