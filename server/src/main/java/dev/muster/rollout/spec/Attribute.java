package dev.muster.rollout.spec;

import dev.muster.registry.Asset;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the cohorts of a rollout are mixed by: a field of the asset, a label, or a version that it reports.
 *
 * @param name as it is written in the spec, such as {@code region}, {@code labels.channel}, {@code software.os}
 */
public record Attribute(String name) {
    public static final String ALLOWED =
            "type, owner, region, site, hardware, version, labels.KEY, software.COMPONENT (version: of the component that is changed)";

    private static final String LABEL = "labels.";
    private static final String SOFTWARE = "software.";

    public static Optional<Attribute> parse(String name) {
        boolean known = switch (name) {
            case "type", "owner", "region", "site", "hardware", "version" -> true;
            default ->
                (name.startsWith(LABEL) && name.length() > LABEL.length())
                        || (name.startsWith(SOFTWARE) && name.length() > SOFTWARE.length());
        };
        return known ? Optional.of(new Attribute(name)) : Optional.empty();
    }

    /** Empty when the asset has none. @param runs the version of the component that the rollout changes, as last reported */
    public String of(Asset asset, @Nullable String runs) {
        String value = switch (name) {
            case "type" -> asset.type();
            case "owner" -> asset.owner();
            case "region" -> asset.region();
            case "site" -> asset.site();
            case "hardware" -> asset.hardware();
            case "version" -> runs;
            default ->
                name.startsWith(LABEL)
                        ? asset.labels().get(name.substring(LABEL.length()))
                        : asset.software().get(name.substring(SOFTWARE.length()));
        };
        return value == null ? "" : value;
    }
}
