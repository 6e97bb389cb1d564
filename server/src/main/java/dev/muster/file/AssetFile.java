package dev.muster.file;

import dev.muster.protocol.AssetId;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A file that an asset sent.
 *
 * @param mediaType as the asset says; nothing here believes it
 * @param takenAt as the asset says, else when it began to send it
 * @param until when it goes, unless it is held
 * @param hold null when nobody holds it
 */
record AssetFile(
        String id,
        AssetId asset,
        String name,
        String kind,
        String mediaType,
        long size,
        String sha256,
        Instant takenAt,
        Instant receivedAt,
        Map<String, String> labels,
        Instant until,
        @Nullable Hold hold) {

    /** It does not go while somebody needs it. */
    record Hold(Instant since, String by, String reason) {}
}
