package dev.muster.pki;

import dev.muster.gateway.port.Admission.Decision;
import dev.muster.protocol.AssetId;
import java.util.Optional;

/** Whether an asset is let in that is known by a credential which is not kept here. From memory. */
public interface AssetAdmission {
    /** Why it is not; empty when it is. */
    Optional<Decision.Refused> blocked(AssetId asset);
}
