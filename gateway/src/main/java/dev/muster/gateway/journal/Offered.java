package dev.muster.gateway.journal;

import dev.muster.protocol.AssetId;
import dev.muster.protocol.PayloadFormat;
import dev.muster.protocol.Uplink;
import org.jspecify.annotations.Nullable;

/** An entry on its way to the disk. */
record Offered(
        long receivedAt,
        AssetId asset,
        EntryKind kind,
        byte[] subtopic,
        PayloadFormat format,
        byte[] payload,
        @Nullable Uplink decoded,
        Journal.Ack ack) {

    JournalEntry at(long offset) {
        return new JournalEntry(offset, receivedAt, asset, kind, decoded, payload);
    }
}
