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
     * @param decoded the payload decoded, handed to consumers on the fast path; null only for sessions
     * @param ack told once, in order of offering, from the journal's own thread: it must not block. After {@link
     *     #close} it is told {@link JournalFailure.Reason#CLOSED} at once by the caller's thread
     * @return false when a bound is reached or the disk takes nothing: the entry was not taken, {@code ack} is never
     *     told; stop reading and wait for {@link #whenRoom}
     * @throws IllegalArgumentException when the payload is larger than the journal's entries may be
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

    /**
     * Runs the task once, soon after there is room again, and on closing; from the journal's thread. Room for one entry
     * may be gone when the task offers: it asks again.
     */
    void whenRoom(Runnable task);

    /**
     * Opens the consumer's reader at its committed offset; one reader per name at a time. A name seen for the first time
     * begins at the oldest entry kept, and from then on nothing it has not committed is deleted, until {@link #forget}.
     * While there is no consumer nothing is deleted.
     *
     * @param consumer {@code [a-z0-9][a-z0-9-]{0,63}}
     */
    JournalReader reader(String consumer);

    /** Drops what is remembered of a consumer that will not come back, so that it no longer keeps entries alive. */
    void forget(String consumer);

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
