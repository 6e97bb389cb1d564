package dev.muster.release;

import dev.muster.identity.Actor;
import dev.muster.identity.Kind;
import dev.muster.identity.Requires;
import dev.muster.identity.Verb;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import dev.muster.platform.page.Page;
import dev.muster.platform.page.PageRequest;
import dev.muster.protocol.tuf.TargetFile;
import dev.muster.registry.asset.AssetDirectory;
import dev.muster.release.artifact.ArtifactStore;
import dev.muster.release.supply.Sbom;
import dev.muster.release.supply.SupplyStore;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.springframework.core.io.FileSystemResource;
import org.springframework.core.io.Resource;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** What releases are made of and how they were built, over HTTP. */
@RestController
@RequestMapping("/api/v1")
@Tag(name = "releases")
class SupplyResource {
    /** Each item counts the assets of its release. */
    private static final int MAX_PAGE = 100;

    private final Releases releases;
    private final SupplyStore supplies;
    private final ArtifactStore artifacts;
    private final AssetDirectory assets;

    SupplyResource(Releases releases, SupplyStore supplies, ArtifactStore artifacts, AssetDirectory assets) {
        this.releases = releases;
        this.supplies = supplies;
        this.artifacts = artifacts;
        this.assets = assets;
    }

    @Schema(name = "SbomComponent")
    record ComponentView(
            @Schema(example = "library") String type,

            @Schema(description = "may be empty, as version and purl may")
            String group,

            @Schema(example = "log4j-core") String name,
            String version,

            @Schema(example = "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1")
            String purl) {}

    @Schema(name = "SbomUse")
    record UseView(
            @Schema(example = "app@1.5.0") String release,

            @Schema(allowableValues = {"published", "quarantined"})
            String status,

            ComponentView component,

            @Schema(description = "how many of your assets run this release, by their own newest report")
            long assets,

            @Schema(
                    description = "of these assets, for GET /api/v1/assets",
                    example = "asset.software['app'] == '1.5.0'")
            String selector) {}

    @GetMapping("/sbom-components")
    @Requires(verb = Verb.READ, kind = Kind.RELEASE)
    @Operation(
            operationId = "findSbomComponents",
            summary = "Tells which releases contain a component, and how many assets run them",
            description =
                    "Newest release first, at most 100 a page. The components of SBOMs that were published with releases.")
    Page<UseView> find(
            Actor actor,
            PageRequest asked,
            @Parameter(description = "exact; group:name or group/name looks for the group too")
                    @RequestParam(defaultValue = "")
                    String name,
            @Parameter(description = "package URL, instead of a name; its version counts, qualifiers do not")
                    @RequestParam(defaultValue = "")
                    String purl,
            @Parameter(description = "exact; any without it") @RequestParam(defaultValue = "") String version) {
        PageRequest page = new PageRequest(Math.min(asked.limit(), MAX_PAGE), asked.token());
        Long release = null;
        Integer ordinal = null;
        String after = page.after();
        if (after != null) {
            String[] both = after.split(":", 2);
            try {
                release = Long.valueOf(both[0]);
                ordinal = Integer.valueOf(both.length > 1 ? both[1] : "");
            } catch (NumberFormatException e) {
                throw new Refusal(ErrorCode.INVALID, "continue is not a token that this server gave out for this list");
            }
        }
        Map<String, Long> counts = new HashMap<>();
        return Page.of(
                        supplies.uses(wanted(name, purl, version), release, ordinal, page.fetch()),
                        page,
                        use -> use.release() + ":" + use.ordinal())
                .map(use -> view(actor, use, counts));
    }

    private static SupplyStore.Wanted wanted(String name, String purl, String version) {
        if (name.isBlank() == purl.isBlank()) {
            throw new Refusal(ErrorCode.INVALID, "give either name or purl: the component that is looked for");
        }
        if (!purl.isBlank()) {
            String ofPurl = Objects.requireNonNullElse(Sbom.versionOf(purl), "");
            return new SupplyStore.Wanted(Sbom.packageOf(purl), "", "", version.isEmpty() ? ofPurl : version);
        }
        int split = Math.max(name.lastIndexOf(':'), name.lastIndexOf('/'));
        return new SupplyStore.Wanted(
                "", split < 0 ? "" : name.substring(0, split), name.substring(split + 1), version);
    }

    private UseView view(Actor actor, SupplyStore.Use use, Map<String, Long> counts) {
        String selector = "asset.software['" + use.component() + "'] == '" + use.version() + "'";
        return new UseView(
                use.component() + "@" + use.version(),
                use.status(),
                new ComponentView(
                        use.part().type(),
                        use.part().group(),
                        use.part().name(),
                        use.part().version(),
                        use.part().purl()),
                counts.computeIfAbsent(selector, of -> assets.count(actor, of, null)),
                selector);
    }

    @GetMapping("/releases/{name}/sbom")
    @Requires(verb = Verb.READ, kind = Kind.RELEASE)
    @Operation(
            operationId = "getReleaseSbom",
            summary = "Gives the SBOM of a release, CycloneDX in JSON, as it was published")
    @ApiResponse(responseCode = "200", content = @Content(mediaType = MediaType.APPLICATION_JSON_VALUE))
    ResponseEntity<Resource> sbom(@PathVariable String name, @RequestParam(defaultValue = "") String file) {
        return document(name, TargetFile.Kind.SBOM, file);
    }

    @GetMapping("/releases/{name}/provenance")
    @Requires(verb = Verb.READ, kind = Kind.RELEASE)
    @Operation(
            operationId = "getReleaseProvenance",
            summary = "Gives the provenance of a release, DSSE envelopes, as it was published")
    @ApiResponse(responseCode = "200", content = @Content(mediaType = MediaType.APPLICATION_JSON_VALUE))
    ResponseEntity<Resource> provenance(@PathVariable String name, @RequestParam(defaultValue = "") String file) {
        return document(name, TargetFile.Kind.PROVENANCE, file);
    }

    /** @param file the end of its path, where a release has several of the kind */
    private ResponseEntity<Resource> document(String name, TargetFile.Kind kind, String file) {
        List<TargetFile> found = releases.get(name).files().stream()
                .filter(one -> one.custom().kind() == kind)
                .filter(one -> file.isEmpty() || one.path().endsWith("/" + file))
                .toList();
        if (found.isEmpty()) {
            throw new Refusal(ErrorCode.NOT_FOUND, name + " was published without " + kind.wire());
        }
        if (found.size() > 1) {
            throw new Refusal(
                    ErrorCode.INVALID,
                    name + " has several files of kind " + kind.wire() + ", give ?file= one of "
                            + found.stream()
                                    .map(one -> one.path().substring(one.path().lastIndexOf('/') + 1))
                                    .toList());
        }
        Path stored = artifacts
                .find(found.getFirst().sha256())
                .orElseThrow(() -> new Refusal(
                        ErrorCode.NOT_FOUND, found.getFirst().path() + " was removed by muster release prune"));
        return ResponseEntity.ok()
                .contentType(MediaType.APPLICATION_JSON)
                .eTag("\"" + found.getFirst().sha256() + "\"")
                .body(new FileSystemResource(stored));
    }
}
