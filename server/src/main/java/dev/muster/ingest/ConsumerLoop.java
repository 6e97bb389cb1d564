package dev.muster.ingest;

import dev.muster.gateway.journal.Journal;
import dev.muster.gateway.journal.JournalEntry;
import dev.muster.gateway.journal.JournalReader;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * One consumer's thread: reads a batch, has it accepted, commits. A store that is away is waited for; an entry that the
 * consumer cannot take is searched for by halving the batch and set aside.
 */
final class ConsumerLoop implements Runnable {
    static final Duration POLL_WAIT = Duration.ofMillis(250);
    /** Entries of one poll. Payloads are bounded too, so this bounds the memory of a batch. */
    static final int POLL_ENTRIES = 1024;
    /** Between two looks of one that has caught up. */
    private static final Duration PACE = Duration.ofMillis(20);
    /** More bad entries than this in one batch are not bad entries: the consumer or its store is at fault. */
    static final int MAX_SET_ASIDE = 16;

    private static final Logger log = LoggerFactory.getLogger(ConsumerLoop.class);

    private final Consumer consumer;
    private final Journal journal;
    private final DeadLetters deadLetters;
    private final PipelineConfig config;
    private final Duration linger;
    private final Clock clock;
    private final Processed processed;
    private final Timer latency;
    private final Counter entries;
    private final Counter failures;
    private final Counter setAside;
    private final CountDownLatch stopped = new CountDownLatch(1);

    private volatile long position = -1;
    private volatile @Nullable Standstill standstill;

    /** @param since when the consumer's last success was followed by this failure */
    private record Standstill(Instant since, String reason) {}

    /** Follows how long messages took, of those that are measured. */
    @FunctionalInterface
    interface Processed {
        void took(String asset, long receivedAt, long millis);
    }

    private record BadEntry(JournalEntry entry, Throwable failure) {}

    /** More than {@link #MAX_SET_ASIDE} entries of a batch failed. */
    private static final class TooManyBadEntries extends RuntimeException {
        private static final long serialVersionUID = 1L;

        TooManyBadEntries(Throwable last) {
            super("more than " + MAX_SET_ASIDE + " entries of one batch fail, the last with " + last, last);
        }
    }

    ConsumerLoop(
            Consumer consumer,
            Journal journal,
            DeadLetters deadLetters,
            PipelineConfig config,
            MeterRegistry meters,
            Clock clock,
            Processed processed) {
        this.consumer = consumer;
        this.processed = processed;
        this.journal = journal;
        this.deadLetters = deadLetters;
        this.config = config;
        this.linger = consumer.linger().orElse(config.linger());
        this.clock = clock;
        this.latency = Timer.builder("muster.ingest.latency")
                .description(
                        "From receiving a message to having it durable in the consumer's store, of one in each millisecond")
                .tag("consumer", consumer.name())
                .publishPercentiles(0.5, 0.99)
                .register(meters);
        this.entries = counter(meters, "muster.ingest.entries", "Journal entries read");
        this.failures =
                counter(meters, "muster.ingest.failures", "Batches that a consumer could not take and tried again");
        this.setAside =
                counter(meters, "muster.ingest.dead.letters", "Entries set aside because a consumer cannot take them");
        Gauge.builder("muster.ingest.lag", this, ConsumerLoop::lag)
                .description("Durable journal entries that the consumer has not accepted")
                .tag("consumer", consumer.name())
                .register(meters);
    }

    private Counter counter(MeterRegistry meters, String name, String description) {
        return Counter.builder(name)
                .description(description)
                .tag("consumer", consumer.name())
                .register(meters);
    }

    Optional<String> problem() {
        Standstill now = standstill;
        return now == null
                ? Optional.empty()
                : Optional.of("consumer " + consumer.name() + " stands still since " + now.since() + ", " + (long) lag()
                        + " entries behind: " + now.reason());
    }

    /** The offset of the next entry that the consumer has not accepted. */
    long position() {
        return position;
    }

    private double lag() {
        return position < 0 ? 0 : Math.max(0, journal.health().nextOffset() - position);
    }

    void stop() {
        stopped.countDown();
    }

    private boolean isStopped() {
        return stopped.getCount() == 0;
    }

    @Override
    public void run() {
        int attempt = 0;
        try (JournalReader reader = journal.reader(consumer.name())) {
            position = reader.committed();
            while (!isStopped()) {
                long from = reader.position();
                try {
                    List<JournalEntry> batch = read(reader);
                    if (!batch.isEmpty()) {
                        take(batch, attempt);
                    }
                    long next = reader.position();
                    if (next == from) {
                        consumer.caughtUp();
                        reader.commit(consumer.durable(position));
                    } else {
                        reader.commit(consumer.durable(next));
                        recovered(); // before the position, by which others see that it goes on
                        position = next;
                        measure(batch);
                    }
                    attempt = 0;
                    recovered();
                } catch (RuntimeException | Error e) {
                    attempt++;
                    failed(e, attempt);
                    if (reader.position() != from) {
                        reader.seek(from);
                    }
                    stopped.await(backoff(attempt).toMillis(), TimeUnit.MILLISECONDS);
                }
            }
        } catch (InterruptedException e) {
            log.info("consumer {} was interrupted while closing", consumer.name());
        } catch (RuntimeException | Error e) {
            standstill = new Standstill(clock.instant(), "its thread died: " + e);
            log.error("consumer {} died; it goes on after a restart", consumer.name(), e);
        }
    }

