package dev.muster.agent.work;

import dev.muster.agent.budget.Bandwidth;
import dev.muster.agent.budget.Budget;
import dev.muster.agent.budget.HeavyWork;
import dev.muster.agent.budget.OwnUsage;
import dev.muster.agent.buffer.DiskBuffer;
import dev.muster.agent.config.ConfigPart;
import dev.muster.agent.link.Outbound;
import dev.muster.agent.logs.LogShipper;
import dev.muster.agent.logs.LogSource;
import dev.muster.agent.metrics.HostMetrics;
import dev.muster.agent.rules.RuleEngine;
import dev.muster.protocol.Severity;
import dev.muster.protocol.Uplink;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Consumer;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * What the agent does all day, in turns of a second: signs of life, measurements, logs, and a look at what it uses itself. Time
 * that passes is taken from a clock that nobody sets; messages carry the time of the asset.
 */
public final class Work implements HeavyWork, AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Work.class.getName());
    private static final Duration USAGE = Duration.ofSeconds(10);
    private static final Duration LOSS = Duration.ofSeconds(30);
    private static final int SHED_FACTOR = 4;
    private static final int STARTING = 2;

    private final InstantSource clock;
    private final Outbound outbound;
    private final Consumer<Uplink.Heartbeat> heartbeats;
    private final DiskBuffer buffer;
    private final HostMetrics metrics;
    private final LogShipper logs;
    private final Bandwidth uploads;
    private final Bandwidth downloads;
    private final OwnUsage ownUsage = new OwnUsage();
    private final RuleEngine rules = new RuleEngine(Map.of());
    private final WorkPart part;
    private final Timer heartbeatTimer = new Timer();
    private final Timer metricsTimer = new Timer();
    private final Timer logTimer = new Timer();
    private final Timer usageTimer = new Timer();
    private final Timer lossTimer = new Timer();
    private final Budget budget;
    private WorkConfig config;
    private Budget.Usage usage = new Budget.Usage(0, 0, OptionalDouble.empty());
    private OptionalDouble kelvin = OptionalDouble.empty();
    private long heartbeatsSent;
    private int usagesRead;
    private volatile boolean heavyWorkAllowed = true;

    /** @param heartbeats takes signs of life, which are not kept where there is no session */
    public Work(
            InstantSource clock,
            Outbound outbound,
            Consumer<Uplink.Heartbeat> heartbeats,
            DiskBuffer buffer,
            HostMetrics metrics,
            LogShipper logs,
            Bandwidth uploads,
            Bandwidth downloads,
            Intervals defaults) {
        this.clock = clock;
        this.outbound = outbound;
        this.heartbeats = heartbeats;
        this.buffer = buffer;
        this.metrics = metrics;
        this.logs = logs;
        this.uploads = uploads;
        this.downloads = downloads;
        this.part = new WorkPart(defaults, this::configure);
        this.config = WorkConfig.read(JsonNodeFactory.instance.objectNode(), defaults, new ArrayList<>());
        this.budget = new Budget(config.budget());
    }

    public ConfigPart part() {
        return part;
    }

    @Override
    public boolean allowed() {
        return heavyWorkAllowed;
    }

    private synchronized void configure(WorkConfig wanted) {
        config = wanted;
        rules.replace(wanted.rules());
        budget.limits(wanted.budget());
        uploads.limit(wanted.uploadBytesPerSecond());
        downloads.limit(wanted.downloadBytesPerSecond());
        logs.follow(sources());
    }

    /**
     * One turn.
     *
     * @param nanos by a clock that nobody sets
     */
    public synchronized void turn(long nanos) throws IOException {
        if (heartbeatTimer.due(nanos, config.heartbeat())) {
            heartbeat();
        }
        if (metricsTimer.due(nanos, config.metrics().multipliedBy(factor()))) {
            measure(nanos);
        }
        if (usageTimer.due(nanos, USAGE)) {
            watchOwnUsage();
        }
        if (lossTimer.due(nanos, LOSS)) {
            reportLoss();
        }
        Duration passed = logTimer.since(nanos, config.logInterval());
        if (logTimer.due(nanos, config.logInterval())) {
            logs.poll(now(), passed);
        }
    }

    private int factor() {
        return budget.shedding() ? SHED_FACTOR : 1;
    }

    private void heartbeat() {
        Map<String, Object> health = new LinkedHashMap<>();
        health.put("memory", (double) usage.memoryBytes());
        health.put("cpu", usage.cpuShare());
        health.put("buffered", (double) buffer.fill().entries());
        health.put("shedding", budget.shedding());
        heartbeats.accept(new Uplink.Heartbeat(now(), ++heartbeatsSent, health));
    }

    private void measure(long nanos) {
        Map<String, Object> measured = metrics.read(nanos);
        kelvin = measured.get("temperature.cpu") instanceof Double hottest
                ? OptionalDouble.of(hottest)
                : OptionalDouble.empty();
        measured.keySet().removeAll(config.withoutMetrics());
        long ts = now();
        RuleEngine.Outcome outcome = rules.measured(Duration.ofNanos(nanos), measured);
        if (!outcome.values().isEmpty()) {
            outbound.send(new Uplink.Telemetry(List.of(new Uplink.Reading(ts, outcome.values()))));
        }
        if (!outcome.crossings().isEmpty()) {
            outbound.send(new Uplink.Events(outcome.crossings().stream()
                    .map(crossing -> event(ts, crossing))
                    .toList()));
        }
    }

    private static Uplink.Event event(long ts, RuleEngine.Crossing crossing) {
        String way = crossing.threshold().above() ? "above " : "below ";
        Map<String, Object> data = Map.of(
                "metric",
                crossing.metric(),
                "value",
                crossing.value(),
                "limit",
                crossing.threshold().limit());
        return crossing.crossed()
                ? new Uplink.Event(
                        ts,
                        "metric.threshold.crossed",
                        crossing.threshold().severity(),
                        crossing.metric() + " is " + crossing.value() + ", " + way
                                + crossing.threshold().limit(),
                        data)
                : new Uplink.Event(
                        ts,
                        "metric.threshold.cleared",
                        Severity.INFO,
                        crossing.metric() + " is " + crossing.value() + " again, not " + way
                                + crossing.threshold().limit(),
                        data);
    }

    private void watchOwnUsage() {
        usage = ownUsage.read(kelvin);
        if (++usagesRead <= STARTING) {
            return; // the start is dear, and over
        }
        for (Budget.Change change : budget.measured(usage)) {
            logs.follow(sources());
            event(
                    "agent.budget." + change.name().toLowerCase(Locale.ROOT),
                    severity(change),
                    message(change),
                    Map.of("memoryBytes", usage.memoryBytes(), "cpuShare", usage.cpuShare()));
        }
        heavyWorkAllowed = budget.allowsHeavyWork();
    }

    private static Severity severity(Budget.Change change) {
        return switch (change) {
            case SHED, PAUSED_BY_HEAT -> Severity.WARN;
            case RESTORED, RESUMED_BY_COOLNESS -> Severity.INFO;
        };
    }

    private String message(Budget.Change change) {
        return switch (change) {
            case SHED ->
                "the agent uses %d MiB and %.1f%% of a processor, beyond its budget of %d MiB and %.1f%%; it measures a quarter as often"
                        .formatted(
                                usage.memoryBytes() >> 20,
                                usage.cpuShare() * 100,
                                config.budget().memoryBytes() >> 20,
                                config.budget().cpuShare() * 100);
            case RESTORED -> "the agent is within its budget again";
            case PAUSED_BY_HEAT ->
                "the processor has %.1f K, above %.1f K; downloads and other heavy work pause"
                        .formatted(kelvin.orElse(0), config.budget().pauseAboveKelvin());
            case RESUMED_BY_COOLNESS -> "the processor is cool enough; heavy work goes on";
        };
    }

    /** While it sheds, a quarter of the lines. */
    private List<LogSource> sources() {
        return config.logs().stream()
                .map(source -> new LogSource(
                        source.name(),
                        source.paths(),
                        source.severity(),
                        Math.max(1, source.linesPerSecond() / factor())))
                .toList();
    }

    private void reportLoss() {
        long lost = buffer.fill().lost();
        if (lost > 0) {
            event(
                    "agent.buffer.dropped",
                    Severity.WARN,
                    lost + " messages were given up because the buffer was full or its disk damaged",
                    Map.of("messages", lost));
            buffer.lossReported(lost);
        }
    }

    private void event(String type, Severity severity, String message, Map<String, Object> data) {
        LOG.log(severity == Severity.WARN ? System.Logger.Level.WARNING : System.Logger.Level.INFO, "{0}", message);
        outbound.send(new Uplink.Events(List.of(new Uplink.Event(now(), type, severity, message, data))));
    }

    private long now() {
        return clock.instant().toEpochMilli();
    }

    public synchronized Budget.Usage usage() {
        return usage;
    }

    public synchronized boolean shedding() {
        return budget.shedding();
    }

    @Override
    public synchronized void close() throws IOException {
        logs.close();
    }

    /** Due at once, then each time an interval has passed; a changed interval counts from the last time. */
    private static final class Timer {
        private boolean started;
        private long at;

        /** Since it was due last; an interval where it never was. */
        Duration since(long nanos, Duration interval) {
            return started ? Duration.ofNanos(nanos - at) : interval;
        }

        boolean due(long nanos, Duration interval) {
            long length = interval.toNanos();
            if (started && nanos - at < length) {
                return false;
            }
            // Keeps the beat where it can, so that turns of a second do not add up.
            at = started && nanos - at < 2 * length ? at + length : nanos;
            started = true;
            return true;
        }
    }
}
