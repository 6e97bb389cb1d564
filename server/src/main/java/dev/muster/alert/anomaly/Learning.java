package dev.muster.alert.anomaly;

import dev.muster.alert.rule.Finding;
import dev.muster.alert.rule.Moment;
import dev.muster.alert.rule.Subject;
import dev.muster.protocol.AssetId;
import dev.muster.telemetry.store.TelemetryStore.Bucket;
import dev.muster.telemetry.store.TelemetryStore.SeriesQuery;
import dev.muster.telemetry.store.TelemetryStore.Value;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads what conditions learn from; in one evaluation of a piece it reads the history of only so many assets as fit into a second. */
final class Learning {
    private static final long MOST_NANOS = 1_000_000_000;

    private final History telemetry;
    private final String metric;
    private long begun;

    /** The one thing of a telemetry store that is needed here. */
    @FunctionalInterface
    interface History {
        Map<String, List<Bucket>> aggregate(SeriesQuery query, Duration step);
    }

    Learning(History telemetry, String metric) {
        this.telemetry = telemetry;
        this.metric = metric;
    }

    /** What a condition says of one subject. */
    @FunctionalInterface
    interface Judge {
        Finding of(Subject subject, @Nullable Value newest, Moment moment);
    }

    /** Judges a piece with the newest value of each, and lets what was learned be stored when it is time to. */
    List<Finding> judge(List<Subject> subjects, Moment moment, Models<?> models, Judge judge) {
        begun = System.nanoTime();
        Map<AssetId, Value> newest = newest(subjects, moment);
        List<Finding> findings = new ArrayList<>();
        for (Subject subject : subjects) {
            findings.add(judge.of(subject, newest.get(subject.asset().id()), moment));
        }
        models.saveWhenDue(moment.rule(), moment.now());
        return findings;
    }

    /** Takes the steps that are over and not in a model yet, none from before {@code earliest}. */
    void catchUp(
            Subject subject,
            Models.Entry<?> entry,
            Instant earliest,
            Instant to,
            Duration step,
            Consumer<Bucket> take) {
        Instant from = entry.until.isBefore(earliest) ? earliest : entry.until;
        history(subject, from, to, step).forEach(take);
        entry.until = to;
        entry.changed = true;
    }

    boolean hasTime() {
        return System.nanoTime() - begun < MOST_NANOS;
    }

    /** Steps of one asset's metric, oldest first; both times are multiples of the step. */
    private List<Bucket> history(Subject subject, Instant from, Instant to, Duration step) {
        return telemetry
                .aggregate(
                        new SeriesQuery(
                                subject.asset().type(),
                                subject.asset().id(),
                                List.of(metric),
                                from.toEpochMilli(),
                                to.toEpochMilli()),
                        step)
                .getOrDefault(metric, List.of());
    }

    private Map<AssetId, Value> newest(List<Subject> subjects, Moment moment) {
        Map<String, List<AssetId>> byType = subjects.stream()
                .collect(Collectors.groupingBy(
                        subject -> subject.asset().type(),
                        Collectors.mapping(subject -> subject.asset().id(), Collectors.toList())));
        Map<AssetId, Value> found = new HashMap<>();
        byType.forEach((type, assets) -> moment.readings()
                .latest(type, assets, List.of(metric))
                .forEach((asset, values) -> {
                    Value value = values.get(metric);
                    if (value != null) {
                        found.put(asset, value);
                    }
                }));
        return found;
    }

    /** Why a value cannot be judged, or null. */
    @Nullable String problem(@Nullable Value value, Instant now, Duration staleAfter) {
        if (value == null) {
            return "no value of " + metric;
        }
        if (Instant.ofEpochMilli(value.ts()).isBefore(now.minus(staleAfter))) {
            return "no value of " + metric + " since " + Instant.ofEpochMilli(value.ts());
        }
        return value.value() instanceof Double ? null : metric + " is no number";
    }

    static Instant floor(Instant time, Duration step) {
        return Instant.ofEpochMilli(Math.floorDiv(time.toEpochMilli(), step.toMillis()) * step.toMillis());
    }
}
