package dev.muster.release;

import dev.muster.gateway.port.Artifacts;
import dev.muster.protocol.AssetId;
import dev.muster.registry.asset.AssetStore;
import dev.muster.release.artifact.ArtifactStore;
import dev.muster.release.artifact.PackedArtifacts;
import dev.muster.release.metadata.SignedRepository;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;

/** What assets may download: artifacts of releases that are not quarantined, and the signed metadata. */
@Component
class DeviceArtifacts implements Artifacts {
    private final ArtifactStore artifacts;
    private final ReleaseStore releases;
    private final SignedRepository repository;
    private final PackedArtifacts packed;
    private final AssetStore assets;

    DeviceArtifacts(
            ArtifactStore artifacts,
            ReleaseStore releases,
            SignedRepository repository,
            PackedArtifacts packed,
            AssetStore assets) {
        this.artifacts = artifacts;
        this.releases = releases;
        this.repository = repository;
        this.packed = packed;
        this.assets = assets;
    }

    @Override
    public Found find(String sha256) {
        Set<String> statuses = asked(() -> releases.statusesOf(sha256));
        if (statuses.isEmpty()) {
            return new Found.Refused(404, "not_found", "no release names the artifact " + sha256);
        }
        if (!statuses.contains("published")) {
            return new Found.Refused(
                    403, "quarantined", "the artifact " + sha256 + " belongs to a release that is quarantined");
        }
        Optional<Path> file = artifacts.find(sha256);
        return file.<Found>map(Found.File::new)
                .orElseGet(
                        () -> new Found.Refused(410, "gone", "the artifact " + sha256 + " was removed by retention"));
    }

    @Override
    public Optional<Path> packed(String sha256) {
        return packed.packed(sha256);
    }

    /** Whether it may be given is told by the wanted artifact alone: what the asset has may be quarantined, and is to go away so. */
    @Override
    public Found delta(String sha256, String base) {
        Found whole = find(sha256);
        return whole instanceof Found.File
                ? packed.delta(sha256, base)
                        .<Found>map(Found.File::new)
                        .orElseGet(() -> Artifacts.super.delta(sha256, base))
                : whole;
    }

    @Override
    public String site(AssetId asset) {
        return asked(() -> assets.find(asset).map(found -> found.site()).orElse(""));
    }

    @Override
    public Optional<byte[]> metadata(String file) {
        return asked(() -> repository.file(file));
    }

    private static <T> T asked(Supplier<T> query) {
        try {
            return query.get();
        } catch (DataAccessException e) {
            throw new UncheckedIOException(new IOException("the database cannot be asked: " + e.getMessage(), e));
        }
    }
}
