package dev.muster.registry.asset;

import dev.muster.audit.AuditLog;
import dev.muster.identity.Actor;
import dev.muster.platform.event.EventLog;
import dev.muster.protocol.AssetId;
import dev.muster.registry.Asset;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Makes provisioned assets active when they are heard of; those in any other lifecycle stay as they are.
 *
 * <p>A batch at a time, because a fleet that is switched on speaks for the first time all at once.
 */
@Component
public class FirstReadings {
    static final int BATCH = 500;

    private final AssetStore assets;
    private final AuditLog audit;
    private final EventLog events;
    private final List<AssetListener> listeners;
    private final Clock clock;
    private final TransactionTemplate transaction;

    public FirstReadings(
            AssetStore assets,
            AuditLog audit,
            EventLog events,
            List<AssetListener> listeners,
            Clock clock,
            PlatformTransactionManager transactions) {
        this.assets = assets;
        this.audit = audit;
        this.events = events;
        this.listeners = List.copyOf(listeners);
        this.clock = clock;
        this.transaction = new TransactionTemplate(transactions);
    }

    /** These assets have reported; again changes nothing. Each batch is whole or not at all. */
    public void heardOf(Collection<AssetId> reporting) {
        List<AssetId> ordered = reporting.stream().sorted().toList();
        for (int start = 0; start < ordered.size(); start += BATCH) {
            List<AssetId> batch = ordered.subList(start, Math.min(start + BATCH, ordered.size()));
            transaction.executeWithoutResult(_ -> activate(batch));
        }
    }

    private void activate(List<AssetId> batch) {
        if (!assets.anyProvisioned(batch)) {
            return;
        }
        listeners.forEach(AssetListener::beforeChange);
        Map<AssetId, Asset> before = byId(assets.lockProvisioned(batch));
        List<Asset> active = assets.activate(before.keySet(), clock.instant().truncatedTo(ChronoUnit.MILLIS));
        listeners.forEach(listener -> listener.changed(active));
        for (Asset asset : active) {
            AssetView view = AssetView.of(asset);
            audit.record(
                    Actor.SYSTEM,
                    "asset.update",
                    "asset",
                    asset.id().value(),
                    AssetView.of(Objects.requireNonNull(before.get(asset.id()))),
                    view);
            events.append("asset.updated", "asset/" + asset.id(), view);
        }
    }

    private static Map<AssetId, Asset> byId(List<Asset> assets) {
        return assets.stream().collect(Collectors.toMap(Asset::id, Function.identity()));
    }
}
