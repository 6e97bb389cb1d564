package dev.muster.actuator;

import dev.muster.protocol.AssetId;
import org.jspecify.annotations.Nullable;

/**
 * An order that is taken back before it has succeeded.
 *
 * @param previous what the asset ran before it; null when that is not known
 */
public record Withdrawal(AssetId asset, @Nullable String previous) {}
