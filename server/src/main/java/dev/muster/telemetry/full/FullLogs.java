package dev.muster.telemetry.full;

import dev.muster.protocol.AssetId;
import java.time.Instant;

/** Every log line of an asset is kept that is received before the end. */
record FullLogs(AssetId asset, Instant until, String reason, Instant createdAt, String createdBy) {}
