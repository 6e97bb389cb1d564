package dev.muster.alert.rule;

import dev.muster.protocol.AssetId;
import dev.muster.registry.document.Durations;
import dev.muster.registry.document.FieldReader;
import dev.muster.telemetry.store.TelemetryStore.Value;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * A metric changes by more (or less) than a number in a unit of time. Compares the newest value with the one that was the newest at least
 * half of the window and at most twice the window before; until it has seen such a one, after a start too, it cannot tell. Remembers at
 * most {@value #REMEMBERED} values of each asset.
 */
final class Rate implements Condition {
    private static final int REMEMBERED = 12;

    private final String metric;
    private final Duration over;
    private final Duration per;
    private final Bound bound;
    private final Map<AssetId, ArrayDeque<Point>> points = new HashMap<>();
    private Instant cleaned = Instant.EPOCH;
    private final Set<AssetId> seen = new HashSet<>();

    private record Point(long ts, double value) {}

    Rate(String metric, Duration over, Duration per, Bound bound) {
        this.metric = metric;
        this.over = over;
        this.per = per;
        this.bound = bound;
    }

    @Override
    public List<Finding> judge(List<Subject> subjects, Moment moment) {
        clean(moment.now());
        Map<AssetId, Map<String, Value>> newest = Newest.of(subjects, List.of(metric), moment.readings());
        return subjects.stream()
                .map(subject -> {
                    AssetId id = subject.asset().id();
                    seen.add(id);
                    return judge(
                            id,
                            subject.firing(),
                            newest.getOrDefault(id, Map.of()).get(metric),
                            moment.now());
                })
                .toList();
    }

    private Finding judge(AssetId asset, boolean firing, @Nullable Value value, Instant now) {
        if (value == null || !(value.value() instanceof Double number)) {
            return new Finding.Unknown("no number of " + metric);
        }
        if (value.ts() < now.minus(over).toEpochMilli()) {
            return new Finding.Unknown("no value of " + metric + " since " + Instant.ofEpochMilli(value.ts()));
        }
        Point before = before(asset, new Point(value.ts(), number));
        if (before == null) {
            return new Finding.Unknown("has not watched " + metric + " for " + Durations.format(over) + " yet");
        }
        double rate = (number - before.value()) * per.toMillis() / (value.ts() - before.ts());
        return bound.isWrong(rate, firing)
                ? new Finding.Wrong(
                        metric + " changes by " + Bound.number(rate) + " per " + Durations.format(per) + ", "
                                + bound.word() + " " + Bound.number(bound.threshold()),
                        Map.of(
                                "metric",
                                metric,
                                "rate",
                                rate,
                                "from",
                                before.value(),
                                "fromAt",
                                Instant.ofEpochMilli(before.ts()).toString(),
                                "to",
                                number,
                                "toAt",
                                Instant.ofEpochMilli(value.ts()).toString(),
                                bound.word(),
                                bound.threshold()))
                : Finding.FINE;
    }

    /** The oldest one that is not too old; remembers this one when it is far enough from the last. */
    private @Nullable Point before(AssetId asset, Point now) {
        ArrayDeque<Point> known = points.computeIfAbsent(asset, _ -> new ArrayDeque<>());
        long step = Math.max(1, over.toMillis() / (REMEMBERED - 2));
        if (known.isEmpty() || now.ts() >= known.getLast().ts() + step) {
            known.addLast(now);
        }
        while (known.size() > REMEMBERED || known.getFirst().ts() < now.ts() - 2 * over.toMillis()) {
            known.removeFirst();
        }
        while (known.size() > 1 && secondOf(known).ts() <= now.ts() - over.toMillis()) {
            known.removeFirst();
        }
        Point oldest = known.getFirst();
        return now.ts() - oldest.ts() >= over.toMillis() / 2 ? oldest : null;
    }

    private static Point secondOf(ArrayDeque<Point> points) {
        var each = points.iterator();
        each.next();
        return each.next();
    }

    /** Assets that are not asked about any more are forgotten. */
    private void clean(Instant now) {
        if (now.isAfter(cleaned.plus(over.multipliedBy(2)).plus(Duration.ofMinutes(10)))) {
            if (!cleaned.equals(Instant.EPOCH)) {
                points.keySet().retainAll(seen);
            }
            seen.clear();
            cleaned = now;
        }
    }

    @Override
    public String text() {
        return bound.text("change of " + metric + " per " + Durations.format(per) + " over " + Durations.format(over));
    }

    @Override
    public Reads reads() {
        return new Reads.Kept(Set.of(metric), over.multipliedBy(2), false, List.of());
    }

    @Component
    static final class Kind implements ConditionKind {
        @Override
        public String key() {
            return "rate";
        }

        @Override
        public Condition read(FieldReader reader) {
            return new Rate(
                    reader.requiredText("metric"),
                    reader.duration("over", Duration.ofMinutes(10), Duration.ofSeconds(10), Duration.ofDays(1)),
                    reader.duration("per", Duration.ofMinutes(1), Duration.ofSeconds(1), Duration.ofDays(1)),
                    Bound.read(reader));
        }
    }
}
