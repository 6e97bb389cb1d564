package dev.muster.actuator;

import dev.muster.actuator.Observation.Progress;
import dev.muster.protocol.AssetId;
import dev.muster.registry.Asset;
import dev.muster.registry.Presence;
import dev.muster.registry.asset.AssetStore;
import dev.muster.twin.configuration.ConfigurationRevisions;
import dev.muster.twin.desired.DesiredConfiguration;
import dev.muster.twin.desired.DesiredConfiguration.Assignment;
import dev.muster.twin.document.Revision;
import dev.muster.twin.presence.PresenceTracker;
import dev.muster.twin.reported.ConfigurationReports;
import dev.muster.twin.reported.ConfigurationReports.ConfigurationReport;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Changes the revision that an asset has of a configuration, and observes it by what the asset reports. The component is
 * {@code configuration/NAME}, versions are {@linkplain Revision revisions}.
 *
 * <p>An order is a generation of the desired state, and the asset answers it by working through that one or a later one: what it
 * reports then has to show no other values than this configuration asks for. Or by rejecting it, and then it has its last good
 * one. Since each order is a generation of its own, nothing said before it answers it.
 */
@Component
public class ConfigurationActuator implements Actuator {
    private static final String PREFIX = "configuration/";

    private final DesiredConfiguration desired;
    private final ConfigurationRevisions revisions;
    private final ConfigurationReports reports;
    private final AssetStore assets;
    private final PresenceTracker presence;

    ConfigurationActuator(
            DesiredConfiguration desired,
            ConfigurationRevisions revisions,
            ConfigurationReports reports,
            AssetStore assets,
            PresenceTracker presence) {
        this.desired = desired;
        this.revisions = revisions;
        this.reports = reports;
        this.assets = assets;
        this.presence = presence;
    }

    public static String component(String configuration) {
        return PREFIX + configuration;
    }

    private static String configuration(String component) {
        return component.substring(PREFIX.length());
    }

    /** The revision that each is told; assets to which the configuration does not apply are left out. */
    @Override
    public Map<AssetId, Standing> standing(String component, Collection<AssetId> ids) {
        Map<AssetId, String> told = revisions.of(configuration(component), ids);
        Map<AssetId, ConfigurationReport> said = reports.of(configuration(component), ids);
        Map<AssetId, Standing> standing = new HashMap<>();
        told.forEach((asset, revision) -> {
            ConfigurationReport report = said.get(asset);
            standing.put(asset, new Standing(revision, report == null ? null : report.bootId(), EvidenceLevel.HEALTHY));
        });
        return standing;
    }

    @Override
    public void apply(Collection<Change> changes) {
        Map<String, List<Assignment>> byOrigin = new TreeMap<>();
        for (Change change : changes) {
            byOrigin.computeIfAbsent(change.origin(), key -> new ArrayList<>())
                    .add(new Assignment(
                            change.asset(), configuration(change.component()), change.version(), change.attempt()));
        }
        byOrigin.forEach((origin, assignments) -> desired.set(assignments, origin));
    }

    /** Each is told again what it was told before. */
    @Override
    public void cancel(String component, Collection<Withdrawal> withdrawals, String reason) {
        desired.set(
                withdrawals.stream()
                        .map(each -> new Assignment(
                                each.asset(),
                                configuration(component),
                                each.previous() == null ? Revision.NONE : each.previous(),
                                null))
                        .toList(),
                reason + " withdrawn");
    }

    @Override
    public Map<AssetId, Observation> observe(String component, Map<AssetId, String> orders) {
        Set<AssetId> ids = orders.keySet();
        if (ids.isEmpty()) {
            return Map.of();
        }
        Map<AssetId, ConfigurationReport> said = reports.of(configuration(component), ids);
        Map<AssetId, Asset> known = new HashMap<>();
        assets.findAll(List.copyOf(ids)).forEach(asset -> known.put(asset.id(), asset));
        Map<AssetId, Observation> seen = new HashMap<>();
        ids.forEach(id -> {
            Asset asset = known.get(id);
            boolean alive = asset != null && asset.presence() == Presence.ONLINE;
            Instant lastSeen = presence.lastSeen(id).orElse(asset == null ? null : asset.lastSeen());
            seen.put(id, observation(said.get(id), alive, lastSeen));
        });
        return seen;
    }

    /** What a report says of the order that stands. */
    static Observation observation(@Nullable ConfigurationReport report, boolean alive, @Nullable Instant lastSeen) {
        if (report == null) {
            return new Observation(null, Progress.NONE, null, null, null, null, alive, lastSeen, null);
        }
        if (isRejected(report)) {
            return answer(report, Progress.FAILED, "rejected it: " + report.reason(), alive, lastSeen);
        }
        if (!isWorkedThrough(report)) {
            return new Observation(null, Progress.NONE, null, null, null, report.bootId(), alive, lastSeen, null);
        }
        return report.drifted() == null
                ? answer(report, Progress.SUCCEEDED, null, alive, lastSeen)
                : answer(report, Progress.FAILED, "has other values in " + report.drifted(), alive, lastSeen);
    }

    private static Observation answer(
            ConfigurationReport report,
            Progress progress,
            @Nullable String reason,
            boolean alive,
            @Nullable Instant lastSeen) {
        return new Observation(
                report.attempt(),
                progress,
                null,
                reason,
                progress == Progress.SUCCEEDED ? report.revision() : null,
                report.bootId(),
                alive,
                lastSeen,
                null);
    }

    private static boolean isWorkedThrough(ConfigurationReport report) {
        return report.ordered() != null && report.generation() != null && report.generation() >= report.ordered();
    }

    /** One that has worked through the order and rejects something later has not rejected the order. */
    private static boolean isRejected(ConfigurationReport report) {
        Long rejected = report.rejected();
        return rejected != null
                && report.ordered() != null
                && rejected >= report.ordered()
                && (!isWorkedThrough(report) || rejected.equals(report.generation()));
    }
}
