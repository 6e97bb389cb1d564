package dev.muster.telemetry.full;

import dev.muster.protocol.AssetId;
import dev.muster.telemetry.intake.WholeLogs;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
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

/**
 * The windows that are open, in memory: a change through this server counts at once, one through another within {@link
 * #INTERVAL}. While the database is away those last known stay.
 */
@Component
class OpenWindows implements WholeLogs, SmartLifecycle {
    static final Duration INTERVAL = Duration.ofSeconds(5);
    private static final Logger log = LoggerFactory.getLogger(OpenWindows.class);

    private final FullLogStore store;
    private final Clock clock;
    private volatile Map<AssetId, Long> untils = Map.of();
    private volatile @Nullable ScheduledExecutorService thread;

    OpenWindows(FullLogStore store, Clock clock) {
        this.store = store;
        this.clock = clock;
    }

    @Override
    public boolean wanted(AssetId asset, long receivedAt) {
        Long until = untils.get(asset);
        return until != null && receivedAt < until;
    }

    void refresh() {
        Map<AssetId, Long> read = new HashMap<>();
        store.open(clock.instant())
                .forEach(window -> read.put(window.asset(), window.until().toEpochMilli()));
        untils = read;
    }

    private void refreshOrWait() {
        try {
            refresh();
        } catch (DataAccessException | CannotCreateTransactionException e) {
            log.debug("windows of full logs cannot be read, the known ones stay", e);
        } catch (RuntimeException e) {
            log.error("windows of full logs cannot be read, the known ones stay", e);
        }
    }

    @Override
    public void start() {
        refreshOrWait();
        ScheduledExecutorService started = Executors.newSingleThreadScheduledExecutor(
                Thread.ofVirtual().name("full-logs").factory());
        started.scheduleWithFixedDelay(
                this::refreshOrWait, INTERVAL.toMillis(), INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
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
