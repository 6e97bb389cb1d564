package dev.muster.telemetry.intake;

import dev.muster.protocol.Severity;
import dev.muster.telemetry.store.MetricKind;
import dev.muster.telemetry.store.Retention;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What telemetry needs to know of an asset type.
 *
 * @param undeclaredLimit how many metrics beyond the declared ones the type's assets may bring along, all together
 * @param heartbeatTtl how long after its last sign of life an asset counts as reachable
 * @param retention what the type says, or else the server
 * @param logShares of the log lines of a severity that are kept; all of one that is not named
 */
public record TypeSchema(
        String type,
        Map<String, Metric> metrics,
        int undeclaredLimit,
        Duration heartbeatTtl,
        Retention retention,
        Map<Severity, Double> logShares) {
    public TypeSchema {
        metrics = Map.copyOf(metrics);
        logShares = Map.copyOf(logShares);
    }

    /**
     * @param whole only whole numbers
     * @param min lowest plausible value, null when unbounded; likewise {@code max}
     * @param unit SI or UCUM symbol, empty when there is none
     */
    public record Metric(
            MetricKind kind,
            boolean whole,
            @Nullable Double min,
            @Nullable Double max,
            String unit) {
        boolean allows(double value) {
            return inBounds(value) && (!whole || value == Math.rint(value));
        }

        boolean inBounds(double value) {
            return (min == null || value >= min) && (max == null || value <= max);
        }
    }
}
