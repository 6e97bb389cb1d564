package dev.muster.agent.state;

import dev.muster.protocol.AssetId;
import java.util.Map;
import java.util.Optional;

/**
 * What the agent knows of its asset, for templates.
 *
 * @param hostname as the kernel knows it
 * @param type empty until the server has said it
 * @param labels empty until the server has said them
 */
public record AssetFacts(AssetId id, String hostname, Optional<String> type, Map<String, String> labels) {
    public AssetFacts {
        labels = Map.copyOf(labels);
    }
}
