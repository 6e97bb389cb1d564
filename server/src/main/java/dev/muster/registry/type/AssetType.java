package dev.muster.registry.type;

import dev.muster.protocol.Severity;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What every asset of a kind reports, accepts and needs.
 *
 * @param logShares of the log lines of a severity that are kept, from 0 to 1; all of a severity that is not named
 * @param baseline the configuration that an asset of this type should have unless something says otherwise, a JSON object
 */
public record AssetType(
        String name,
        String description,
        Criticality criticality,
        Heartbeat heartbeat,
        Telemetry telemetry,
        Kept retention,
        Files files,
        Map<Severity, Double> logShares,
        Map<String, Command> commands,
        UpdatePolicy updatePolicy,
        JsonNode baseline) {

    /** How much an outage of such an asset hurts. */
    public enum Criticality {
        LOW,
        MEDIUM,
        HIGH,
        CRITICAL
    }

    /**
     * How often a sign of life is due.
     *
     * @param ttl after this long without one an asset with an open session is stale; longer than {@code interval}
     */
    public record Heartbeat(Duration interval, Duration ttl) {}

    /**
     * @param metrics declared metrics by name
     * @param unknownMetricsLimit how many metrics beyond the declared ones one asset may add before they are dropped and counted
     */
    public record Telemetry(Map<String, Metric> metrics, int unknownMetricsLimit) {}

    /**
     * One declared metric.
     *
     * @param unit SI or UCUM symbol, empty for a number without a unit, text or boolean
     * @param min lowest plausible value, {@code null} when unbounded; likewise {@code max}
     */
    public record Metric(
            String name,
            MetricKind kind,
            String unit,
            @Nullable Double min,
            @Nullable Double max,
            String description) {}

    /** For how many whole days what assets of the type send is kept; null for what the server keeps. */
    public record Kept(
            @Nullable Duration telemetry,
            @Nullable Duration positions,
            @Nullable Duration events,
            @Nullable Duration logs,
            @Nullable Duration minutes,
            @Nullable Duration hours,
            @Nullable Duration files) {}

    /**
     * Files that assets of the type send; null for what the server allows.
     *
     * @param maxBytes of one file
     * @param quota bytes that are kept of one asset
     */
    public record Files(@Nullable Long maxBytes, @Nullable Long quota) {}

    /** What kind of value a metric carries. */
    public enum MetricKind {
        NUMBER,
        INTEGER,
        BOOLEAN,
        TEXT
    }

    /**
     * A command that assets of the type may be sent.
     *
     * @param parameters JSON Schema (2020-12) of the parameters; an empty object allows none
     * @param disruptive whether service is interrupted, so that screens ask twice
     */
    public record Command(String name, String description, JsonNode parameters, Duration timeout, boolean disruptive) {}

    /**
     * How changes reach assets of the type unless a rollout says otherwise.
     *
     * @param soak how long an updated asset must stay healthy
     * @param requires selector that an asset must match at the moment of the update, empty for none
     * @param metrics what the newest values of metrics must be at that moment, by name
     * @param space what must be free for an artifact; null when nobody asks
     * @param approvals how many people besides its author have to approve a rollout of a release
     * @param approvalsAbove up to this share of the assets of the type none has to
     * @param approvalsOf how many for some of what is brought: by component, {@value #CONFIGURATION} for all configurations
     */
    public record UpdatePolicy(
            Mode mode,
            boolean automaticRollback,
            Duration soak,
            String requires,
            Map<String, Bounds> metrics,
            @Nullable Space space,
            int approvals,
            double approvalsAbove,
            Map<String, Integer> approvalsOf) {
        /** The key of configurations among components. */
        public static final String CONFIGURATION = "configuration";

        public UpdatePolicy {
            metrics = Map.copyOf(metrics);
            approvalsOf = Map.copyOf(approvalsOf);
        }

        /** For a release of a component; none for a configuration unless somebody asks for them. */
        public int approvalsFor(String component) {
            return approvalsOf.getOrDefault(component, component.equals(CONFIGURATION) ? 0 : approvals);
        }

        /**
         * Between what the newest value of a metric must be.
         *
         * @param maxAge how old it may be
         */
        public record Bounds(@Nullable Double min, @Nullable Double max, Duration maxAge) {}

        /**
         * What has to be free for an artifact: so many times its size and the reserve.
         *
         * @param metric that says how many bytes are free
         * @param maxAge how old its newest value may be
         */
        public record Space(String metric, double times, long reserve, Duration maxAge) {
            public long needed(long artifact) {
                return (long) Math.ceil(artifact * times) + reserve;
            }
        }

        public enum Mode {
            /** An update starts only when a person or a pipeline says so. */
            MANUAL,
            /** A new release may start by itself. */
            AUTOMATIC
        }
    }
}
