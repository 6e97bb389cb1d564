package dev.muster.twin.desired;

import dev.muster.protocol.AssetId;
import dev.muster.twin.desired.Materializer.Cause;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Changes what is assigned to thousands of assets and works their documents out, in pieces, within the transaction of the caller:
 * the assignment and the caller's own record of it are there together or not at all.
 */
@Component
class Assigning {
    private static final int CHUNK = 2_000;

    private final DesiredStore store;
    private final Materializer materializer;

    Assigning(DesiredStore store, Materializer materializer) {
        this.store = store;
        this.materializer = materializer;
    }

    /** Whether an asset whose document stays the same gets a generation all the same. */
    enum Generation {
        WHEN_CHANGED,
        ALWAYS
    }

    /**
     * Goes through the assets in the order of their ids.
     *
     * @param reasons by asset
     * @param change is given those that exist, whose documents are locked
     * @return the generation of each; assets that do not exist or are retired are left out
     */
    Map<AssetId, Long> inChunks(Map<String, String> reasons, Generation when, Consumer<Map<String, String>> change) {
        if (!TransactionSynchronizationManager.isActualTransactionActive()) {
            throw new IllegalStateException(reasons.size()
                    + " assets are assigned something outside of a transaction, where nothing else could be recorded"
                    + " with it");
        }
        Map<AssetId, Long> generations = new HashMap<>();
        List<String> assets = List.copyOf(new TreeMap<>(reasons).keySet());
        for (int i = 0; i < assets.size(); i += CHUNK) {
            Map<String, String> chunk = new TreeMap<>();
            assets.subList(i, Math.min(i + CHUNK, assets.size()))
                    .forEach(asset -> chunk.put(asset, reasons.getOrDefault(asset, "")));
            store.ensure(chunk.keySet());
            // The lock comes before the inputs are read: who waited for it sees what its holder did.
            chunk.keySet().retainAll(new HashSet<>(store.lock(chunk.keySet(), true)));
            change.accept(chunk);
            materialize(chunk, when).forEach((asset, generation) -> generations.put(new AssetId(asset), generation));
        }
        return generations;
    }

    private Map<String, Long> materialize(Map<String, String> reasons, Generation when) {
        Map<String, DesiredStore.Row> before = when == Generation.ALWAYS ? store.rows(reasons.keySet()) : Map.of();
        Map<String, Long> generations = new HashMap<>(materializer.materialize(causes(reasons, false)));
        Map<String, String> same = new TreeMap<>();
        before.forEach((asset, row) -> {
            Long now = generations.get(asset);
            if (now != null && now == row.generation()) {
                same.put(asset, reasons.getOrDefault(asset, ""));
            }
        });
        if (!same.isEmpty()) {
            generations.putAll(materializer.materialize(causes(same, true)));
        }
        return generations;
    }

    private static Map<String, Cause> causes(Map<String, String> reasons, boolean reapply) {
        Map<String, Cause> causes = new TreeMap<>();
        reasons.forEach((asset, reason) -> causes.put(asset, new Cause(reason, reapply)));
        return causes;
    }
}
