package dev.muster.rollout;

import dev.muster.actuator.Change;
import dev.muster.actuator.EvidenceLevel;
import dev.muster.actuator.Standing;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import dev.muster.protocol.tuf.TargetFile;
import dev.muster.registry.Asset;
import dev.muster.registry.Lifecycle;
import dev.muster.release.ArtifactChoice;
import dev.muster.release.Release;
import dev.muster.release.ReleaseCatalog;
import dev.muster.rollout.engine.Clearance;
import dev.muster.rollout.engine.Reason;
import dev.muster.rollout.spec.RolloutSpec;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Says of an asset whether the change of a rollout is for it, and which artifact. Pure, given the catalog. */
@Component
class Preflight {
    /** Of an asset that never reported: it may still prove everything once it does. */
    private static final Standing NOTHING_KNOWN = new Standing(null, null, EvidenceLevel.HEALTHY);

    private final ReleaseCatalog catalog;
    private final ArtifactChoice choice;

    Preflight(ReleaseCatalog catalog, ArtifactChoice choice) {
        this.catalog = catalog;
        this.choice = choice;
    }

    /** The release that a rollout brings. @throws Refusal when there is none, or it cannot be given to assets */
    Release release(String rollout, RolloutSpec spec) {
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
                            + quarantined.since() + ": " + quarantined.reason());
        }
        return release;
    }

    /**
     * What does not change from one moment to the next: type, hardware, what it runs, what it can prove.
     *
     * @param standing null when nothing is known of what the asset runs
     */
    Cleared judge(RolloutSpec spec, Release release, Asset asset, @Nullable Standing standing, Instant now) {
        if (asset.lifecycle() == Lifecycle.RETIRED || asset.lifecycle() == Lifecycle.QUARANTINED) {
            return Cleared.out(Reason.GONE, "is " + asset.lifecycle().wire());
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
                Cleared.out(Reason.INCOMPATIBLE, message);
            case ArtifactChoice.Choice.Chosen(TargetFile artifact) ->
                new Cleared(new Clearance.Clear(known.version(), known.boot()), source(artifact));
        };
    }

    /** Where assets get the versions to which they go back; without a source they have it still. */
    Map<Asset, Change.Source> sources(String component, Map<Asset, String> versions, Instant now) {
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

    private static Change.Source source(TargetFile artifact) {
        ReleaseCatalog.Download download = ReleaseCatalog.download(artifact);
        return new Change.Source(download.target(), download.url(), download.sha256(), download.size());
    }
}
