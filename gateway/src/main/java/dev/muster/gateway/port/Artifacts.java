package dev.muster.gateway.port;

import dev.muster.protocol.AssetId;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Optional;

/** Files that assets download. Called on a virtual thread, may block. */
public interface Artifacts {

    /** @throws UncheckedIOException when it cannot be said at this moment */
    Found find(String sha256);

    /** The same, packed with Zstandard in a window of at most 8 MiB (RFC 9659), where that is worth it and was done already. */
    default Optional<Path> packed(String sha256) {
        return Optional.empty();
    }

    /**
     * What makes the artifact from an earlier one.
     *
     * @param base SHA-256 of what the asset has
     * @throws UncheckedIOException when it cannot be said at this moment
     */
    default Found delta(String sha256, String base) {
        return new Found.Refused(404, "no_delta", "there is no delta; fetch the whole");
    }

    /** The place whose line to the server the asset shares with others; empty when it is not known. */
    default String site(AssetId asset) {
        return "";
    }

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
