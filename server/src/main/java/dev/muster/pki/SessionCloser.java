package dev.muster.pki;

import dev.muster.protocol.AssetId;

/** Closes the live sessions of an asset whose credential ended; the device plane behind it may not run yet. */
@FunctionalInterface
public interface SessionCloser {

    /** @param reason for the log and the client; must not block */
    void close(AssetId asset, String reason);
}
