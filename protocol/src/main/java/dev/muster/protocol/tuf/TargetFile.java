package dev.muster.protocol.tuf;

import dev.muster.protocol.tuf.MetadataRefusedException.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A file that a trusted role has signed for.
 *
 * @param path {@code component/version/file}
 * @param length in bytes
 * @param custom what the role says of it
 */
public record TargetFile(String path, long length, String sha256, Custom custom) {

    /** What a file of a release is for. */
    public enum Kind {
        /** Installed on assets. */
        ARTIFACT,
        /** Names the releases that a set of components consists of. */
        SET,
        /** For people. */
        NOTES,
        /** What it is made of. */
        SBOM,
        /** How it was built. */
        PROVENANCE;

        public String wire() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    /**
     * The custom part of a target (specification 4.5), in the member {@code muster}.
     *
     * @param hardware names of hardware that it is for; empty for any
     * @param compatibility CEL over an asset, decided by the server; empty for all
     * @param components of a set: version by component
     */
    public record Custom(
            Kind kind,
            String component,
            String version,
            List<String> hardware,
            String compatibility,
            Map<String, String> components) {
        public Custom {
            hardware = List.copyOf(hardware);
            components = Map.copyOf(components);
        }

        public boolean fits(String assetHardware) {
            return hardware.isEmpty() || hardware.contains(assetHardware);
        }
    }

    /** Makes sure that a file is the one that was signed for. */
    public void verify(Path file) throws IOException, MetadataRefusedException {
        long found = Files.size(file);
        if (found != length) {
            throw new MetadataRefusedException(
                    Reason.ALTERED, path + " has " + found + " bytes, the signed metadata says " + length);
        }
        try (InputStream in = Files.newInputStream(file)) {
            String hash = Sha256.of(in);
            if (!hash.equals(sha256)) {
                throw new MetadataRefusedException(
                        Reason.ALTERED, path + " has the SHA-256 " + hash + ", the signed metadata says " + sha256);
            }
        }
    }

    /** Makes sure that it is for this component, version and hardware. */
    public void requireFits(String component, String version, String hardware) throws MetadataRefusedException {
        if (custom.kind() != Kind.ARTIFACT
                || !custom.component().equals(component)
                || !custom.version().equals(version)) {
            throw new MetadataRefusedException(
                    Reason.INCOMPATIBLE,
                    path + " is signed as " + custom.kind().wire() + " of " + custom.component() + "@"
                            + custom.version() + ", wanted is an artifact of " + component + "@" + version);
        }
        if (!custom.fits(hardware)) {
            throw new MetadataRefusedException(
                    Reason.INCOMPATIBLE,
                    path + " is for the hardware " + String.join(", ", custom.hardware()) + ", this is "
                            + (hardware.isEmpty() ? "of unknown hardware" : hardware));
        }
    }
}
