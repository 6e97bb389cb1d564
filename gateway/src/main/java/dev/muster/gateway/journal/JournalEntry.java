package dev.muster.gateway.journal;

import dev.muster.protocol.AssetId;
import dev.muster.protocol.Uplink;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One durable entry of the journal.
 *
 * @param receivedAt milliseconds since the epoch, by the server's clock
 * @param uplink null for the opening and closing of sessions, which have their text in {@code payload}
 */
public record JournalEntry(
        long offset,
        long receivedAt,
        AssetId asset,
        EntryKind kind,
        @Nullable Uplink uplink,
        byte[] payload) {

    /** The uplink of an entry that must hold one. */
    public Uplink requireUplink() {
        return Objects.requireNonNull(
                uplink, () -> "journal entry " + offset + " of kind " + kind + " holds no uplink");
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof JournalEntry that && that.offset == offset;
    }

    @Override
    public int hashCode() {
        return Long.hashCode(offset);
    }

    @Override
    public String toString() {
        return "JournalEntry[" + offset + " " + kind + " of " + asset + ", " + payload.length + " bytes]";
    }
}
