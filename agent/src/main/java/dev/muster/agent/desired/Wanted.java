package dev.muster.agent.desired;

import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * The version of one component that the server wants, and where it comes from.
 *
 * @param attempt tells a second try of the same version from the first
 * @param target its name in the signed release metadata
 * @param sha256 lower-case hexadecimal
 * @param size in bytes
 */
public record Wanted(
        String version,
        @Nullable String attempt,
        @Nullable String target,
        @Nullable URI url,
        @Nullable String sha256,
        @Nullable Long size) {}
