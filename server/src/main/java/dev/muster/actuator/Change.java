package dev.muster.actuator;

import dev.muster.protocol.AssetId;
import org.jspecify.annotations.Nullable;

/**
 * An order to an asset: run this version of a component.
 *
 * @param attempt the asset repeats it in what it reports
 * @param source where the version comes from; null when the asset knows, for example because it has it still
 * @param origin who wants it, for example {@code rollout/app-1-5}
 */
public record Change(
        AssetId asset,
        String component,
        String version,
        String attempt,
        @Nullable Source source,
        String origin) {

    /**
     * @param target in the signed metadata of releases
     * @param sha256 lower-case hexadecimal
     * @param size bytes
     */
    public record Source(String target, String url, String sha256, long size) {}
}
