package dev.muster.alert.notify;

import dev.muster.alert.notify.Notification.Attempt;
import dev.muster.alert.notify.Notification.State;
import dev.muster.platform.event.EventLog;
import dev.muster.platform.lease.Lease;
import dev.muster.platform.lease.Leases;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Sends what is due in the outbox, some at once. That an attempt begins is written before it is sent, that it went well after: killed in
 * between, it is sent again with the same id.
 */
@Component
class Sender {
    private static final Logger LOG = LoggerFactory.getLogger(Sender.class);
    static final int AT_ONCE = 16;

    private final Outbox outbox;
    private final Transport transport;
    private final EventLog events;
    private final Leases leases;
    private final Clock clock;
    private final MeterRegistry meters;
    private final TransactionTemplate transaction;

    Sender(
            Outbox outbox,
            Transport transport,
            EventLog events,
            Leases leases,
            Clock clock,
            MeterRegistry meters,
            PlatformTransactionManager transactions) {
        this.outbox = outbox;
        this.transport = transport;
        this.events = events;
        this.leases = leases;
        this.clock = clock;
        this.meters = meters;
        this.transaction = new TransactionTemplate(transactions);
    }

    /** @return whether there may be more */
    boolean run(Lease lease) {
        List<Notification> due = outbox.due(now(), AT_ONCE);
        if (due.isEmpty()) {
            return false;
        }
        List<Notification> begun = due.stream().map(each -> each.begun(now())).toList();
        transaction.executeWithoutResult(status -> {
            leases.requireHeld(lease);
            begun.forEach(outbox::save);
        });
        List<Future<Attempt>> attempts = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            begun.forEach(each -> attempts.add(threads.submit(() -> transport.send(each))));
        }
        for (int i = 0; i < begun.size(); i++) {
            finish(begun.get(i), result(attempts.get(i)));
        }
        return due.size() == AT_ONCE;
    }

    private static Attempt result(Future<Attempt> attempt) {
        try {
            return attempt.get();
        } catch (ExecutionException fault) {
            LOG.error("a notification could not be tried", fault.getCause());
            return new Attempt.Failed("a fault of this server; its log says which", true);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return new Attempt.Failed("interrupted", true);
        }
    }

    private void finish(Notification begun, Attempt attempt) {
        Notification after = begun.after(attempt, now());
        transaction.executeWithoutResult(status -> {
            outbox.save(after);
            if (after.state() != State.WAITING) {
                Map<String, Object> data = new LinkedHashMap<>();
                data.put("id", after.id());
                data.put("receiver", after.receiver());
                data.put("recipient", after.recipient());
                data.put("fingerprints", after.fingerprints());
                data.put("channel", after.channel().kind());
                data.put("outcome", after.state().wire());
                if (!after.error().isEmpty()) {
                    data.put("error", after.error());
                }
                events.append("alert.notified", "notification/" + after.id(), data);
            }
        });
        Counter.builder("muster.alert.notifications")
                .description("Attempts to notify somebody, by channel and what came of them")
                .tag("channel", after.channel().kind())
                .tag(
                        "outcome",
                        attempt instanceof Attempt.Delivered
                                ? "delivered"
                                : after.state() == State.FAILED ? "failed" : "again")
                .register(meters)
                .increment();
        if (after.state() == State.FAILED) {
            LOG.error(
                    "notification {} to {} is given up after {} attempts: {}",
                    after.id(),
                    after.recipient(),
                    after.attempts(),
                    after.error());
        }
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }
}
