package dev.muster.file;

import dev.muster.gateway.port.FileIntake.Announced;
import dev.muster.gateway.port.FileIntake.Said.Refused;
import dev.muster.protocol.AssetId;
import java.util.Optional;

/** Decides whether an asset may send one more file. */
final class FileRules {
    private FileRules() {}

    /**
     * What is allowed.
     *
     * @param type of the asset, for the answer
     * @param reserve bytes of the disk that stay free
     */
    record Limits(String type, long maxBytes, long quota, int maxFiles, int maxUploads, long reserve) {}

    /**
     * What an asset has.
     *
     * @param bytes of its files and of those on their way, as if they were whole
     * @param free bytes on the disk when all that is on its way has come; -1 when that is not known
     */
    record Use(long bytes, int files, int uploads, long free) {}

    /** Why not; empty when it may. */
    static Optional<Refused> refusal(AssetId asset, Announced file, Limits limits, Use use) {
        if (file.size() > limits.maxBytes()) {
            return Optional.of(new Refused(
                    413,
                    "too_large",
                    "the file has " + file.size() + " bytes, allowed are " + limits.maxBytes()
                            + " for an asset of type " + limits.type()));
        }
        if (use.uploads() >= limits.maxUploads()) {
            return Optional.of(new Refused(
                    429,
                    "rate_limited",
                    "asset " + asset + " has " + use.uploads()
                            + " files on their way, no more are allowed; go on with one, or take one back"));
        }
        if (use.files() + use.uploads() >= limits.maxFiles()) {
            return Optional.of(quota(asset, use.files() + " files are kept, " + limits.maxFiles() + " are allowed"));
        }
        if (use.bytes() + file.size() > limits.quota()) {
            return Optional.of(quota(
                    asset,
                    use.bytes() + " bytes are kept or on their way, this one has " + file.size() + ", " + limits.quota()
                            + " are allowed"));
        }
        if (use.free() >= 0 && use.free() - file.size() < limits.reserve()) {
            return Optional.of(new Refused(
                    507, "disk_full", "the server has no room for " + file.size() + " bytes at this moment"));
        }
        return Optional.empty();
    }

    private static Refused quota(AssetId asset, String found) {
        return new Refused(
                507,
                "quota",
                "asset " + asset + " may send no more: " + found
                        + "; somebody has to delete some, or they go with time");
    }
}
