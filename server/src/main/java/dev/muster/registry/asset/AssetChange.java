package dev.muster.registry.asset;

import dev.muster.registry.Asset;

/** What a write did to an asset. */
public record AssetChange(Asset asset, Outcome outcome) {
    public enum Outcome {
        CREATED,
        UPDATED,
        UNCHANGED
    }
}
