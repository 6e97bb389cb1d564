package dev.muster.actuator;

import dev.muster.actuator.Observation.Progress;
import dev.muster.protocol.AssetId;
import dev.muster.registry.Presence;
import dev.muster.registry.asset.AssetStore;
import dev.muster.registry.asset.AssetStore.Reach;
import dev.muster.twin.desired.DesiredSoftware;
import dev.muster.twin.desired.DesiredSoftware.Assignment;
import dev.muster.twin.presence.PresenceTracker;
import dev.muster.twin.reported.SoftwareReports;
import dev.muster.twin.reported.SoftwareReports.SoftwareReport;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
        for (EvidenceLimits each : limits) {
            each.of(ids)
                    .forEach((asset, level) -> standing.merge(
                            asset,
                            new Standing(null, null, level),
                            (known, _) -> new Standing(known.version(), known.boot(), level)));
        }
        return standing;
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
    public Map<AssetId, Observation> observe(String component, Collection<AssetId> ids) {
        if (ids.isEmpty()) {
            return Map.of();
        }
        Map<AssetId, SoftwareReport> said = reports.of(component, ids);
        Map<AssetId, Reach> known = assets.reach(ids);
        Map<AssetId, Observation> seen = new HashMap<>();
        ids.forEach(id -> seen.put(id, observation(id, known.get(id), said.get(id))));
        return seen;
    }

    private Observation observation(AssetId id, @Nullable Reach asset, @Nullable SoftwareReport report) {
        boolean alive = asset != null && asset.presence() == Presence.ONLINE;
        return observation(report, alive, presence.lastSeen(id).orElse(asset == null ? null : asset.lastSeen()));
    }

    /** What a report says of the order that stands. */
    static Observation observation(@Nullable SoftwareReport report, boolean alive, @Nullable Instant lastSeen) {
        if (report == null) {
            return new Observation(null, Progress.NONE, null, null, null, null, alive, lastSeen, null);
        }
        Progress told = report.state() == null ? Progress.NONE : progress(report.state());
        boolean byState = !isAnsweredByVersion(report, told);
        return new Observation(
                byState ? report.attempt() : report.assigned(),
                byState ? told : progressByVersion(report),
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
    private static boolean isAnsweredByVersion(SoftwareReport report, Progress told) {
        if (!report.caughtUp() || report.assigned() == null || report.assigned().equals(report.attempt())) {
            return false;
        }
        return switch (told) {
            case NONE -> true;
            case SUCCEEDED, FAILED, WENT_BACK, NOTIFIED, DOWNLOADING -> runsWhatIsAssigned(report);
            case INSTALLED, REBOOTING, VERIFYING -> false;
        };
    }

    private static Progress progressByVersion(SoftwareReport report) {
        return runsWhatIsAssigned(report) ? Progress.SUCCEEDED : Progress.NONE;
    }

    private static boolean runsWhatIsAssigned(SoftwareReport report) {
        return report.version() != null && report.version().equals(report.assignedVersion());
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
