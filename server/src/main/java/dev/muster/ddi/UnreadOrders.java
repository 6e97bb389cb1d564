package dev.muster.ddi;

import dev.muster.protocol.AssetId;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import org.springframework.stereotype.Component;

/** Orders that wait for an asset that polls, and that it has not read. */
@Component
public class UnreadOrders {
    private final DdiStore store;

    UnreadOrders(DdiStore store) {
        this.store = store;
    }

    /** Those of the assets that have polled since they were ordered to change a component, and were not shown that order. */
    public Set<AssetId> among(String component, Collection<AssetId> assets) {
        return assets.isEmpty() ? Set.of() : new HashSet<>(store.unread(component, assets));
    }
}
