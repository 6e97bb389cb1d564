package dev.muster.gateway.journal;

import dev.muster.protocol.AssetId;
import dev.muster.protocol.MalformedPayloadException;
import dev.muster.protocol.PayloadFormat;
import dev.muster.protocol.Uplink;
import dev.muster.protocol.UplinkCodec;
import dev.muster.protocol.UplinkKind;
import org.jspecify.annotations.Nullable;

/** A record as it was found on disk: its checksum is good, its meaning not yet known. */
record StoredRecord(
        long offset, long receivedAt, String asset, int kindCode, String subtopic, byte formatCode, byte[] payload) {

    /** @throws MalformedPayloadException also for kinds and formats that this version does not know */
    JournalEntry decode() throws MalformedPayloadException {
        EntryKind kind;
        PayloadFormat format;
        AssetId id;
        try {
            kind = EntryKind.ofCode(kindCode);
            format = PayloadFormat.ofCode(formatCode);
            id = new AssetId(asset);
        } catch (IllegalArgumentException unknown) {
            throw new MalformedPayloadException(String.valueOf(unknown.getMessage()));
        }
        @Nullable UplinkKind uplinkKind = kind.uplinkKind();
        @Nullable Uplink uplink = uplinkKind == null ? null : UplinkCodec.decode(uplinkKind, subtopic, format, payload);
        return new JournalEntry(offset, receivedAt, id, kind, uplink, payload);
    }
}
