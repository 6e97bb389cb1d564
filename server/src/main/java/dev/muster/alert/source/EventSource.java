package dev.muster.alert.source;

import dev.muster.alert.Signal;
import dev.muster.alert.state.Alert;
import dev.muster.alert.state.AlertStore;
import dev.muster.alert.state.Alerts;
import dev.muster.platform.event.EventLog;
import dev.muster.platform.event.LoggedEvent;
import dev.muster.platform.id.Ids;
import dev.muster.platform.lease.Lease;
import dev.muster.platform.lease.LeasedWorker;
import dev.muster.platform.lease.Leases;
import dev.muster.protocol.AssetId;
import dev.muster.registry.Presence;
import dev.muster.registry.asset.AssetStore;
import dev.muster.registry.asset.AssetStore.Reach;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Follows the event log, and makes signals of what it says is wrong; each entry once, with the place in the same transaction. */
@Component
class EventSource implements SmartLifecycle {
    private static final int AT_ONCE = 500;
    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final Duration LOOK_EVERY = Duration.ofMinutes(1);

    private final EventLog events;
    private final Alerts alerts;
    private final AlertStore store;
    private final AssetStore assets;
    private final JdbcClient jdbc;
    private final Leases leases;
    private final Clock clock;
    private final String holder;
    private final TransactionTemplate transaction;
    private Instant looked = Instant.EPOCH;
    private volatile @Nullable LeasedWorker worker;

    EventSource(
            EventLog events,
            Alerts alerts,
            AlertStore store,
            AssetStore assets,
            JdbcClient jdbc,
            Leases leases,
            Ids ids,
            Clock clock,
            PlatformTransactionManager transactions) {
        this.events = events;
        this.alerts = alerts;
        this.store = store;
        this.assets = assets;
        this.jdbc = jdbc;
        this.leases = leases;
        this.clock = clock;
        this.holder = "alert-events-" + ids.next();
        this.transaction = new TransactionTemplate(transactions);
    }

    private boolean round(Lease lease) {
        List<LoggedEvent> read = events.after(position(), AT_ONCE);
        if (!read.isEmpty()) {
            List<Signal> signals = read.stream()
                    .flatMap(event -> EventSignals.of(event).stream())
                    .toList();
            transaction.executeWithoutResult(status -> {
                leases.requireHeld(lease);
                signals.forEach(signal -> alerts.take(EventSignals.SOURCE, List.of(signal)));
                save(read.getLast().position());
            });
        }
        recovered(lease);
        return read.size() == AT_ONCE;
    }

    /** What was thought bricked and is heard of again is not. */
    private void recovered(Lease lease) {
        Instant now = clock.instant();
        if (now.isBefore(looked.plus(LOOK_EVERY))) {
            return;
        }
        looked = now;
        List<Alert> open = store.openOf(EventSignals.SOURCE).stream()
                .filter(alert -> alert.name().equals(EventSignals.BRICKED))
                .toList();
        Map<AssetId, Reach> reach = assets.reach(open.stream()
                .flatMap(alert -> AssetId.parse(alert.labels().getOrDefault(Signal.ASSET, "")).stream())
                .toList());
        List<Signal> over = new ArrayList<>();
        for (Alert alert : open) {
            Reach found = AssetId.parse(alert.labels().getOrDefault(Signal.ASSET, ""))
                    .map(reach::get)
                    .orElse(null);
            if (found == null || found.presence() == Presence.ONLINE) {
                over.add(new Signal(
                        alert.labels(), alert.annotations(), alert.startsAt(), Optional.of(now), alert.origin()));
            }
        }
        if (!over.isEmpty()) {
            transaction.executeWithoutResult(status -> {
                leases.requireHeld(lease);
                alerts.take(EventSignals.SOURCE, over);
            });
        }
    }

    private long position() {
        return jdbc.sql("select position from alert_follower where name = :name")
                .param("name", EventSignals.SOURCE)
                .query(Long.class)
                .optional()
                .orElse(0L);
    }

    private void save(long position) {
        jdbc.sql("insert into alert_follower (name, position) values (:name, :position)"
                        + " on conflict (name) do update set position = excluded.position")
                .param("name", EventSignals.SOURCE)
                .param("position", position)
                .update();
    }

    @Override
    public void start() {
        worker = new LeasedWorker(leases, "alert-events", holder, PAUSE, this::round);
    }

    @Override
    public void stop() {
        LeasedWorker running = worker;
        worker = null;
        if (running != null) {
            running.close();
        }
    }

    @Override
    public boolean isRunning() {
        return worker != null;
    }
}
