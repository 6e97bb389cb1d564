package dev.muster.telemetry.intake;

import dev.muster.protocol.AssetId;

/** Knows of which assets every log line is kept; asked for every line that would not be. */
@FunctionalInterface
public interface WholeLogs {
    boolean wanted(AssetId asset, long receivedAt);
}
