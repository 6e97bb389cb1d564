package dev.muster.gateway.uplink;

import dev.muster.gateway.journal.EntryKind;
import dev.muster.protocol.MalformedPayloadException;
import dev.muster.protocol.PayloadFormat;
import dev.muster.protocol.Uplink;
import dev.muster.protocol.UplinkCodec;
import dev.muster.protocol.UplinkKind;
import java.util.ArrayList;
import java.util.List;

/**
 * Log records that came in another form, as entries of the journal: as many in one as the bounds of an uplink allow.
 *
 * @param refusals why a record cannot be kept, one for each
 */
public record LogEntries(List<Deposit.Item> items, List<String> refusals) {

    public static LogEntries of(List<Uplink.LogRecord> records) {
        var entries = new LogEntries(new ArrayList<>(), new ArrayList<>());
        for (int from = 0; from < records.size(); from += UplinkCodec.MAX_ENTRIES) {
            entries.add(records.subList(from, Math.min(records.size(), from + UplinkCodec.MAX_ENTRIES)));
        }
        return entries;
    }

    /** What is written is read back before it is believed: after a restart the journal is read by the same bounds. */
    private void add(List<Uplink.LogRecord> records) {
        byte[] payload = UplinkCodec.encode(new Uplink.Logs(records), PayloadFormat.CBOR);
        try {
            var read = UplinkCodec.decode(UplinkKind.LOGS, "", PayloadFormat.CBOR, payload);
            items.add(new Deposit.Item(EntryKind.LOGS, "", PayloadFormat.CBOR, payload, read));
        } catch (MalformedPayloadException e) {
            if (records.size() == 1) {
                refusals.add(String.valueOf(e.getMessage()));
            } else {
                add(records.subList(0, records.size() / 2));
                add(records.subList(records.size() / 2, records.size()));
            }
        }
    }
}
