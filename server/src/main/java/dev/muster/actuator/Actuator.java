package dev.muster.actuator;

import dev.muster.protocol.AssetId;
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

    /** Gives orders, each in place of the one that the component of the asset has. */
    void apply(Collection<Change> changes);

    /** Takes orders back that have not succeeded; what the asset has begun may come to its end all the same. */
    void cancel(String component, Collection<Withdrawal> withdrawals, String reason);

    /** What can be said of the assets now; one entry for each. */
    Map<AssetId, Observation> observe(String component, Collection<AssetId> assets);
}
