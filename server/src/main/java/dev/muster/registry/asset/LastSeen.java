package dev.muster.registry.asset;

import dev.muster.protocol.AssetId;
import dev.muster.registry.Asset;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Function;
import org.springframework.stereotype.Component;

/**
 * When an asset was heard of last, to the moment: the registry's own copy, which selectors ask, follows within an hour for those
 * that are heard of all the time.
 */
@Component
public class LastSeen {
    private volatile Function<AssetId, Optional<Instant>> source = _ -> Optional.empty();

    public void askOf(Function<AssetId, Optional<Instant>> presence) {
        source = presence;
    }

    AssetView view(Asset asset) {
        AssetView view = AssetView.of(asset);
        return source.apply(asset.id())
                .filter(seen -> asset.lastSeen() == null || seen.isAfter(asset.lastSeen()))
                .map(view::seen)
                .orElse(view);
    }
}
