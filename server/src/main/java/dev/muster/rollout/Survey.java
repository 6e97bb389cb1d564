package dev.muster.rollout;

import dev.muster.actuator.EvidenceLevel;
import dev.muster.actuator.Standing;
import dev.muster.protocol.AssetId;
import dev.muster.registry.Asset;
import dev.muster.registry.selector.Selector;
import dev.muster.rollout.engine.Clearance;
import dev.muster.rollout.engine.Reason;
import dev.muster.rollout.engine.WaveState;
import dev.muster.rollout.plan.Cohorts;
import dev.muster.rollout.plan.Forecast;
import dev.muster.rollout.plan.Groups;
import dev.muster.rollout.plan.Strata;
import dev.muster.rollout.spec.RolloutSpec;
import dev.muster.rollout.spec.Timetable;
import dev.muster.rollout.spec.WindowSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Goes through a selection, asset by asset, and adds up what a rollout would do to it. */
final class Survey {
    private final RolloutSpec spec;
    private final Timetable timetable;
    private final Carrier carrier;
    private final Carrier.Judge judge;
    private final @Nullable Selector staging;
    private final Instant now;

    private final List<Cohorts.Member> members = new ArrayList<>();
    private final Strata strata = new Strata();
    private final Plan.Tally leftOut = new Plan.Tally();
    private final Plan.Tally waiting = new Plan.Tally();
    private final Map<String, Plan.Artifact> artifacts = new TreeMap<>();
    private final Map<String, Integer> byType = new TreeMap<>();
    /** Targets whose window goes by another clock than the rollout's. */
    private final Map<AssetId, ZoneId> ownZones = new HashMap<>();

    private int selected;
    private int withoutRollbackTarget;

    Survey(RolloutSpec spec, Carrier carrier, Carrier.Judge judge, @Nullable Selector staging, Instant now) {
        this.spec = spec;
        this.timetable = spec.timetable();
        this.carrier = carrier;
        this.judge = judge;
        this.staging = staging;
        this.now = now;
    }

    int targets() {
        return members.size();
    }

    /** How many targets are of each type. */
    Map<String, Integer> byType() {
        return byType;
    }

    int strata() {
        return strata.size();
    }

    /**
     * @param others what other rollouts have to do with it right now
     * @param waits whether it would have to wait for itself
     */
    void look(Asset asset, @Nullable Standing standing, Rivals.InTheWay others, Carrier.Waiting waits) {
        if (!carrier.concerns(standing)) {
            return;
        }
        selected++;
        Cleared cleared = judge.judge(asset, standing);
        switch (cleared.clearance()) {
            case Clearance.Out(Reason reason, String detail) -> leftOut.add(reason, asset.id(), detail);
            case Clearance.Clear(var runs, var _) -> judged(asset, runs, cleared, others, waits);
            case Clearance.Wait(Reason reason, var _, String detail) ->
                throw new IllegalStateException("a judge of what does not change says that asset " + asset.id()
                        + " waits: " + reason + ", " + detail);
        }
    }

    private void judged(
            Asset asset, @Nullable String runs, Cleared cleared, Rivals.InTheWay others, Carrier.Waiting waits) {
        if (spec.change().version().equals(runs)) {
            leftOut.add(Reason.ALREADY_THERE, asset.id(), "runs " + runs);
            return;
        }
        withoutRollbackTarget += runs == null ? 1 : 0;
        if (runs == null && !spec.conduct().allowNoRollbackTarget()) {
            leftOut.add(Reason.NO_ROLLBACK_TARGET, asset.id(), "has not reported which version it runs");
            return;
        }
        byType.merge(asset.type(), 1, Integer::sum);
        WindowSpec window = spec.window();
        if (window != null && !window.zoneOf(asset).equals(window.zone())) {
            ownZones.put(asset.id(), window.zoneOf(asset));
        }
        members.add(new Cohorts.Member(
                asset.id().shared(),
                strata.of(spec.stratify().stream()
                        .map(attribute -> attribute.of(asset, runs))
                        .toList()),
                staging != null && staging.matches(asset, now)));
        if (cleared.source() != null) {
            artifacts.merge(
                    cleared.source().target(),
                    new Plan.Artifact(
                            cleared.source().target(), cleared.source().size(), 1),
                    (known, one) -> new Plan.Artifact(known.target(), known.bytes(), known.assets() + 1));
        }
        others.busy(asset.id())
                .or(() -> waitsNow(asset, cleared, waits))
                .or(() -> others.yielding(asset.id()))
                .ifPresent(wait -> waiting.add(wait.reason(), asset.id(), wait.detail()));
    }

    private Optional<Clearance.Wait> waitsNow(Asset asset, Cleared cleared, Carrier.Waiting waits) {
        Optional<Instant> opens = timetable.opensLater(asset, now);
        return opens.<Clearance.Wait>map(at -> new Clearance.Wait(Reason.WINDOW, at, "its window opens at " + at))
                .or(() -> waits.of(asset, cleared.bytes()));
    }

    /**
     * @param approvals what the types of the targets ask for
     * @param install how long earlier changes of the component took, from the order to running it; null when none is known
     */
    Plan plan(@Nullable Duration install, List<Plan.ApprovalRule> approvals) {
        Cohorts.Dealt dealt = Cohorts.deal(spec.seed(), members, strata.values(), spec.waves());
        Groups groups = Groups.of(spec.stratify(), spec.failuresBy(), strata.values());
        return new Plan(
                now,
                selected,
                dealt.order(),
                groups.into(dealt.waves(), dealt.strata()),
                groups.strata(),
                groups.of(dealt.stratum()),
                strata.values(),
                dealt.strata(),
                leftOut.counted(),
                waiting.counted(),
                withoutRollbackTarget,
                List.copyOf(artifacts.values()),
                install,
                approvals,
                Forecast.of(
                        now,
                        parts(dealt),
                        new Forecast.Pace(
                                spec.conduct().maxInFlight(),
                                soak().plus(install == null ? Duration.ZERO : install),
                                spec.conduct().perMinute())));
    }

    /** By wave: how many targets go by the clock of each zone. */
    private Map<String, List<Forecast.Part>> parts(Cohorts.Dealt dealt) {
        Map<String, List<Forecast.Part>> parts = new LinkedHashMap<>();
        for (WaveState wave : dealt.waves()) {
            Map<ZoneId, Integer> zones = new LinkedHashMap<>();
            if (!ownZones.isEmpty()) {
                dealt.order().subList(wave.first(), wave.first() + wave.size()).stream()
                        .map(ownZones::get)
                        .filter(Objects::nonNull)
                        .forEach(zone -> zones.merge(zone, 1, Integer::sum));
            }
            int others = wave.size()
                    - zones.values().stream().mapToInt(Integer::intValue).sum();
            List<Forecast.Part> all = new ArrayList<>();
            if (others > 0) {
                all.add(new Forecast.Part(others, timetable.hours()));
            }
            zones.forEach((zone, targets) -> all.add(new Forecast.Part(targets, timetable.hours(zone))));
            parts.put(wave.name(), all);
        }
        return parts;
    }

    private Duration soak() {
        return spec.conduct().evidence() == EvidenceLevel.HEALTHY
                ? spec.conduct().soak()
                : Duration.ZERO;
    }
}
