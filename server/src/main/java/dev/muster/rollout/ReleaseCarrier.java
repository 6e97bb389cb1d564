package dev.muster.rollout;

import dev.muster.actuator.Actuator;
import dev.muster.actuator.AgentActuator;
import dev.muster.actuator.Change;
import dev.muster.actuator.EvidenceLevel;
import dev.muster.actuator.Standing;
import dev.muster.identity.Actor;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import dev.muster.protocol.tuf.TargetFile;
import dev.muster.registry.Asset;
import dev.muster.registry.Lifecycle;
import dev.muster.release.ArtifactChoice;
import dev.muster.release.Release;
import dev.muster.release.ReleaseCatalog;
import dev.muster.release.Releases;
import dev.muster.rollout.engine.Clearance;
import dev.muster.rollout.engine.Phase;
import dev.muster.rollout.engine.Reason;
import dev.muster.rollout.engine.Stratum;
import dev.muster.rollout.spec.RolloutSpec;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Brings a version of a component: says of an asset whether the release is for it, and which artifact. */
@Component
class ReleaseCarrier implements Carrier {
    /** A label that begins so and goes on with the name of a component holds an asset on a version of it. */
    private static final String PIN = "pin/";

    /** Releases of a component that are looked through for one to go by way of. */
    private static final int MAX_STONES = 50;

    /** Of an asset that never reported: it may still prove everything once it does. */
    private static final Standing NOTHING_KNOWN = new Standing(null, null, EvidenceLevel.HEALTHY);

    private final ReleaseCatalog catalog;
    private final Releases releases;
    private final ArtifactChoice choice;
    private final AgentActuator actuator;
    private final SafeNow safeNow;
    private final WithheldStore withheld;

    ReleaseCarrier(
            ReleaseCatalog catalog,
            Releases releases,
            ArtifactChoice choice,
            AgentActuator actuator,
            SafeNow safeNow,
            WithheldStore withheld) {
        this.catalog = catalog;
        this.releases = releases;
        this.choice = choice;
        this.actuator = actuator;
        this.safeNow = safeNow;
        this.withheld = withheld;
    }

    @Override
    public Actuator actuator() {
        return actuator;
    }

    @Override
    public Judge judge(String rollout, RolloutSpec spec, Instant now) {
        Release release = release(rollout, spec);
        List<Withheld> from =
                withheld.of(release.name().component(), release.name().version());
        SteppingStones stones =
                new SteppingStones(release, component -> catalog.versions(component, MAX_STONES), choice, now);
        return (asset, standing) ->
                withheldFrom(from, asset, standing).orElseGet(() -> judge(spec, release, stones, asset, standing, now));
    }

    private static Optional<Cleared> withheldFrom(List<Withheld> from, Asset asset, @Nullable Standing standing) {
        String runs = standing == null ? null : standing.version();
        return from.stream()
                .filter(each -> each.concerns(asset, runs))
                .findFirst()
                .map(each -> Cleared.out(
                        Reason.WITHHELD,
                        "the release is withheld from " + each.stratum() + " since rollout " + each.rollout() + ": "
                                + each.reason()));
    }

    private Release release(String rollout, RolloutSpec spec) {
        String component = spec.change().component();
        String version = spec.change().version();
        Release release = catalog.find(component, version)
                .orElseThrow(() -> new Refusal(
                        ErrorCode.REFUSED,
                        "rollout " + rollout + " brings " + component + "@" + version
                                + ", which is not published; publish it first, or name one of "
                                + catalog.versions(component, 5).stream()
                                        .map(found -> found.name().toString())
                                        .toList()));
        if (release.state() instanceof Release.State.Quarantined quarantined) {
            throw new Refusal(
                    ErrorCode.REFUSED,
                    "rollout " + rollout + " brings " + release.name() + ", which is quarantined since "
                            + quarantined.since() + ": " + quarantined.reason() + "; muster release release "
                            + release.name() + " --reason TEXT ends that");
        }
        return release;
    }

