package dev.muster.gateway.mqtt;

import dev.muster.protocol.PayloadFormat;
import dev.muster.protocol.Uplink;
import dev.muster.protocol.UplinkKind;

/** The uplink that an asset leaves with the server, to be taken when its connection ends without a farewell. */
record Will(UplinkKind kind, String subtopic, PayloadFormat format, byte[] payload, Uplink uplink) {
    /** Kept in memory for every session. */
    static final int MAX_BYTES = 8 * 1024;
}
