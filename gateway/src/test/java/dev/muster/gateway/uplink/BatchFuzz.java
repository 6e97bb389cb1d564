package dev.muster.gateway.uplink;

import dev.muster.protocol.AssetId;
import dev.muster.protocol.MalformedPayloadException;
import dev.muster.protocol.PayloadFormat;
import java.util.Arrays;

/** Any bytes as a batch of uplinks: read, or refused. The first byte chooses the format. */
public final class BatchFuzz {
    private static final AssetId ASSET = new AssetId("a");
    private static final PayloadFormat[] FORMATS = PayloadFormat.values();

    private BatchFuzz() {}

    public static void fuzzerTestOneInput(byte[] data) {
        if (data.length == 0) {
            return;
        }
        try {
            Batch batch = Batch.read(
                    ASSET, FORMATS[(data[0] & 0xff) % FORMATS.length], Arrays.copyOfRange(data, 1, data.length));
            if (batch.items().size() > Batch.MAX_ITEMS) {
                throw new AssertionError(batch.items().size() + " items");
            }
        } catch (MalformedPayloadException refused) {
            if (refused.getMessage() == null) {
                throw new AssertionError("refused without a reason", refused);
            }
        }
    }
}
