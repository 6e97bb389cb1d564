package dev.muster.file;

import dev.muster.identity.Actor;
import dev.muster.identity.Kind;
import dev.muster.identity.Requires;
import dev.muster.identity.Verb;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import dev.muster.platform.page.Page;
import dev.muster.platform.page.PageRequest;
import dev.muster.protocol.AssetId;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.FileSystemResource;
import org.springframework.core.io.Resource;
import org.springframework.http.CacheControl;
import org.springframework.http.ContentDisposition;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Files of assets over HTTP. */
@RestController
@RequestMapping("/api/v1/files")
@Tag(name = "files")
class FileResource {
    private final FileService service;

    FileResource(FileService service) {
        this.service = service;
    }

    @Schema(name = "FileChange")
    record FileChange(
            @Schema(description = "when it goes; unchanged when absent") @Nullable Instant until,

            @Schema(
                    description = "why it must not go, empty for no longer; unchanged when absent",
                    example = "evidence for INC-42")
            @Nullable String hold) {}

    @GetMapping
    @Requires(verb = Verb.READ, kind = Kind.FILE)
    @Operation(
            operationId = "listFiles",
            summary = "Lists files of assets, the newest first",
            description = "A page that a selector narrows may be short and still have a next one.")
    Page<FileView> list(
            Actor actor,
            @RequestParam(required = false) @Nullable String asset,
            @Parameter(example = "asset.type == 'van'") @RequestParam(required = false) @Nullable String selector,
            @RequestParam(required = false) @Nullable String kind,
            PageRequest page) {
        String narrowed = selector == null || selector.isBlank() ? null : selector;
        return service.list(actor, assetId(asset), narrowed, kind == null || kind.isEmpty() ? null : kind, page)
                .map(FileView::of);
    }

    @GetMapping("/{id}")
    @Requires(verb = Verb.READ, kind = Kind.FILE)
    @Operation(operationId = "getFile", summary = "Shows what is known of a file of an asset")
    FileView get(Actor actor, @PathVariable String id) {
        return FileView.of(service.get(actor, id));
    }

    @GetMapping("/{id}/content")
    @Requires(verb = Verb.READ, kind = Kind.FILE)
    @Operation(
            operationId = "downloadFile",
            summary = "Gives the content of a file, or the range that is asked for",
            description = "Each reading is in the audit trail. Always as a download of unknown type: what an asset says"
                    + " that it is, is not believed.")
    @ApiResponse(
            responseCode = "200",
            content =
                    @Content(
                            mediaType = "application/octet-stream",
                            schema = @Schema(type = "string", format = "binary")))
    ResponseEntity<Resource> content(Actor actor, @PathVariable String id) {
        FileService.Opened opened = service.open(actor, id);
        return ResponseEntity.ok()
                .contentType(MediaType.APPLICATION_OCTET_STREAM)
                .eTag("\"" + opened.file().sha256() + "\"")
                .cacheControl(CacheControl.noStore())
                .header(
                        HttpHeaders.CONTENT_DISPOSITION,
                        ContentDisposition.attachment()
                                .filename(opened.file().name(), StandardCharsets.UTF_8)
                                .build()
                                .toString())
                .header("Content-Security-Policy", "default-src 'none'; sandbox")
                .header("X-Content-Type-Options", "nosniff")
                .body(new FileSystemResource(opened.content()));
    }

    @PatchMapping("/{id}")
    @Requires(verb = Verb.WRITE, kind = Kind.FILE)
    @Operation(operationId = "changeFile", summary = "Says how long a file is kept, holds it, or ends the hold")
    FileView change(Actor actor, @PathVariable String id, @RequestBody FileChange change) {
        return FileView.of(service.change(actor, id, new FileService.Change(change.until(), change.hold())));
    }

    @DeleteMapping("/{id}")
    @Requires(verb = Verb.WRITE, kind = Kind.FILE)
    @Operation(operationId = "deleteFile", summary = "Deletes a file that nobody holds")
    @ApiResponse(responseCode = "204", description = "deleted")
    ResponseEntity<Void> delete(Actor actor, @PathVariable String id) {
        service.delete(actor, id);
        return ResponseEntity.noContent().build();
    }

    private static @Nullable AssetId assetId(@Nullable String text) {
        if (text == null || text.isEmpty()) {
            return null;
        }
        return AssetId.parse(text).orElseThrow(() -> new Refusal(ErrorCode.INVALID, "asset is no id of an asset"));
    }
}
