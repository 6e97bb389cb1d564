package dev.muster.alert.rule;

import dev.muster.registry.Asset;

/**
 * An asset to be judged.
 *
 * @param asset as of at most some seconds ago
 * @param firing whether the rule's alert about it fires now: the other threshold of a hysteresis counts then
 */
public record Subject(Asset asset, boolean firing) {}
