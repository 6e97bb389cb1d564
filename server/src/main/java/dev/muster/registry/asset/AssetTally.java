package dev.muster.registry.asset;

import dev.muster.registry.Lifecycle;
import dev.muster.registry.Presence;

/** How many assets are alike in what a fleet is looked at by. Retired ones are counted like all others. */
public record AssetTally(String region, String type, Lifecycle lifecycle, Presence presence, long count) {}
