package dev.muster.ddi;

import dev.muster.actuator.EvidenceLevel;
import dev.muster.actuator.EvidenceLimits;
import dev.muster.ddi.DdiStore.Proof;
import dev.muster.protocol.AssetId;
import dev.muster.twin.reconcile.Unconfigured;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.springframework.stereotype.Component;

/**
 * What an asset that polls can prove: it has no way to say that it is healthy. Nor can it be configured.
 *
 * <p>SWUpdate reports success after it has restarted into the new version. rauc-hawkbit-updater reports it before, and so may others:
 * of these it is a claim until the asset was seen again, and confirmed only by one that names by itself what it runs.
 */
@Component
class DdiEvidence implements EvidenceLimits, Unconfigured {
    private final DdiStore store;

    DdiEvidence(DdiStore store) {
        this.store = store;
    }

    @Override
    public Map<AssetId, EvidenceLevel> of(Collection<AssetId> assets) {
        Map<AssetId, EvidenceLevel> limits = new HashMap<>();
        store.proofs(assets).forEach((asset, proof) -> limits.put(asset, limit(proof)));
        return limits;
    }

    /** DDI brings deployments and nothing else. */
    @Override
    public Set<AssetId> among(Collection<AssetId> assets) {
        return store.proofs(assets).keySet();
    }

    static EvidenceLevel limit(Proof proof) {
        return switch (proof.client()) {
            case SWUPDATE -> EvidenceLevel.CONFIRMED;
            case RAUC, OTHER -> proof.tellsVersions() ? EvidenceLevel.CONFIRMED : EvidenceLevel.SEEN_AGAIN;
        };
    }
}
