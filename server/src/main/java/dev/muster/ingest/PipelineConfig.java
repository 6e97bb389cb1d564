package dev.muster.ingest;

import java.time.Duration;

/**
 * Bounds of the pipeline.
 *
 * @param maxBatchEntries given to a consumer at once
 * @param maxBatchBytes of payloads in a batch, passed by one poll at most
 * @param linger how long a batch is collected after its first entry: a commit costs the same for one row as for thousands
 * @param attempts with a failing batch before the entry that causes it is searched for
 * @param minBackoff before the second attempt; doubled each time up to {@code maxBackoff}, with up to a fifth of jitter
 */
public record PipelineConfig(
        int maxBatchEntries,
        long maxBatchBytes,
        Duration linger,
        int attempts,
        Duration minBackoff,
        Duration maxBackoff) {
    public static final PipelineConfig STANDARD = new PipelineConfig(
            16_384, 8L << 20, Duration.ofMillis(200), 3, Duration.ofMillis(100), Duration.ofSeconds(10));
}
