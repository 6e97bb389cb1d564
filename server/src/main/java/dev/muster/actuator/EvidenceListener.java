package dev.muster.actuator;

import dev.muster.protocol.AssetId;
import java.util.Collection;

/** Is told, in the transaction that stores it, of which assets there is something new to observe. */
public interface EvidenceListener {
    void heardOf(Collection<AssetId> assets);
}
