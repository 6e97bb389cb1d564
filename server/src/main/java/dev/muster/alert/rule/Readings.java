package dev.muster.alert.rule;

import dev.muster.protocol.AssetId;
import dev.muster.telemetry.store.TelemetryStore.Value;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** What a condition may ask about many assets at once; cheap. */
public interface Readings {
    /** The newest value of each of the metrics by event time; assets and metrics without one are left out. */
    Map<AssetId, Map<String, Value>> latest(String type, Collection<AssetId> assets, Collection<String> metrics);

    /** In seconds, by how much the clock of an asset was ahead when it reported last; assets that did not tell are left out. */
    default Map<AssetId, Double> clockOffsets(Collection<AssetId> assets) {
        return Map.of();
    }

    /** What is desired of assets; those of which nothing is are left out, of one that is too large to be read the document is empty. */
    default Map<AssetId, Optional<JsonNode>> desired(Collection<AssetId> assets) {
        return Map.of();
    }

    /** What assets reported last, in the same way. */
    default Map<AssetId, Optional<JsonNode>> reported(Collection<AssetId> assets) {
        return Map.of();
    }
}
