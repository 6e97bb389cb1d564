package dev.muster.rollout;

import dev.muster.registry.Asset;
import dev.muster.registry.selector.SoftwareNeed;
import dev.muster.release.ArtifactChoice;
import dev.muster.release.ArtifactChoice.Choice;
import dev.muster.release.Release;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Releases by way of which an asset gets to one that is not compatible with what it runs: of the same component, or of another that the
 * compatibility names, the newest that is for the asset as it is, and after which the wanted one is for it. Found by asking the
 * compatibility of both, so nobody has to declare a way twice.
 */
final class SteppingStones {
    /** Assets that are told by way of what; of more than so many nobody reads it. */
    private static final int MAX_ASSETS = 1_000;

    private final Release wanted;
    private final Function<String, List<Release>> versions;
    private final ArtifactChoice choice;
    private final Instant now;
    private final Map<String, List<Release>> known = new HashMap<>();
    private @Nullable Set<String> components;
    private int asked;

    /** @param versions of a component, the newest publication first; asked once for each that the wanted release has to do with */
    SteppingStones(Release wanted, Function<String, List<Release>> versions, ArtifactChoice choice, Instant now) {
        this.wanted = wanted;
        this.versions = versions;
        this.choice = choice;
        this.now = now;
    }

    /**
     * For people: which versions the asset lacks, and what to bring to it before; empty when neither is known, or too many were asked
     * for.
     */
    Optional<String> told(Asset asset) {
        if (asked++ >= MAX_ASSETS) {
            return Optional.empty();
        }
        List<List<SoftwareNeed>> lacking = choice.lacking(wanted, asset);
        String needs = lacking.stream()
                .map(needed -> needed.stream()
                        .map(need -> need + ", runs " + asset.software().getOrDefault(need.component(), "none"))
                        .collect(Collectors.joining(", and ")))
                .collect(Collectors.joining(", or "));
        String first = before(asset, lacking).stream()
                .map(release -> release.name().toString())
                .collect(Collectors.joining(" and "));
        String told = Stream.of(
                        needs.isEmpty() ? "" : "needs " + needs, first.isEmpty() ? "" : "bring " + first + " first")
                .filter(part -> !part.isEmpty())
                .collect(Collectors.joining("; "));
        return told.isEmpty() ? Optional.empty() : Optional.of(told);
    }

    /** One when one is enough, else one for each version that is lacking, in the order in which to bring them. */
    private List<Release> before(Asset asset, List<List<SoftwareNeed>> lacking) {
        return components().stream()
                .flatMap(component -> stone(component, asset, after -> isFor(wanted, after)).stream())
                .findFirst()
                .map(List::of)
                .orElseGet(() -> lacking.stream()
                        .map(needs -> each(needs, asset))
                        .filter(stones -> !stones.isEmpty())
                        .findFirst()
                        .orElse(List.of()));
    }

    private List<Release> each(List<SoftwareNeed> needs, Asset asset) {
        List<Release> stones = new ArrayList<>();
        Asset after = asset;
        for (SoftwareNeed need : needs) {
            Optional<Release> stone = stone(need.component(), after, need::isMetBy);
            if (stone.isEmpty()) {
                return List.of();
            }
            stones.add(stone.get());
            after = after.running(need.component(), stone.get().name().version());
        }
        return isFor(wanted, after) ? stones : List.of();
    }

    /** The newest release of the component that is for the asset, and after which it is as it should be. */
    private Optional<Release> stone(String component, Asset asset, Predicate<Asset> leadsOn) {
        return known.computeIfAbsent(component, versions).stream()
                .filter(release -> !release.name().equals(wanted.name()))
                .filter(release ->
                        !release.name().version().equals(asset.software().get(component)))
                .filter(release -> isFor(release, asset))
                .filter(release ->
                        leadsOn.test(asset.running(component, release.name().version())))
                .findFirst();
    }

    private boolean isFor(Release release, Asset asset) {
        return choice.choose(release, asset, now) instanceof Choice.Chosen;
    }

    private Set<String> components() {
        if (components == null) {
            SortedSet<String> all = choice.components(wanted);
            all.add(wanted.name().component());
            components = all;
        }
        return components;
    }
}
