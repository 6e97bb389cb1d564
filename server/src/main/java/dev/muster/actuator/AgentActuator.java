package dev.muster.actuator;

import dev.muster.actuator.Observation.Progress;
import dev.muster.protocol.AssetId;
import dev.muster.registry.Asset;
import dev.muster.registry.Presence;
import dev.muster.registry.asset.AssetStore;
import dev.muster.registry.asset.AssetStore.Reach;
import dev.muster.twin.desired.DesiredSoftware;
import dev.muster.twin.desired.DesiredSoftware.Assignment;
import dev.muster.twin.presence.PresenceTracker;
import dev.muster.twin.reported.SoftwareReports;
import dev.muster.twin.reported.SoftwareReports.Assigned;
import dev.muster.twin.reported.SoftwareReports.SoftwareReport;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Changes assets by their desired state and observes them by what they report: the agent, and whatever else speaks the protocol.
 *
 * <p>An asset that tells of its updates answers an order by its attempt. One that does not, or that had nothing to do, answers it by
 * having worked through the newest desired state, and then what it runs says how far it is.
 */
@Component
public class AgentActuator implements Actuator {
    private final DesiredSoftware desired;
    private final SoftwareReports reports;
    private final AssetStore assets;
    private final PresenceTracker presence;
    private final List<EvidenceLimits> limits;

    AgentActuator(
            DesiredSoftware desired,
            SoftwareReports reports,
            AssetStore assets,
            PresenceTracker presence,
            List<EvidenceLimits> limits) {
        this.desired = desired;
        this.reports = reports;
        this.assets = assets;
        this.presence = presence;
        this.limits = List.copyOf(limits);
    }

    @Override
    public Map<AssetId, Standing> standing(String component, Collection<AssetId> ids) {
        Map<AssetId, Standing> standing = new HashMap<>();
        reports.running(component, ids)
                .forEach((asset, report) ->
                        standing.put(asset, new Standing(report.version(), report.bootId(), EvidenceLevel.HEALTHY)));
        limit(standing, ids);
        return standing;
    }

    /** The registry has what reports say of software since the moment in which they were stored. */
    @Override
    public Map<AssetId, Standing> outline(String component, Collection<Asset> read) {
        Map<AssetId, Standing> standing = new HashMap<>();
        read.forEach(asset ->
                standing.put(asset.id(), new Standing(asset.software().get(component), null, EvidenceLevel.HEALTHY)));
        limit(standing, standing.keySet().stream().toList());
        return standing;
    }

    private void limit(Map<AssetId, Standing> standing, Collection<AssetId> ids) {
        for (EvidenceLimits each : limits) {
            each.of(ids)
                    .forEach((asset, level) -> standing.merge(
                            asset,
                            new Standing(null, null, level),
                            (known, _) -> new Standing(known.version(), known.boot(), level)));
        }
    }

    @Override
    public void apply(Collection<Change> changes) {
        desired.set(changes.stream().map(AgentActuator::assignment).toList());
    }

    private static Assignment assignment(Change change) {
        Change.Source source = change.source();
        return new Assignment(
                change.asset(),
                change.component(),
                change.version(),
                change.attempt(),
                source == null ? null : source.target(),
                source == null ? null : source.url(),
                source == null ? null : source.sha256(),
                source == null ? null : Long.valueOf(source.size()),
                change.origin());
    }

    @Override
    public void cancel(String component, Collection<Withdrawal> withdrawals, String reason) {
        desired.clear(withdrawals.stream().map(Withdrawal::asset).toList(), component, reason);
    }

    @Override
    public Map<AssetId, Observation> observe(String component, Map<AssetId, String> orders) {
        if (orders.isEmpty()) {
            return Map.of();
        }
        Map<AssetId, SoftwareReport> said = reports.of(component, orders.keySet());
        // Who tells of the order that it has needs no look at what is assigned to it.
        List<AssetId> silent = new ArrayList<>();
        said.forEach((id, report) -> {
            if (!Objects.equals(orders.get(id), report.attempt())) {
                silent.add(id);
            }
        });
        Map<AssetId, Assigned> assigned = reports.assigned(component, silent);
        Set<AssetId> online =
                orders.keySet().stream().filter(presence::isOnline).collect(Collectors.toSet());
        Map<AssetId, Reach> others = assets.reach(
                orders.keySet().stream().filter(id -> !online.contains(id)).toList());
        Map<AssetId, Observation> seen = new HashMap<>();
        orders.keySet().forEach(id -> {
            Reach reach = others.get(id);
            boolean alive = online.contains(id) || (reach != null && reach.presence() == Presence.ONLINE);
            Instant lastSeen = presence.lastSeen(id).orElse(reach == null ? null : reach.lastSeen());
            seen.put(id, observation(said.get(id), assigned.get(id), alive, lastSeen));
        });
        return seen;
    }

    /**
     * What a report says of the order that stands.
     *
     * @param assigned null when nothing is, and when the report tells of the order that stands
     */
    static Observation observation(
            @Nullable SoftwareReport report, @Nullable Assigned assigned, boolean alive, @Nullable Instant lastSeen) {
        if (report == null) {
            return new Observation(null, Progress.NONE, null, null, null, null, alive, lastSeen, null);
        }
        Progress told = report.state() == null ? Progress.NONE : progress(report.state());
        return assigned != null && isAnsweredByVersion(report, assigned, told)
                ? answer(report, assigned.attempt(), progressByVersion(report, assigned), alive, lastSeen)
                : answer(report, report.attempt(), told, alive, lastSeen);
    }

    private static Observation answer(
            SoftwareReport report,
            @Nullable String attempt,
            Progress progress,
            boolean alive,
            @Nullable Instant lastSeen) {
        return new Observation(
                attempt,
                progress,
                report.progress(),
                report.reason(),
                report.version(),
                report.bootId(),
                alive,
                lastSeen,
                null);
    }

    /**
     * Whether the asset has worked through the newest desired state without telling of an update for it: one that tells of none at
     * all, or one that ran the version already and had nothing to do; what it tells is of an earlier order then, which is over or was
     * given up before anything was installed.
     */
    private static boolean isAnsweredByVersion(SoftwareReport report, Assigned assigned, Progress told) {
        boolean caughtUp = report.generation() != null && report.generation() >= assigned.generation();
        if (!caughtUp || assigned.attempt() == null || assigned.attempt().equals(report.attempt())) {
            return false;
        }
        return switch (told) {
            case NONE -> true;
            case SUCCEEDED, FAILED, WENT_BACK, NOTIFIED, DOWNLOADING -> runs(report, assigned);
            case INSTALLED, REBOOTING, VERIFYING -> false;
        };
    }

    private static Progress progressByVersion(SoftwareReport report, Assigned assigned) {
        return runs(report, assigned) ? Progress.SUCCEEDED : Progress.NONE;
    }

    private static boolean runs(SoftwareReport report, Assigned assigned) {
        return assigned.version().equals(report.version());
    }

    /** As on the wire, docs/protocol.md 4.1. */
    private static Progress progress(String state) {
        return switch (state) {
            case "notified" -> Progress.NOTIFIED;
            case "downloading" -> Progress.DOWNLOADING;
            case "installed" -> Progress.INSTALLED;
            case "rebooting" -> Progress.REBOOTING;
            case "verifying" -> Progress.VERIFYING;
            case "succeeded" -> Progress.SUCCEEDED;
            case "failed" -> Progress.FAILED;
            case "rolled_back" -> Progress.WENT_BACK;
            default -> throw new IllegalStateException("state of an update is not known: " + state);
        };
    }
}
