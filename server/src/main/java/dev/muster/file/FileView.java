package dev.muster.file;

import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A file over HTTP. */
@Schema(name = "AssetFile")
record FileView(
        String id,
        String asset,
        String name,
        @Schema(example = "log") String kind,

        @Schema(description = "as the asset says; nothing believes it", example = "application/gzip")
        String mediaType,

        long size,

        @Schema(description = "of the content, lower-case hexadecimal")
        String sha256,

        @Schema(description = "as the asset says, else when it began to send it")
        Instant takenAt,

        Instant receivedAt,
        Map<String, String> labels,

        @Schema(description = "when it goes, unless it is held")
        Instant until,

        @Nullable HoldView hold) {

    @Schema(name = "FileHold")
    record HoldView(Instant since, String by, String reason) {}

    static FileView of(AssetFile file) {
        AssetFile.Hold hold = file.hold();
        return new FileView(
                file.id(),
                file.asset().value(),
                file.name(),
                file.kind(),
                file.mediaType(),
                file.size(),
                file.sha256(),
                file.takenAt(),
                file.receivedAt(),
                file.labels(),
                file.until(),
                hold == null ? null : new HoldView(hold.since(), hold.by(), hold.reason()));
    }
}
