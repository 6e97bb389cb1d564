package dev.muster.audit;

import dev.muster.identity.Actor;
import dev.muster.identity.Kind;
import dev.muster.identity.Requires;
import dev.muster.identity.Verb;
import dev.muster.platform.page.Page;
import dev.muster.platform.page.PageRequest;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletResponse;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** The audit trail over HTTP. */
@RestController
@Tag(name = "audit")
class AuditResource {
    private final AuditTrail trail;

    AuditResource(AuditTrail trail) {
        this.trail = trail;
    }

    @GetMapping("/api/v1/audit")
    @Requires(verb = Verb.READ, kind = Kind.AUDIT)
    @Operation(
            operationId = "listAudit",
            summary = "Lists who changed what, newest first",
            description =
                    "A token with a narrower scope sees its own actions and those on assets in scope; its pages may be"
                            + " short while \"continue\" still leads on.")
    Page<AuditEntry> list(
            Actor actor,
            @Parameter(name = "actor", description = "name of a token, id of an asset, or system")
                    @RequestParam(name = "actor", required = false)
                    @Nullable String by,
            @Parameter(description = "kind/name or kind", example = "asset/pos-1")
                    @RequestParam(required = false)
                    @Nullable String object,
            @Parameter(example = "asset.create") @RequestParam(required = false) @Nullable String action,
            @Parameter(description = "inclusive") @RequestParam(required = false) @Nullable Instant from,
            @Parameter(description = "exclusive") @RequestParam(required = false) @Nullable Instant to,
            PageRequest page) {
        return trail.find(actor, AuditQuery.of(by, object, action, from, to), page);
    }

    @GetMapping(path = "/api/v1/audit/export")
    @Requires(verb = Verb.READ, kind = Kind.AUDIT)
    @Operation(
            operationId = "exportAudit",
            summary = "Exports who changed what, newest first, as lines of JSON or as CSV",
            description = "At most 100,000 entries; where more follow the last line says from where to go on.")
    @ApiResponse(
            responseCode = "200",
            content = {
                @Content(mediaType = AuditExport.JSON_LINES, schema = @Schema(type = "string")),
                @Content(mediaType = AuditExport.CSV, schema = @Schema(type = "string"))
            })
    void export(
            Actor actor,
            @Parameter(name = "actor", description = "name of a token, id of an asset, or system")
                    @RequestParam(name = "actor", required = false)
                    @Nullable String by,
            @Parameter(description = "kind/name or kind") @RequestParam(required = false) @Nullable String object,
            @RequestParam(required = false) @Nullable String action,
            @Parameter(description = "inclusive") @RequestParam(required = false) @Nullable Instant from,
            @Parameter(description = "exclusive") @RequestParam(required = false) @Nullable Instant to,
            @Parameter(description = "jsonl or csv", schema = @Schema(allowableValues = {"jsonl", "csv"}))
                    @RequestParam(defaultValue = "jsonl")
                    String format,
            HttpServletResponse response)
            throws IOException {
        AuditExport export = AuditExport.of(format);
        AuditQuery query = AuditQuery.of(by, object, action, from, to);
        response.setContentType(export.mediaType() + ";charset=UTF-8");
        response.setHeader("Content-Disposition", "attachment; filename=\"audit." + format + "\"");
        try (Writer out = new BufferedWriter(
                new OutputStreamWriter(response.getOutputStream(), StandardCharsets.UTF_8), 64 * 1024)) {
            export.write(trail, actor, query, out);
        }
    }
}
