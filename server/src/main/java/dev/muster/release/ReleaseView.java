package dev.muster.release;

import dev.muster.protocol.tuf.TargetFile;
import dev.muster.release.supply.Supply;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A release on the wire. */
@Schema(name = "Release")
record ReleaseView(
        @Schema(example = "app@1.5.0") String name,
        String component,
        String version,

        @Schema(allowableValues = {"component", "set"}) String kind,

        @Schema(allowableValues = {"published", "quarantined"})
        String status,

        Instant statusSince,

        @Schema(description = "why it is quarantined") @Nullable String reason,

        @Schema(description = "of a set: version by component")
        Map<String, String> components,

        List<FileView> files,
        Instant publishedAt,
        String publishedBy,

        @Schema(description = "when its artifacts were removed by muster release prune") @Nullable Instant prunedAt,

        @Schema(description = "components that its SBOMs name; left out in lists") @Nullable Integer sbomComponents,

        @Schema(description = "how it was built; left out in lists") @Nullable List<BuiltView> builds) {

    @Schema(name = "ReleaseBuild")
    record BuiltView(
            String builder,
            String buildType,

            @Schema(description = "what it was built from; empty when the provenance does not tell")
            String source,

            @Schema(description = "of the source, as of Git; may be empty")
            String revision,

            @Schema(description = "of the builder, a link as a rule; may be empty")
            String invocation,

            @Schema(description = "SHA-256 of the configured key that signed it; empty when no keys were configured")
            String signedBy) {
        static BuiltView of(Supply.Built built) {
            return new BuiltView(
                    built.builder(),
                    built.buildType(),
                    built.source(),
                    built.revision(),
                    built.invocation(),
                    built.signedBy());
        }
    }

    @Schema(name = "ReleaseFile")
    record FileView(
            @Schema(description = "its name in the signed metadata", example = "app/1.5.0/app-linux.tar.gz")
            String path,

            @Schema(allowableValues = {"artifact", "set", "notes", "sbom", "provenance"})
            String kind,

            long size,
            String sha256,

            @Schema(description = "names of hardware; empty for any")
            List<String> hardware,

            @Schema(description = "CEL over an asset; empty for all", example = "asset.labels.channel == 'stable'")
            String compatibility) {
        static FileView of(TargetFile file) {
            return new FileView(
                    file.path(),
                    file.custom().kind().wire(),
                    file.length(),
                    file.sha256(),
                    file.custom().hardware(),
                    file.custom().compatibility());
        }
    }

    static ReleaseView of(Release release) {
        return new ReleaseView(
                release.name().toString(),
                release.name().component(),
                release.name().version(),
                release.isSet() ? "set" : "component",
                release.state().wire(),
                release.state().since(),
                release.state() instanceof Release.State.Quarantined quarantined ? quarantined.reason() : null,
                release.components(),
                release.files().stream().map(FileView::of).toList(),
                release.publishedAt(),
                release.publishedBy(),
                release.prunedAt(),
                null,
                null);
    }

    /** The same with what it is made of, and how it was built. */
    ReleaseView with(int components, List<Supply.Built> built) {
        return new ReleaseView(
                name,
                component,
                version,
                kind,
                status,
                statusSince,
                reason,
                this.components,
                files,
                publishedAt,
                publishedBy,
                prunedAt,
                components,
                built.stream().map(BuiltView::of).toList());
    }
}
