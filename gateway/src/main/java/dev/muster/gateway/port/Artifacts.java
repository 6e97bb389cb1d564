package dev.muster.gateway.port;

import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Optional;

/** Files that assets download. Called on a virtual thread, may block. */
public interface Artifacts {

    /** @throws UncheckedIOException when it cannot be said at this moment */
    Found find(String sha256);

    /**
     * A file of the signed release metadata.
     *
     * @param name {@code timestamp.json}, {@code root.json}, {@code 3.root.json}, {@code 17.releases-app.json}
     * @throws UncheckedIOException when it cannot be said at this moment
     */
    Optional<byte[]> metadata(String name);

    sealed interface Found {
        /** Its content never changes. */
        record File(Path path) implements Found {}

        /** @param status HTTP status for the client: 403, 404 or 410; @param code stable */
        record Refused(int status, String code, String message) implements Found {}
    }

    /** There are no releases. */
    Artifacts NOTHING = new Artifacts() {
        @Override
        public Found find(String sha256) {
            return new Found.Refused(404, "not_found", "there are no artifacts");
        }

        @Override
        public Optional<byte[]> metadata(String name) {
            return Optional.empty();
        }
    };
}
