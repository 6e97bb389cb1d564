package dev.muster.twin.reported;

import dev.muster.protocol.AssetId;
import java.util.Collection;

/** Is told of assets that have reported something newer, in the transaction that stores it. */
public interface ReportListener {
    void reported(Collection<AssetId> assets);
}