    private Cleared judge(
            RolloutSpec spec,
            Release release,
            SteppingStones stones,
            Asset asset,
            @Nullable Standing standing,
            Instant now) {
        if (asset.lifecycle() == Lifecycle.RETIRED || asset.lifecycle() == Lifecycle.QUARANTINED) {
            return Cleared.out(Reason.GONE, "is " + asset.lifecycle().wire());
        }
        String pinned = asset.labels().get(PIN + release.name().component());
        if (pinned != null && !pinned.equals(release.name().version())) {
            return Cleared.out(
                    Reason.PINNED,
                    "its label " + PIN + release.name().component() + " holds it on "
                            + (pinned.isEmpty() ? "what it runs" : pinned));
        }
        Standing known = standing == null ? NOTHING_KNOWN : standing;
        if (!known.provable().covers(spec.conduct().evidence())) {
            return Cleared.out(
                    Reason.EVIDENCE,
                    "can prove " + known.provable().wire() + ", the rollout asks for "
                            + spec.conduct().evidence().wire());
        }
        return switch (choice.choose(release, asset, now)) {
            case ArtifactChoice.Choice.Incompatible(var why, String message) ->
                Cleared.out(
                        Reason.INCOMPATIBLE,
                        why != ArtifactChoice.Why.COMPATIBILITY
                                ? message
                                : stones.told(asset)
                                        .map(told -> told + "; " + message)
                                        .orElse(message));
            case ArtifactChoice.Choice.Chosen(TargetFile artifact) ->
                new Cleared(new Clearance.Clear(known.version(), known.boot()), source(artifact));
        };
    }

    @Override
    public Map<Asset, Change.Source> sources(String component, Map<Asset, String> versions, Instant now) {
        Map<String, Optional<Release>> releases = new HashMap<>();
        Map<Asset, Change.Source> sources = new HashMap<>();
        versions.forEach((asset, version) -> releases.computeIfAbsent(version, key -> catalog.find(component, key))
                .map(release -> choice.choose(release, asset, now))
                .ifPresent(chosen -> {
                    if (chosen instanceof ArtifactChoice.Choice.Chosen(TargetFile artifact)) {
                        sources.put(asset, source(artifact));
                    }
                }));
        return sources;
    }

    /** Who cannot have the release is told so by {@link #judge}. */
    @Override
    public boolean concerns(@Nullable Standing standing) {
        return true;
    }

    @Override
    public Waiting waiting(Collection<Asset> assets, Instant now) {
        return safeNow.of(assets, now);
    }

    /** One that a gate has sent back goes to nobody any more until a person says so. */
    @Override
    public void moved(StoredRollout rollout, Phase before, Phase after, Actor actor) {
        boolean byGate = after instanceof Phase.RollingBack && actor.equals(Actor.SYSTEM);
        String component = rollout.component();
        String version = rollout.spec().change().version();
        if (byGate
                && rollout.spec().quarantine()
                && catalog.findForUse(component, version).isPresent()) {
            String reason =
                    ("rollout " + rollout.name() + " was rolled back: " + after.why()).replaceAll("\\p{Cntrl}", " ");
            releases.quarantine(
                    actor,
                    component + "@" + version,
                    reason.substring(0, Math.min(reason.length(), Releases.MAX_REASON)));
        }
    }

    /** The release goes to no other asset of that kind until a person says so. */
    @Override
    public void halted(StoredRollout rollout, Stratum stratum, Actor actor, Instant now) {
        if (actor.equals(Actor.SYSTEM) && rollout.spec().quarantine()) {
            withheld.add(actor, rollout, RolloutView.values(rollout, stratum), stratum.why(), now);
        }
    }

    private static Change.Source source(TargetFile artifact) {
        ReleaseCatalog.Download download = ReleaseCatalog.download(artifact);
        return new Change.Source(download.target(), download.url(), download.sha256(), download.size());
    }
}
