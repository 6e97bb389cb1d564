package dev.muster.rollout;

import dev.muster.registry.Asset;
import dev.muster.release.ArtifactChoice;
import dev.muster.release.ArtifactChoice.Choice;
import dev.muster.release.Release;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Releases by way of which an asset gets to one that is not compatible with what it runs: the newest of the component that is for the
 * asset as it is, and after which the wanted one is for it. Found by asking the compatibility of both, so nobody has to declare a way
 * twice.
 */
final class SteppingStones {
    /** Assets that are told by way of what; of more than so many nobody reads it. */
    private static final int MAX_ASSETS = 1_000;

    private final Release wanted;
    private final List<Release> others;
    private final ArtifactChoice choice;
    private final Instant now;
    private int asked;

    /** @param versions of the same component, the newest publication first */
    SteppingStones(Release wanted, List<Release> versions, ArtifactChoice choice, Instant now) {
        this.wanted = wanted;
        this.others = versions.stream()
                .filter(release -> !release.name().equals(wanted.name()))
                .toList();
        this.choice = choice;
        this.now = now;
    }

    /** What to bring to the asset before; empty when nothing helps, or too many were asked for. */
    Optional<Release> before(Asset asset) {
        if (asked++ >= MAX_ASSETS) {
            return Optional.empty();
        }
        String component = wanted.name().component();
        return others.stream()
                .filter(release ->
                        !release.name().version().equals(asset.software().get(component)))
                .filter(release -> choice.choose(release, asset, now) instanceof Choice.Chosen)
                .filter(release -> choice.choose(
                                wanted, asset.running(component, release.name().version()), now)
                        instanceof Choice.Chosen)
                .findFirst();
    }
}
