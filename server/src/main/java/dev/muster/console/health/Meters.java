package dev.muster.console.health;

import dev.muster.console.health.SystemHealth.Count;
import dev.muster.console.health.SystemHealth.Latency;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.distribution.ValueAtPercentile;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Reads the server's own meters, as Prometheus would; what is not measured is null. */
final class Meters {
    private static final int MOST_COUNTS = 12;

    private final MeterRegistry registry;

    Meters(MeterRegistry registry) {
        this.registry = registry;
    }

    /** The sum of all gauges of that name with these tags, in seconds where they are times. */
    @Nullable Double gauge(String name, String... tags) {
        double sum = 0;
        boolean known = false;
        for (Meter meter : registry.find(name).tags(tags).meters()) {
            double value = switch (meter) {
                case TimeGauge time -> time.value(TimeUnit.SECONDS);
                case Gauge gauge -> gauge.value();
                case FunctionCounter counter -> counter.count();
                default -> Double.NaN;
            };
            if (!Double.isNaN(value)) {
                sum += value;
                known = true;
            }
        }
        return known ? sum : null;
    }

    double count(String name, String... tags) {
        return registry.find(name).tags(tags).counters().stream()
                .mapToDouble(Counter::count)
                .sum();
    }

    /** By the value of a tag, those that counted anything, the largest first. */
    List<Count> counts(String name, String tag) {
        Map<String, Double> counts = new TreeMap<>();
        for (Counter counter : registry.find(name).counters()) {
            String reason = counter.getId().getTag(tag);
            if (reason != null && counter.count() > 0) {
                counts.merge(reason, counter.count(), Double::sum);
            }
        }
        return counts.entrySet().stream()
                .map(entry -> new Count(entry.getKey(), entry.getValue()))
                .sorted((one, other) -> Double.compare(other.count(), one.count()))
                .limit(MOST_COUNTS)
                .toList();
    }

    /** Null when nothing was timed lately. */
    @Nullable Latency latency(String name, String... tags) {
        Timer timer = registry.find(name).tags(tags).timer();
        if (timer == null) {
            return null;
        }
        double p50 = Double.NaN;
        double p99 = Double.NaN;
        for (ValueAtPercentile at : timer.takeSnapshot().percentileValues()) {
            if (at.percentile() == 0.5) {
                p50 = at.value(TimeUnit.MILLISECONDS);
            } else if (at.percentile() == 0.99) {
                p99 = at.value(TimeUnit.MILLISECONDS);
            }
        }
        return Double.isNaN(p50) || Double.isNaN(p99) || p99 == 0 ? null : new Latency(p50, p99);
    }

    Collection<String> tagValues(String name, String tag) {
        TreeSet<String> values = new TreeSet<>();
        registry.find(name).meters().forEach(meter -> {
            String value = meter.getId().getTag(tag);
            if (value != null) {
                values.add(value);
            }
        });
        return values;
    }
}
