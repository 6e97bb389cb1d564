package dev.muster.gateway.journal;

import dev.muster.protocol.AssetId;
import dev.muster.protocol.PayloadFormat;
import dev.muster.protocol.Uplink;
import org.jspecify.annotations.Nullable;

/**
 * The durable log between the sockets and the consumers: an entry is acknowledged when it is on disk.
 *
 * <p>Offsets count entries from 0 and never repeat. Entries of one asset keep the order in which they were offered.
 * {@code JournalContract} in the tests states what every implementation promises.
 */
public interface Journal extends AutoCloseable {

    /**
     * Offers an entry and returns at once.
     *
     * @param receivedAt milliseconds since the epoch, by the server's clock
     * @param subtopic what the topic says beyond the kind (the command id of a result), else empty
     * @param format of the payload
     * @param payload as it came; the journal keeps the array, the caller must not change it
     * @param decoded the payload decoded, handed to consumers on the fast path; null for sessions
     * @param ack told once, in order of offering, from the journal's own thread: it must not block
     * @return false when a bound is reached: nothing was taken, {@code ack} is never told; stop reading and wait for
     *     {@link #whenRoom}
     */
    boolean offer(
            long receivedAt,
            AssetId asset,
            EntryKind kind,
            String subtopic,
            PayloadFormat format,
            byte[] payload,
            @Nullable Uplink decoded,
            Ack ack);

    /** Runs the task once, soon after there is room again (at once if there is room now); from the journal's thread. */
    void whenRoom(Runnable task);

    /** Opens the consumer's reader at its committed offset; one reader per name at a time. */
    JournalReader reader(String consumer);

    JournalHealth health();

    /** Syncs what was offered, tells the acknowledgements, and lets the files go. */
    @Override
    void close();

    /** Told when an entry is on disk, or that it will not be. */
    interface Ack {
        void durable(long offset);

        void failed(JournalFailure failure);
    }
}
