package dev.muster.actuator;

import dev.muster.protocol.AssetId;
import java.util.Collection;
import java.util.Map;

/** Of assets whose way to report proves less than the protocol does. */
public interface EvidenceLimits {
    /** The strongest evidence that each can give; assets that are no concern of it are left out. */
    Map<AssetId, EvidenceLevel> of(Collection<AssetId> assets);
}
