package dev.muster.registry.asset;

import dev.muster.protocol.AssetId;
import dev.muster.registry.Asset;
import java.util.List;

/** Follows changes of the declared part of assets, in the transaction of the change. */
public interface AssetListener {
    /** Before the first row is written; takes the locks that its answers need. */
    void beforeChange();

    /** These assets are new or other than before. */
    void changed(List<Asset> assets);

    /** More assets than are worth telling one by one changed; the answer may come a little later. */
    void changedMany();

    void deleted(AssetId asset);
}
