package dev.muster.actuator;

import dev.muster.protocol.AssetId;
import dev.muster.twin.reported.ReportListener;
import java.util.Collection;
import java.util.List;
import org.springframework.stereotype.Component;

/** Tells those who watch changes that assets have reported. */
@Component
class HeardReports implements ReportListener {
    private final List<EvidenceListener> listeners;

    HeardReports(List<EvidenceListener> listeners) {
        this.listeners = listeners;
    }

    @Override
    public void reported(Collection<AssetId> assets) {
        listeners.forEach(listener -> listener.heardOf(assets));
    }
}
