package dev.muster.file;

import dev.muster.gateway.port.FileIntake.Announced;
import dev.muster.protocol.AssetId;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A file on its way.
 *
 * @param id of the file that it becomes
 * @param received bytes on disk
 * @param found SHA-256 of the content, once it is whole
 */
record FileUpload(
        String id,
        AssetId asset,
        Announced file,
        boolean resumable,
        long received,
        @Nullable String found,
        Instant begunAt,
        Instant until) {}
