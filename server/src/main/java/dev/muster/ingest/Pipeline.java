package dev.muster.ingest;

import dev.muster.gateway.journal.Journal;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Runs every consumer on a thread of its own, from the journal to its store. */
public final class Pipeline implements AutoCloseable {
    private static final Duration CLOSE_WAIT = Duration.ofSeconds(20);

    private final Journal journal;
    private final List<ConsumerLoop> loops = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();

    private Pipeline(Journal journal) {
        this.journal = journal;
    }

    public static Pipeline start(
            Journal journal,
            List<Consumer> consumers,
            DeadLetters deadLetters,
            PipelineConfig config,
            MeterRegistry meters,
            Clock clock) {
        return start(journal, consumers, deadLetters, config, meters, clock, (asset, receivedAt, millis) -> {});
    }

    static Pipeline start(
            Journal journal,
            List<Consumer> consumers,
            DeadLetters deadLetters,
            PipelineConfig config,
            MeterRegistry meters,
            Clock clock,
            ConsumerLoop.Processed processed) {
        Pipeline pipeline = new Pipeline(journal);
        for (Consumer consumer : consumers) {
            ConsumerLoop loop = new ConsumerLoop(consumer, journal, deadLetters, config, meters, clock, processed);
            pipeline.loops.add(loop);
            // Platform threads: the telemetry store keeps native memory per thread.
            pipeline.threads.add(Thread.ofPlatform()
                    .daemon()
                    .name("ingest-" + consumer.name())
                    .start(loop));
        }
        return pipeline;
    }

    /** Which consumers stand still, and why; empty when all go on. */
    public Optional<String> problem() {
        String problems =
                loops.stream().flatMap(loop -> loop.problem().stream()).collect(Collectors.joining("; "));
        return problems.isEmpty() ? Optional.empty() : Optional.of(problems);
    }

    /** Waits until every consumer has committed what is durable in the journal now; false when that takes longer. */
    public boolean awaitCaughtUp(Duration atMost) throws InterruptedException {
        long target = journal.health().nextOffset();
        long deadline = System.nanoTime() + atMost.toNanos();
        while (loops.stream().anyMatch(loop -> loop.position() < target)) {
            if (System.nanoTime() > deadline) {
                return false;
            }
            Thread.sleep(5);
        }
        return true;
    }

    /** Consumers finish their batch; what is not committed comes again at the next start. */
    @Override
    public void close() {
        loops.forEach(ConsumerLoop::stop);
        boolean interrupted = false;
        for (Thread thread : threads) {
            try {
                if (!thread.join(CLOSE_WAIT)) {
                    thread.interrupt();
                }
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
