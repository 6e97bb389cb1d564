package dev.muster.actuator;

import dev.muster.protocol.AssetId;
import dev.muster.registry.Asset;
import java.util.Collection;
import java.util.Map;

/**
 * What carries changes to assets and sees what becomes of them.
 *
 * <p>{@link #apply} and {@link #cancel} write in the caller's transaction, which must be there: an order exists when, and only when, the
 * decision that gave it is stored. Thousands of assets come at once.
 */
public interface Actuator {
    /** What the assets are known to run, or are told to; those of which nothing is known are left out. */
    Map<AssetId, Standing> standing(String component, Collection<AssetId> assets);

    /** The same of assets that were just read, without the run that is under way: for those who look at all of them. */
    default Map<AssetId, Standing> outline(String component, Collection<Asset> assets) {
        return standing(component, assets.stream().map(Asset::id).toList());
    }

    /** Gives orders, each in place of the one that the component of the asset has. */
    void apply(Collection<Change> changes);

    /** Takes orders back that have not succeeded; what the asset has begun may come to its end all the same. */
    void cancel(String component, Collection<Withdrawal> withdrawals, String reason);

    /**
     * What can be said of assets now; one entry for each.
     *
     * @param orders by asset the attempt of the order that it has
     */
    Map<AssetId, Observation> observe(String component, Map<AssetId, String> orders);
}
