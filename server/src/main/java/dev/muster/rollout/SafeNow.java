package dev.muster.rollout;

import dev.muster.alert.OpenIncidents;
import dev.muster.protocol.AssetId;
import dev.muster.registry.Asset;
import dev.muster.registry.Lifecycle;
import dev.muster.registry.selector.Selectors;
import dev.muster.registry.type.AssetType;
import dev.muster.registry.type.AssetType.UpdatePolicy;
import dev.muster.registry.type.AssetType.UpdatePolicy.Bounds;
import dev.muster.registry.type.AssetType.UpdatePolicy.Space;
import dev.muster.registry.type.AssetTypes;
import dev.muster.rollout.engine.Clearance.Wait;
import dev.muster.rollout.engine.Reason;
import dev.muster.telemetry.store.TelemetryStore;
import dev.muster.telemetry.store.TelemetryStore.Value;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/**
 * Whether an asset may be updated at a moment: no open incident is about it, and what its type asks for holds ({@code updatePolicy}:
 * {@code requires} of the asset, {@code metrics} and {@code space} of its newest values). Where the type requires nothing of the asset,
 * whenever it is not in maintenance. A value that was never told, or too long ago, is not enough.
 */
@Component
class SafeNow {
    private final Function<String, Optional<UpdatePolicy>> policies;
    private final Selectors selectors;
    private final NewestValues newest;
    private final List<OpenIncidents> incidents;

    /** As {@link TelemetryStore#latest} tells them. */
    interface NewestValues {
        Map<AssetId, Map<String, Value>> of(String type, Collection<AssetId> assets, Collection<String> metrics);
    }

    @Autowired
    SafeNow(AssetTypes types, Selectors selectors, TelemetryStore telemetry, ObjectProvider<OpenIncidents> incidents) {
        this(
                type -> types.find(type).map(AssetType::updatePolicy),
                selectors,
                telemetry::latest,
                incidents.orderedStream().toList());
    }

    SafeNow(
            Function<String, Optional<UpdatePolicy>> policies,
            Selectors selectors,
            NewestValues newest,
            List<OpenIncidents> incidents) {
        this.policies = policies;
        this.selectors = selectors;
        this.newest = newest;
        this.incidents = List.copyOf(incidents);
    }

    /** What is known of some assets at a moment. */
    Carrier.Waiting of(Collection<Asset> assets, Instant now) {
        List<AssetId> ids = assets.stream().map(Asset::id).toList();
        Map<AssetId, String> open = new HashMap<>();
        incidents.forEach(keeper -> open.putAll(keeper.of(ids)));
        Map<AssetId, Map<String, Value>> values = values(assets);
        return (asset, bytes) -> {
            String incident = open.get(asset.id());
            if (incident != null) {
                return Optional.of(new Wait(Reason.INCIDENT, null, "open incident " + incident));
            }
            Map<String, Value> known = values.getOrDefault(asset.id(), Map.of());
            return policies.apply(asset.type())
                    .map(policy -> waits(asset, policy, bytes, known, now))
                    .orElseGet(() -> inMaintenance(asset));
        };
    }

    /** The newest ones that some type asks for; most ask for none. */
    private Map<AssetId, Map<String, Value>> values(Collection<Asset> assets) {
        Map<String, Set<AssetId>> byType = new TreeMap<>();
        assets.forEach(asset ->
                byType.computeIfAbsent(asset.type(), type -> new HashSet<>()).add(asset.id()));
        Map<AssetId, Map<String, Value>> values = new HashMap<>();
        byType.forEach((type, ids) -> policies.apply(type).ifPresent(policy -> {
            Set<String> metrics = new HashSet<>(policy.metrics().keySet());
            if (policy.space() != null) {
                metrics.add(policy.space().metric());
            }
            if (!metrics.isEmpty()) {
                values.putAll(newest.of(type, ids, metrics));
            }
        }));
        return values;
    }

    private Optional<Wait> waits(Asset asset, UpdatePolicy policy, long bytes, Map<String, Value> values, Instant now) {
        return unsafe(asset, policy, now)
                .or(() -> outOfBounds(asset, policy, values, now))
                .or(() -> noSpace(policy, bytes, values, now));
    }

    private Optional<Wait> unsafe(Asset asset, UpdatePolicy policy, Instant now) {
        if (policy.requires().isEmpty()) {
            return inMaintenance(asset);
        }
        if (selectors.compile(policy.requires()).matches(asset, now)) {
            return Optional.empty();
        }
        return inMaintenance(asset)
                .or(() -> Optional.of(new Wait(
                        Reason.UNSAFE,
                        null,
                        "its type " + asset.type() + " allows an update when " + policy.requires())));
    }

    private static Optional<Wait> inMaintenance(Asset asset) {
        return asset.lifecycle() == Lifecycle.MAINTENANCE
                ? Optional.of(new Wait(Reason.MAINTENANCE, null, "is in maintenance"))
                : Optional.empty();
    }

    private static Optional<Wait> outOfBounds(
            Asset asset, UpdatePolicy policy, Map<String, Value> values, Instant now) {
        for (Map.Entry<String, Bounds> each : new TreeMap<>(policy.metrics()).entrySet()) {
            String metric = each.getKey();
            Bounds bounds = each.getValue();
            Double found = value(values.get(metric), bounds.maxAge(), now);
            if (found == null || !isWithin(found, bounds)) {
                return Optional.of(new Wait(
                        Reason.UNSAFE,
                        null,
                        "its type " + asset.type() + " allows an update when " + metric + " is " + text(bounds) + "; "
                                + (found == null ? unknown(bounds.maxAge()) : "it is " + found)));
            }
        }
        return Optional.empty();
    }

    private static Optional<Wait> noSpace(UpdatePolicy policy, long bytes, Map<String, Value> values, Instant now) {
        Space space = policy.space();
        if (space == null || bytes == 0) {
            return Optional.empty();
        }
        Double free = value(values.get(space.metric()), space.maxAge(), now);
        long needed = space.needed(bytes);
        return free != null && free >= needed
                ? Optional.empty()
                : Optional.of(new Wait(
                        Reason.NO_SPACE,
                        null,
                        "needs " + needed + " bytes for an artifact of " + bytes + ", " + space.metric() + ": "
                                + (free == null ? unknown(space.maxAge()) : free.longValue() + " are free")));
    }

    private static @Nullable Double value(@Nullable Value value, Duration maxAge, Instant now) {
        if (value == null || Instant.ofEpochMilli(value.ts()).isBefore(now.minus(maxAge))) {
            return null;
        }
        return value.value() instanceof Number number ? (Double) number.doubleValue() : null;
    }

    private static boolean isWithin(double found, Bounds bounds) {
        return (bounds.min() == null || found >= bounds.min()) && (bounds.max() == null || found <= bounds.max());
    }

    private static String text(Bounds bounds) {
        if (bounds.max() == null) {
            return "at least " + bounds.min();
        }
        return bounds.min() == null ? "at most " + bounds.max() : "from " + bounds.min() + " to " + bounds.max();
    }

    private static String unknown(Duration maxAge) {
        return "nothing was told within " + maxAge.toString().substring(2).toLowerCase(java.util.Locale.ROOT);
    }
}
