package dev.muster.twin.reconcile;

import dev.muster.protocol.AssetId;
import java.util.Collection;
import java.util.Set;

/** Assets that have no way to take a configuration: that theirs differs is recorded, and telling them again would never end. */
public interface Unconfigured {
    Set<AssetId> among(Collection<AssetId> assets);
}
