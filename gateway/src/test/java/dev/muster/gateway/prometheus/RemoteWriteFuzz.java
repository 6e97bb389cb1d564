package dev.muster.gateway.prometheus;

import dev.muster.gateway.packed.Snappy;
import dev.muster.gateway.packed.UnpackException;
import dev.muster.gateway.signal.SampleBatch;
import dev.muster.protocol.MalformedPayloadException;
import java.util.Arrays;

/** Any bytes as a remote write: read and written for the journal, or refused. The first byte chooses version and snappy. */
public final class RemoteWriteFuzz {
    private static final int MOST = 64 * 1024;
    private static final int ENTRY_BYTES = 16 * 1024;

    private RemoteWriteFuzz() {}

    public static void fuzzerTestOneInput(byte[] data) {
        if (data.length == 0) {
            return;
        }
        byte[] body = Arrays.copyOfRange(data, 1, data.length);
        try {
            byte[] unpacked = (data[0] & 2) == 0 ? body : Snappy.unpack(body, MOST);
            RemoteWrite.Read read = RemoteWrite.read(unpacked, (data[0] & 1) == 1);
            if (read.samples().size() > read.taken()
                    || read.refused() > 0 && read.firstRefusal().isEmpty()) {
                throw new AssertionError(read.taken() + " taken, " + read.refused() + " refused");
            }
            SampleBatch.encode(read.samples(), ENTRY_BYTES);
        } catch (MalformedPayloadException | UnpackException refused) {
            if (refused.getMessage() == null) {
                throw new AssertionError("refused without a reason", refused);
            }
        }
    }
}
