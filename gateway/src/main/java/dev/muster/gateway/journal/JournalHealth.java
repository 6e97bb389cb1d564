package dev.muster.gateway.journal;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How the journal stands.
 *
 * @param problem null when it accepts entries, else why it does not, worded for an operator
 * @param nextOffset of the next entry to become durable
 * @param bytes on disk
 * @param maxBytes its bound
 * @param queued entries offered and not yet durable
 * @param lag entries not yet committed, by consumer
 */
public record JournalHealth(
        @Nullable String problem,
        long firstOffset,
        long nextOffset,
        long bytes,
        long maxBytes,
        int queued,
        Map<String, Long> lag) {}
