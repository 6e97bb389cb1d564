package dev.muster.rollout;

import dev.muster.registry.Asset;
import dev.muster.rollout.spec.Attribute;
import java.time.Instant;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * That a release is brought to no asset of a kind: to those with all the values.
 *
 * @param stratum values by the name of an {@link Attribute}
 * @param rollout in which a gate has halted the stratum
 */
record Withheld(int id, SortedMap<String, String> stratum, String rollout, String reason, Instant since) {
    Withheld(int id, Map<String, String> stratum, String rollout, String reason, Instant since) {
        this(id, (SortedMap<String, String>) new TreeMap<>(stratum), rollout, reason, since);
    }

    /** @param runs the version of the component, as last reported */
    boolean concerns(Asset asset, @Nullable String runs) {
        return stratum.entrySet().stream()
                .allMatch(each -> new Attribute(each.getKey()).of(asset, runs).equals(each.getValue()));
    }
}
