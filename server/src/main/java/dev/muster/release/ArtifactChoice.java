package dev.muster.release;

import dev.muster.protocol.tuf.TargetFile;
import dev.muster.registry.Asset;
import dev.muster.registry.selector.Selector;
import dev.muster.registry.selector.SelectorException;
import dev.muster.registry.selector.Selectors;
import dev.muster.registry.selector.SoftwareNeed;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;

/** Which artifact of a release is for an asset, or why none is. Pure: facts in, choice out. */
@Component
public class ArtifactChoice {
    private final Selectors selectors;

    public ArtifactChoice(Selectors selectors) {
        this.selectors = selectors;
    }

    public sealed interface Choice {
        record Chosen(TargetFile artifact) implements Choice {}

        /** @param message names the release, the asset, what was found and what would fit */
        record Incompatible(Why why, String message) implements Choice {}
    }

    public enum Why {
        QUARANTINED,
        /** Its artifacts were removed by retention. */
        PRUNED,
        /** A set is chosen component by component. */
        IS_A_SET,
        HARDWARE,
        /** The compatibility of every artifact for its hardware says no, or cannot be decided. */
        COMPATIBILITY,
        /** Several artifacts fit equally well. */
        AMBIGUOUS;

        public String wire() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** An artifact for exactly this hardware comes before one for any. */
    public Choice choose(Release release, Asset asset, Instant now) {
        if (release.state() instanceof Release.State.Quarantined quarantined) {
            return no(
                    Why.QUARANTINED,
                    release.name() + " is quarantined since " + quarantined.since() + ": " + quarantined.reason());
        }
        if (release.isPruned()) {
            return no(Why.PRUNED, "the artifacts of " + release.name() + " were removed at " + release.prunedAt());
        }
        if (release.isSet()) {
            return no(Why.IS_A_SET, release.name() + " is a set; choose for each of its components");
        }
        List<TargetFile> forHardware = forHardware(release, asset);
        if (forHardware.isEmpty()) {
            return no(Why.HARDWARE, hardwareMessage(release, asset));
        }
        List<TargetFile> compatible = new ArrayList<>();
        List<String> reasons = new ArrayList<>();
        for (TargetFile artifact : forHardware) {
            if (isCompatible(artifact, asset, now, reasons)) {
                compatible.add(artifact);
            }
        }
        if (compatible.isEmpty()) {
            return no(
                    Why.COMPATIBILITY,
                    release.name() + " is not compatible with asset " + asset.id() + ": " + String.join("; ", reasons));
        }
        List<TargetFile> exact = compatible.stream()
                .filter(artifact -> !artifact.custom().hardware().isEmpty())
                .toList();
        List<TargetFile> best = exact.isEmpty() ? compatible : exact;
        if (best.size() > 1) {
            return no(
                    Why.AMBIGUOUS,
                    release.name() + " has several artifacts for asset " + asset.id() + ": "
                            + best.stream().map(TargetFile::path).collect(Collectors.joining(", "))
                            + "; their hardware or compatibility must tell them apart");
        }
        return new Choice.Chosen(best.getFirst());
    }

    /**
     * Versions of components that the asset lacks, by each artifact for its hardware that asks for some; any one of the lists would do, as
     * far as versions go.
     */
    public List<List<SoftwareNeed>> lacking(Release release, Asset asset) {
        return compatibilities(forHardware(release, asset))
                .map(selector -> selector.needs().stream()
                        .filter(need -> !need.isMetBy(asset))
                        .toList())
                .filter(needs -> !needs.isEmpty())
                .distinct()
                .toList();
    }

    /** Components whose version decides whether the release is for an asset, in the order of their names. */
    public SortedSet<String> components(Release release) {
        SortedSet<String> components = new TreeSet<>();
        compatibilities(release.artifacts()).forEach(selector -> components.addAll(selector.components()));
        return components;
    }

    /** Those that can be read; that one cannot be is told by {@link #choose}. */
    private Stream<Selector> compatibilities(List<TargetFile> artifacts) {
        return artifacts.stream()
                .map(artifact -> artifact.custom().compatibility())
                .filter(compatibility -> !compatibility.isEmpty()
                        && selectors.problem(compatibility).isEmpty())
                .map(selectors::compile);
    }

    private static List<TargetFile> forHardware(Release release, Asset asset) {
        return release.artifacts().stream()
                .filter(artifact -> artifact.custom().fits(asset.hardware()))
                .toList();
    }

    private boolean isCompatible(TargetFile artifact, Asset asset, Instant now, List<String> reasons) {
        String compatibility = artifact.custom().compatibility();
        if (compatibility.isEmpty()) {
            return true;
        }
        try {
            Selector.Verdict verdict = selectors.compile(compatibility).evaluate(asset, now);
            if (verdict == Selector.Verdict.SELECTED) {
                return true;
            }
            reasons.add(artifact.path() + " is for assets where " + compatibility
                    + (verdict == Selector.Verdict.UNDECIDED ? ", which cannot be decided for this one" : ""));
        } catch (SelectorException invalid) {
            reasons.add(artifact.path() + " has a compatibility that is no selector: " + invalid.getMessage());
        }
        return false;
    }

    private static String hardwareMessage(Release release, Asset asset) {
        String known = release.artifacts().stream()
                .flatMap(artifact -> artifact.custom().hardware().stream())
                .distinct()
                .sorted()
                .collect(Collectors.joining(", "));
        return release.name() + " has no artifact for asset " + asset.id() + ": its hardware is "
                + (asset.hardware().isEmpty() ? "not set" : asset.hardware()) + ", artifacts are for "
                + (known.isEmpty() ? "nothing" : known);
    }

    private static Choice no(Why why, String message) {
        return new Choice.Incompatible(why, message);
    }
}
