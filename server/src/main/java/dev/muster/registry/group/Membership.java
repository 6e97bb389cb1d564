package dev.muster.registry.group;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * That an asset belonged to a group.
 *
 * @param to excluded; {@code null} while it still does
 */
public record Membership(
        String asset, Instant from, @Nullable Instant to) {}