    /**
     * A batch, collected for a little while: stores like few large commits. What does not concern it is passed over. The journal is
     * looked at every {@link #PACE} and not after each of its syncs, which would wake all consumers for a few entries.
     */
    private List<JournalEntry> read(JournalReader reader) throws InterruptedException {
        List<JournalEntry> batch = new ArrayList<>();
        long bytes = 0;
        long deadline = 0;
        Duration wait = POLL_WAIT;
        while (true) {
            int most = Math.min(POLL_ENTRIES, config.maxBatchEntries() - batch.size());
            List<JournalEntry> polled = reader.poll(most, wait);
            boolean begins = batch.isEmpty();
            bytes += addWanted(polled, batch);
            boolean caughtUp = polled.size() < most;
            long left = PACE.toNanos();
            if (!batch.isEmpty()) {
                deadline = begins ? System.nanoTime() + linger.toNanos() : deadline;
                left = deadline - System.nanoTime();
                if (left <= 0 || batch.size() == config.maxBatchEntries() || bytes >= config.maxBatchBytes()) {
                    return batch;
                }
            }
            if (caughtUp && !polled.isEmpty()) {
                stopped.await(Math.min(left, PACE.toNanos()), TimeUnit.NANOSECONDS);
            }
            if (batch.isEmpty() || isStopped()) {
                return batch;
            }
            wait = Duration.ofNanos(left);
        }
    }

    /** Returns the bytes of their payloads. */
    private long addWanted(List<JournalEntry> polled, List<JournalEntry> batch) {
        long bytes = 0;
        for (JournalEntry entry : polled) {
            if (consumer.wants(entry)) {
                batch.add(entry);
                bytes += entry.payload().length;
            }
        }
        return bytes;
    }

    private void take(List<JournalEntry> batch, int attempt) {
        try {
            consumer.accept(batch);
        } catch (RuntimeException | Error e) {
            if (Outage.isBehind(e) || attempt + 1 < config.attempts()) {
                throw e;
            }
            List<BadEntry> bad = new ArrayList<>();
            takeInHalves(batch, e, bad);
            // Only now: when too many are bad, none is set aside.
            bad.forEach(this::setAside);
        }
    }

    private void takeInHalves(List<JournalEntry> batch, Throwable failure, List<BadEntry> bad) {
        if (batch.size() == 1) {
            bad.add(new BadEntry(batch.getFirst(), failure));
            if (bad.size() > MAX_SET_ASIDE) {
                throw new TooManyBadEntries(failure);
            }
            return;
        }
        int middle = batch.size() / 2;
        for (List<JournalEntry> half : List.of(batch.subList(0, middle), batch.subList(middle, batch.size()))) {
            try {
                consumer.accept(half);
            } catch (RuntimeException | Error e) {
                if (Outage.isBehind(e)) {
                    throw e;
                }
                takeInHalves(half, e, bad);
            }
        }
    }

    private void setAside(BadEntry bad) {
        JournalEntry entry = bad.entry();
        deadLetters.add(consumer.name(), entry, bad.failure());
        setAside.increment();
        try (var _ = MDC.putCloseable("asset", entry.asset().value())) {
            log.error(
                    "consumer {} cannot take {} after {} attempts; it is set aside in {}",
                    consumer.name(),
                    entry,
                    config.attempts(),
                    deadLetters.fileOf(consumer.name()),
                    bad.failure());
        }
    }

    /** Entries of the same millisecond waited equally long: one of them is measured. */
    private void measure(List<JournalEntry> batch) {
        long now = clock.millis();
        long measured = Long.MIN_VALUE;
        for (JournalEntry entry : batch) {
            if (entry.receivedAt() != measured) {
                measured = entry.receivedAt();
                latency.record(Math.max(0, now - measured), TimeUnit.MILLISECONDS);
                processed.took(entry.asset().value(), measured, Math.max(0, now - measured));
            }
        }
        entries.increment(batch.size());
    }

    private void failed(Throwable failure, int attempt) {
        failures.increment();
        Standstill before = standstill;
        standstill = new Standstill(before == null ? clock.instant() : before.since(), rootOf(failure));
        if (attempt == 1) {
            log.warn("consumer {} stands still and tries again: {}", consumer.name(), rootOf(failure), failure);
        }
    }

    private void recovered() {
        Standstill before = standstill;
        if (before != null) {
            standstill = null;
            log.info("consumer {} goes on; it stood still since {}", consumer.name(), before.since());
        }
    }

    private static String rootOf(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null && root.getCause() != root) {
            root = root.getCause();
        }
        String reason = String.valueOf(failure.getMessage());
        return root == failure ? reason : reason + " (" + root.getMessage() + ")";
    }

    private Duration backoff(int attempt) {
        long doubled = config.minBackoff().toMillis() << Math.min(attempt - 1, 20);
        long bounded = Math.min(doubled, config.maxBackoff().toMillis());
        return Duration.ofMillis(bounded - ThreadLocalRandom.current().nextLong(bounded / 5 + 1));
    }
}
