package dev.muster.actuator;

import org.jspecify.annotations.Nullable;

/**
 * What one component of an asset is known to be, before anything is changed.
 *
 * @param version that runs, as last reported: to it the asset can go back; null when it never said
 * @param boot names the run of the asset that is under way, null when it does not say
 * @param provable the strongest evidence that its actuator can give
 */
public record Standing(@Nullable String version, @Nullable String boot, EvidenceLevel provable) {}
