package dev.muster.pki;

import dev.muster.protocol.AssetId;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Stands for the sessions of this process before the device plane runs: then there are none to close. */
@Component
public class LiveSessions implements SessionCloser {
    private volatile @Nullable SessionCloser closer;

    /** From now on sessions are closed there. */
    public void attach(SessionCloser devicePlane) {
        closer = devicePlane;
    }

    @Override
    public void close(AssetId asset, String reason) {
        SessionCloser attached = closer;
        if (attached != null) {
            attached.close(asset, reason);
        }
    }
}
