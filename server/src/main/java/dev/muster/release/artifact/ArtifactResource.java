package dev.muster.release.artifact;

import dev.muster.audit.AuditLog;
import dev.muster.identity.Actor;
import dev.muster.identity.Kind;
import dev.muster.identity.Requires;
import dev.muster.identity.Verb;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import dev.muster.protocol.tuf.Sha256;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import org.springframework.core.io.FileSystemResource;
import org.springframework.core.io.Resource;
import org.springframework.http.CacheControl;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Artifacts over HTTP: upload in pieces, each from where the last one ended; download with ranges. */
@RestController
@RequestMapping("/api/v1/artifacts")
@Tag(name = "releases")
class ArtifactResource {
    private final ArtifactStore store;
    private final AuditLog audit;
    private final TransactionTemplate transaction;

    ArtifactResource(ArtifactStore store, AuditLog audit, PlatformTransactionManager transactions) {
        this.store = store;
        this.audit = audit;
        this.transaction = new TransactionTemplate(transactions);
    }

    @Schema(name = "Artifact")
    record ArtifactView(
            String sha256,

            @Schema(description = "bytes that are there: where the next piece begins")
            long size,

            @Schema(description = "whether all of it is there and its hash is right")
            boolean complete) {
        static ArtifactView of(String sha256, ArtifactStore.Progress progress) {
            return new ArtifactView(sha256, progress.size(), progress.isWhole());
        }
    }

    @GetMapping("/{sha256}")
    @Requires(verb = Verb.READ, kind = Kind.RELEASE)
    @Operation(operationId = "getArtifact", summary = "Tells how much of an artifact is there; nothing is no error")
    ArtifactView get(@PathVariable String sha256) {
        requireHash(sha256);
        return ArtifactView.of(sha256, store.progress(sha256));
    }

    @PatchMapping(path = "/{sha256}", consumes = MediaType.APPLICATION_OCTET_STREAM_VALUE)
    @Requires(verb = Verb.WRITE, kind = Kind.RELEASE)
    @Operation(
            operationId = "uploadArtifact",
            summary = "Appends a piece; with the last one the hash is checked",
            description = "A piece is at most as large as http-max-body. Unfinished uploads expire.")
    @io.swagger.v3.oas.annotations.parameters.RequestBody(
            content =
                    @Content(
                            mediaType = "application/octet-stream",
                            schema = @Schema(type = "string", format = "binary")))
    ArtifactView append(
            Actor actor,
            @PathVariable String sha256,
            @Parameter(description = "where the piece begins") @RequestHeader("Upload-Offset") long offset,
            @Parameter(description = "bytes of the whole") @RequestHeader("Upload-Length") long length,
            HttpServletRequest request)
            throws IOException {
        boolean wasWhole = store.progress(sha256).isWhole();
        ArtifactStore.Progress progress = store.append(sha256, offset, length, request.getInputStream());
        if (progress.isWhole() && !wasWhole) {
            transaction.executeWithoutResult(status ->
                    audit.record(actor, "artifact.upload", "artifact", sha256, null, Map.of("size", progress.size())));
        }
        return ArtifactView.of(sha256, progress);
    }

    @GetMapping("/{sha256}/content")
    @Requires(verb = Verb.READ, kind = Kind.RELEASE)
    @Operation(operationId = "downloadArtifact", summary = "Gives an artifact, or the range that is asked for")
    @ApiResponse(
            responseCode = "200",
            content =
                    @Content(
                            mediaType = "application/octet-stream",
                            schema = @Schema(type = "string", format = "binary")))
    ResponseEntity<Resource> content(@PathVariable String sha256) {
        requireHash(sha256);
        return store.find(sha256)
                .map(file -> ResponseEntity.ok()
                        .contentType(MediaType.APPLICATION_OCTET_STREAM)
                        .eTag("\"" + sha256 + "\"")
                        .cacheControl(CacheControl.maxAge(Duration.ofDays(365))
                                .cachePrivate()
                                .immutable())
                        .<Resource>body(new FileSystemResource(file)))
                .orElseThrow(() -> new Refusal(
                        ErrorCode.NOT_FOUND,
                        "artifact " + sha256 + " is not there; GET /api/v1/releases names what is"));
    }

    private static void requireHash(String sha256) {
        if (!Sha256.isHash(sha256)) {
            throw new Refusal(ErrorCode.INVALID, "an artifact is named by its SHA-256, 64 characters 0-9a-f");
        }
    }
}
