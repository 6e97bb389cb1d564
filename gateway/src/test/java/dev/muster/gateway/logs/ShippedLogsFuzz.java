package dev.muster.gateway.logs;

import dev.muster.gateway.uplink.LogEntries;
import dev.muster.protocol.MalformedPayloadException;

/** Any bytes as what a log shipper posts: read and written for the journal, or refused. */
public final class ShippedLogsFuzz {
    private ShippedLogsFuzz() {}

    public static void fuzzerTestOneInput(byte[] data) {
        try {
            LogEntries.of(ShippedLogs.read(data));
        } catch (MalformedPayloadException refused) {
            if (refused.getMessage() == null) {
                throw new AssertionError("refused without a reason", refused);
            }
        }
    }
}
