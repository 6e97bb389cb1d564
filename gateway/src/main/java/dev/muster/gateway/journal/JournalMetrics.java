package dev.muster.gateway.journal;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** What the journal tells Prometheus, all under {@code muster.journal}. */
final class JournalMetrics implements AutoCloseable {
    private final MeterRegistry registry;
    private final List<Meter> gauges = new ArrayList<>();
    private final Counter entries;
    private final DistributionSummary batch;
    private final Timer sync;
    private final Timer wait;
    private final Map<Intake.Answer, Counter> refused = new EnumMap<>(Intake.Answer.class);
    private final Map<JournalFailure.Reason, Counter> failed = new EnumMap<>(JournalFailure.Reason.class);

    JournalMetrics(MeterRegistry registry) {
        this.registry = registry;
        this.entries = Counter.builder("muster.journal.entries")
                .description("entries made durable")
                .register(registry);
        this.batch = DistributionSummary.builder("muster.journal.batch")
                .description("entries made durable by one sync")
                .register(registry);
        this.sync = Timer.builder("muster.journal.sync")
                .description("time of one fdatasync")
                .publishPercentiles(0.5, 0.99)
                .distributionStatisticExpiry(Duration.ofMinutes(1))
                .register(registry);
        this.wait = Timer.builder("muster.journal.wait")
                .description("from offering an entry until it is durable, of the oldest in each batch")
                .publishPercentiles(0.5, 0.99)
                .distributionStatisticExpiry(Duration.ofMinutes(1))
                .register(registry);
        for (Intake.Answer answer : Intake.Answer.values()) {
            if (answer != Intake.Answer.TAKEN) {
                refused.put(answer, counter("muster.journal.refused", "offers not taken", answer.name()));
            }
        }
        for (JournalFailure.Reason reason : JournalFailure.Reason.values()) {
            failed.put(reason, counter("muster.journal.failed", "entries taken, not made durable", reason.name()));
        }
    }

    private Counter counter(String name, String description, String reason) {
        return Counter.builder(name)
                .description(description)
                .tag("reason", reason.toLowerCase(java.util.Locale.ROOT))
                .register(registry);
    }

    void gauge(String name, String description, Supplier<Number> value) {
        add(Gauge.builder("muster.journal." + name, value)
                .description(description)
                .register(registry));
    }

    void lag(String consumer, Supplier<Number> value) {
        add(Gauge.builder("muster.journal.lag", value)
                .description("entries that the consumer has not committed")
                .tag("consumer", consumer)
                .register(registry));
    }

    private synchronized void add(Meter gauge) {
        gauges.add(gauge);
    }

    /** The consumer's entries that this version could not decode. */
    Counter undecodable(String consumer) {
        return Counter.builder("muster.journal.undecodable")
                .description("entries skipped because this version cannot decode them")
                .tag("consumer", consumer)
                .register(registry);
    }

    void synced(long nanos) {
        sync.record(nanos, TimeUnit.NANOSECONDS);
    }

    /** @param oldestNanos how long the first of them had waited */
    void durable(int count, long oldestNanos) {
        entries.increment(count);
        batch.record(count);
        wait.record(oldestNanos, TimeUnit.NANOSECONDS);
    }

    void refused(Intake.Answer answer) {
        Counter counter = refused.get(answer);
        if (counter != null) {
            counter.increment();
        }
    }

    void failed(JournalFailure.Reason reason, int count) {
        Counter counter = failed.get(reason);
        if (counter != null) {
            counter.increment(count);
        }
    }

    /** Gauges hold on to the journal; another one may follow in the same registry. */
    @Override
    public synchronized void close() {
        gauges.forEach(registry::remove);
        gauges.clear();
    }
}
