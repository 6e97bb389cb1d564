package dev.muster.gateway.port;

import dev.muster.protocol.AssetId;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Takes files that assets send. Called on a virtual thread, may block; every method may throw {@link UncheckedIOException}. */
public interface FileIntake {
    /**
     * What an asset says of a file before it sends it.
     *
     * @param kind a word such as {@code log} or {@code image}
     * @param mediaType as the asset says, believed by nobody
     * @param sha256 of the content, lower-case hexadecimal; null where it is not said
     * @param takenAt null where it is not said
     */
    record Announced(
            String name,
            String kind,
            String mediaType,
            long size,
            @Nullable String sha256,
            @Nullable Instant takenAt,
            Map<String, String> labels) {
        public Announced {
            labels = Map.copyOf(labels);
        }
    }

    /** @param resumable false for one that comes whole in one request, or not at all */
    Said begin(AssetId asset, Announced file, boolean resumable);

    /** Stores as much as comes; a stream that throws has ended early. */
    Said append(AssetId asset, String upload, long offset, InputStream piece);

    Said progress(AssetId asset, String upload);

    /** Of one that is not whole. */
    Said discard(AssetId asset, String upload);

    /** Of one file, whatever the type of the asset. */
    long maxBytes();

    sealed interface Said {
        /**
         * Not whole.
         *
         * @param offset bytes that are on disk: where to go on
         * @param until when it is given up, unless more comes
         */
        record Going(String upload, long offset, long size, Instant until) implements Said {}

        /** Whole, checked, on disk. @param isNew false when the asset had sent the same file before */
        record Stored(String file, long size, String sha256, boolean isNew) implements Said {}

        record Discarded() implements Said {}

        /** @param status of HTTP; @param code stable */
        record Refused(int status, String code, String message) implements Said {}
    }

    /** Takes none. */
    FileIntake NOTHING = new FileIntake() {
        private static final Said NONE = new Said.Refused(404, "not_found", "files are not taken here");

        @Override
        public Said begin(AssetId asset, Announced file, boolean resumable) {
            return NONE;
        }

        @Override
        public Said append(AssetId asset, String upload, long offset, InputStream piece) {
            return NONE;
        }

        @Override
        public Said progress(AssetId asset, String upload) {
            return NONE;
        }

        @Override
        public Said discard(AssetId asset, String upload) {
            return NONE;
        }

        @Override
        public long maxBytes() {
            return 0;
        }
    };
}
