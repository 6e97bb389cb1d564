package dev.muster.command;

import dev.muster.protocol.AssetId;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Tells the sessions of this process that something waits for their assets: after the commit that makes it wait, and
 * never when that is rolled back.
 *
 * <p>A nudge may be lost, for the session asks by itself when the asset subscribes.
 */
@Component
public class Nudges {
    private static final Logger LOG = LoggerFactory.getLogger(Nudges.class);

    private volatile @Nullable Consumer<AssetId> devicePlane;
    private volatile @Nullable Consumer<AssetId> sessions;

    void attach(Consumer<AssetId> devicePlane) {
        attach(devicePlane, devicePlane);
    }

    /**
     * From now on sessions and assets that poll are told there; it must not block.
     *
     * @param sessions for what they were told before, and may not have heard: an asset that polls is told each time
     */
    public void attach(Consumer<AssetId> devicePlane, Consumer<AssetId> sessions) {
        this.devicePlane = devicePlane;
        this.sessions = sessions;
    }

    public void afterCommit(AssetId asset) {
        afterCommit(Set.of(asset));
    }

    /** Within the transaction of the caller; there must be one. */
    public void afterCommit(Collection<AssetId> assets) {
        afterCommit(assets, () -> devicePlane);
    }

    /** The same for what waits for them unchanged. */
    public void againAfterCommit(Collection<AssetId> assets) {
        afterCommit(assets, () -> sessions);
    }

    private void afterCommit(Collection<AssetId> assets, Supplier<@Nullable Consumer<AssetId>> told) {
        if (assets.isEmpty()) {
            return;
        }
        if (!TransactionSynchronizationManager.isActualTransactionActive()) {
            throw new IllegalStateException("sessions of " + assets.size()
                    + " assets would be nudged outside of a transaction, perhaps before anything waits for them");
        }
        Set<AssetId> nudged = new LinkedHashSet<>(assets);
        TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
            @Override
            public void afterCommit() {
                nudge(nudged, told.get());
            }
        });
    }

    /** The caller has committed: nothing that goes wrong here may look as if it had not. */
    private static void nudge(Set<AssetId> assets, @Nullable Consumer<AssetId> attached) {
        if (attached == null) {
            return;
        }
        for (AssetId asset : assets) {
            try {
                attached.accept(asset);
            } catch (RuntimeException e) {
                LOG.warn("asset={} could not be nudged; it learns what waits for it in its next session", asset, e);
            }
        }
    }
}
