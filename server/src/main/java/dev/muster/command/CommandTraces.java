package dev.muster.command;

import dev.muster.gateway.signal.Span;
import dev.muster.platform.config.Settings;
import dev.muster.protocol.Uplink;
import dev.muster.telemetry.store.SpanStore;
import dev.muster.telemetry.store.StoreUnavailableException;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;

/**
 * Keeps the traces of commands that have ended, with the spans of their assets: of those that did not succeed always, of the others up
 * to so many a minute.
 *
 * <p>Beside the way of the commands, which never waits for it: what waits here is bounded, beyond that and in a kill traces are lost
 * and counted, and the history of the command still tells all that the server knows.
 */
@Component
class CommandTraces implements SmartLifecycle {
    /** Commands whose trace is not stored yet. */
    static final int MAX_WAITING = 5_000;

    private static final Logger LOG = LoggerFactory.getLogger(CommandTraces.class);
    private static final int AT_ONCE = 200;
    private static final long PAUSE_MILLIS = 200;

    private record Ended(Command command, List<Uplink.Span> said) {}

    private final CommandStore store;
    private final SpanStore spans;
    private final Clock clock;
    private final int perMinute;
    private final Counter kept;
    private final Counter leftOut;
    private final Counter lost;
    private final BlockingQueue<Ended> waiting = new ArrayBlockingQueue<>(MAX_WAITING);
    private long minute;
    private int ofMinute;
    private volatile boolean running;
    private @Nullable Thread thread;

    CommandTraces(CommandStore store, SpanStore spans, Clock clock, MeterRegistry meters, Settings settings) {
        this.store = store;
        this.spans = spans;
        this.clock = clock;
        this.perMinute = settings.get(CommandSettings.TRACES_PER_MINUTE);
        this.kept = counter(meters, "kept");
        this.leftOut = counter(meters, "left_out");
        this.lost = counter(meters, "lost");
    }

    private static Counter counter(MeterRegistry meters, String outcome) {
        return Counter.builder("muster.command.traces")
                .description("Traces of ended commands: kept, left out because there were many, lost")
                .tag("outcome", outcome)
                .register(meters);
    }

    /** After the commit; never waits. @param said by the asset with its last word */
    void settled(Command command, List<Uplink.Span> said) {
        if (!isWanted(command.status())) {
            leftOut.increment();
        } else if (!waiting.offer(new Ended(command, said))) {
            lost.increment();
        }
    }

    private synchronized boolean isWanted(Status status) {
        if (status != Status.SUCCEEDED) {
            return true;
        }
        long now = clock.millis() / 60_000;
        if (now != minute) {
            minute = now;
            ofMinute = 0;
        }
        return ofMinute++ < perMinute;
    }

    @Override
    public void start() {
        running = true;
        // A platform thread: the telemetry store keeps native memory per thread.
        thread = Thread.ofPlatform().daemon().name("command-traces").start(this::run);
    }

    /** What waits is stored. */
    @Override
    public void stop() {
        running = false;
        Thread worker = thread;
        if (worker != null) {
            try {
                worker.join(TimeUnit.SECONDS.toMillis(5));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    private void run() {
        while (running || !waiting.isEmpty()) {
            List<Ended> ended = new ArrayList<>();
            try {
                Ended first = waiting.poll(PAUSE_MILLIS, TimeUnit.MILLISECONDS);
                if (first == null) {
                    continue;
                }
                ended.add(first);
                waiting.drainTo(ended, AT_ONCE - 1);
                keep(ended);
                kept.increment(ended.size());
            } catch (DataAccessException | TransactionException | StoreUnavailableException e) {
                lost.increment(ended.size());
                LOG.warn("the traces of {} commands are lost: {}", ended.size(), e.getMessage());
            } catch (RuntimeException e) {
                lost.increment(ended.size());
                LOG.error("the traces of {} commands are lost", ended.size(), e);
            } catch (InterruptedException e) {
                throw new IllegalStateException("nobody interrupts the traces of commands", e);
            }
        }
    }

    /** On return they are on disk. */
    private void keep(List<Ended> ended) {
        List<String> ids = ended.stream().map(each -> each.command().id()).toList();
        Map<String, List<CommandStore.Line>> histories = store.histories(ids);
        Map<String, Long> parents = new HashMap<>(store.traceParents(ids));
        long now = clock.millis();
        List<SpanStore.Row> rows = new ArrayList<>();
        for (Ended each : ended) {
            Command command = each.command();
            for (Span span : CommandSpans.of(
                    command,
                    histories.getOrDefault(command.id(), List.of()),
                    parents.getOrDefault(command.id(), 0L),
                    each.said())) {
                rows.add(new SpanStore.Row(command.asset(), now, span));
            }
        }
        spans.append(rows);
    }
}
