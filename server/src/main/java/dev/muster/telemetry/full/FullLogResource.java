package dev.muster.telemetry.full;

import dev.muster.identity.Actor;
import dev.muster.identity.Kind;
import dev.muster.identity.Requires;
import dev.muster.identity.Verb;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import dev.muster.platform.page.Page;
import dev.muster.platform.page.PageRequest;
import dev.muster.registry.document.Durations;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Windows of full logs over HTTP. */
@RestController
@RequestMapping("/api/v1")
@Tag(name = "telemetry")
class FullLogResource {
    private final FullLogService service;

    FullLogResource(FullLogService service) {
        this.service = service;
    }

    @Schema(name = "NewFullLogs")
    record NewFullLogs(
            @Schema(example = "asset.labels.site == 'hamburg'") @Nullable String selector,

            @Schema(description = "1m to 30d", example = "2h") @Nullable String length,

            @Schema(example = "INC-42: restarts at night") @Nullable String reason) {}

    @Schema(name = "OpenedFullLogs")
    record OpenedView(int assets, Instant until) {}

    @Schema(name = "FullLogs")
    record FullLogView(String asset, Instant until, String reason, Instant createdAt, String createdBy) {
        static FullLogView of(FullLogs window) {
            return new FullLogView(
                    window.asset().value(), window.until(), window.reason(), window.createdAt(), window.createdBy());
        }
    }

    @PostMapping("/full-logs")
    @Requires(verb = Verb.WRITE, kind = Kind.ASSET)
    @Operation(
            operationId = "openFullLogs",
            summary = "Keeps every log line of the assets that a selector selects now, for a while",
            description = "Whatever their types say of sampling. A window that an asset has already is replaced.")
    @ApiResponse(responseCode = "201", description = "opened")
    ResponseEntity<OpenedView> open(Actor actor, @RequestBody NewFullLogs wanted) {
        Duration length = wanted.length() == null ? null : Durations.parse(wanted.length());
        if (length == null) {
            throw new Refusal(ErrorCode.INVALID, "length must be a time such as 90m, 24h or 7d");
        }
        if (wanted.selector() == null || wanted.selector().isBlank() || wanted.reason() == null) {
            throw new Refusal(ErrorCode.INVALID, "selector, length and reason are all needed");
        }
        FullLogService.Opened opened = service.open(actor, wanted.selector(), length, wanted.reason());
        return ResponseEntity.created(URI.create("/api/v1/full-logs"))
                .body(new OpenedView(opened.assets(), opened.until()));
    }

    @GetMapping("/full-logs")
    @Requires(verb = Verb.READ, kind = Kind.TELEMETRY)
    @Operation(
            operationId = "listFullLogs",
            summary = "Lists the assets of which every log line is kept, and until when",
            description = "In the order of assets.")
    Page<FullLogView> list(Actor actor, PageRequest page) {
        String after = page.after();
        List<FullLogs> found = service.list(actor).stream()
                .filter(window -> after == null || window.asset().value().compareTo(after) > 0)
                .limit(page.fetch())
                .toList();
        return Page.of(found, page, window -> window.asset().value()).map(FullLogView::of);
    }

    @DeleteMapping("/assets/{id}/full-logs")
    @Requires(verb = Verb.WRITE, kind = Kind.ASSET)
    @Operation(operationId = "closeFullLogs", summary = "Ends an asset's window of full logs now; again is no error")
    @ApiResponse(responseCode = "204", description = "ended")
    ResponseEntity<Void> close(Actor actor, @PathVariable String id) {
        service.close(actor, id);
        return ResponseEntity.noContent().build();
    }
}
