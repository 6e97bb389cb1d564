package dev.muster.file;

import dev.muster.protocol.AssetId;
import dev.muster.registry.Asset;
import dev.muster.registry.asset.AssetListener;
import java.time.Clock;
import java.util.List;
import org.springframework.stereotype.Component;

/** The files of an asset that is deleted go with it, but for those that somebody holds. */
@Component
class FilesOfLostAssets implements AssetListener {
    private final FileStore store;
    private final Clock clock;

    FilesOfLostAssets(FileStore store, Clock clock) {
        this.store = store;
        this.clock = clock;
    }

    @Override
    public void beforeChange() {}

    @Override
    public void changed(List<Asset> assets) {}

    @Override
    public void changedMany() {}

    @Override
    public void deleted(AssetId asset) {
        store.endAll(asset, clock.instant());
    }
}
