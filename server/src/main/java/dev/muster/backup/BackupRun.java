package dev.muster.backup;

import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A backup that was begun. */
@Schema(name = "Backup")
public record BackupRun(
        @Schema(description = "ordered by time") String id,
        Instant startedAt,
        String startedBy,

        @Schema(description = "absent while it is being written, and of one that ended with the server") @Nullable Instant finishedAt,

        @Schema(
                description = "whether it was sent whole",
                allowableValues = {"running", "done", "failed"})
        String outcome,

        @Nullable String reason,
        @Nullable Long bytes,
        @Nullable Long files) {}
