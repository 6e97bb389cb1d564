package dev.muster.registry.facet;

import java.util.List;

/**
 * The values of one field, with how many assets have each when everything else that was chosen holds: choosing a second value of
 * the same field is a click away.
 *
 * @param by as of {@link dev.muster.registry.asset.AssetGrouping}
 * @param values those that are chosen first, then by how many have them; an empty one stands for assets without
 * @param distinct how many values there are in all
 */
record Facet(String by, List<Value> values, long distinct) {
    /** @param assets with this value */
    record Value(String value, long assets) {}
}
