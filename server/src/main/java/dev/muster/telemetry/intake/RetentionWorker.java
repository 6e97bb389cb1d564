package dev.muster.telemetry.intake;

import dev.muster.telemetry.store.StoreUnavailableException;
import dev.muster.telemetry.store.TelemetryStore;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.CannotCreateTransactionException;

/** Tells the store how long the rows of each type are kept, soon after a type changed, and has it delete the rest. */
@Component
class RetentionWorker implements SmartLifecycle {
    static final Duration INTERVAL = Duration.ofSeconds(20);
    static final Duration EXPIRE_EVERY = Duration.ofHours(1);
    private static final Logger log = LoggerFactory.getLogger(RetentionWorker.class);

    private final TelemetryStore store;
    private final RegistrySchemas schemas;
    private final Clock clock;
    private volatile @Nullable ScheduledExecutorService thread;
    private Instant expireAt = Instant.MIN;

    RetentionWorker(TelemetryStore store, RegistrySchemas schemas, Clock clock) {
        this.store = store;
        this.schemas = schemas;
        this.clock = clock;
    }

    /** One round now, in the caller's thread. */
    void round() {
        for (TypeSchema schema : schemas.all()) {
            store.retain(schema.type(), schema.retention());
        }
        Instant now = clock.instant();
        if (!now.isBefore(expireAt)) {
            store.expire(now);
            expireAt = now.plus(EXPIRE_EVERY);
        }
    }

    private void roundOrWarn() {
        try {
            round();
        } catch (StoreUnavailableException | DataAccessException | CannotCreateTransactionException e) {
            log.warn("retention is not applied now, trying again in {} s: {}", INTERVAL.toSeconds(), e.getMessage());
        } catch (RuntimeException e) {
            log.error("retention is not applied now, trying again in {} s", INTERVAL.toSeconds(), e);
        }
    }

    @Override
    public void start() {
        ScheduledExecutorService started = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name("retention").factory());
        started.scheduleWithFixedDelay(
                this::roundOrWarn, INTERVAL.toMillis(), INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
        thread = started;
    }

    @Override
    public void stop() {
        ScheduledExecutorService running = thread;
        if (running != null) {
            running.close();
            thread = null;
        }
    }

    @Override
    public boolean isRunning() {
        return thread != null;
    }
}
