package dev.muster.alert;

import dev.muster.protocol.AssetId;
import java.util.Collection;
import java.util.Map;

/** Which assets somebody is looking after because something is wrong with them, by whoever keeps incidents. */
public interface OpenIncidents {
    /** Of those of the assets that an open incident is about: what to call it, such as {@code INC-12: pump does not start}. */
    Map<AssetId, String> of(Collection<AssetId> assets);
}
