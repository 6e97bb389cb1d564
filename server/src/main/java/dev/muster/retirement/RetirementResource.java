package dev.muster.retirement;

import dev.muster.identity.Actor;
import dev.muster.identity.Kind;
import dev.muster.identity.Requires;
import dev.muster.identity.Verb;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import dev.muster.registry.asset.AssetView;
import dev.muster.registry.document.Durations;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Retirements over HTTP. */
@RestController
@Tag(name = "assets")
@RequestMapping("/api/v1/assets/{id}")
class RetirementResource {
    private static final Duration MIN = Duration.ofSeconds(1);
    private static final Duration MAX = Duration.ofDays(7);

    private final RetirementService service;

    RetirementResource(RetirementService service) {
        this.service = service;
    }

    @Schema(name = "NewRetirement")
    record NewRetirement(
            @Schema(description = "whether the asset is to wipe itself first; it is when absent") @Nullable Boolean wipe,

            @Schema(
                    description =
                            "how long the asset has for it, 1s to 7d, be it offline or not; the server's own when absent",
                    example = "24h")
            @Nullable String wipeWithin,

            @Schema(
                    description =
                            "what becomes of the asset when the wipe is not confirmed by then; the server's own when"
                                    + " absent",
                    allowableValues = {"retire", "keep"})
            @Nullable String ifUnconfirmed,

            @Schema(description = "for the audit trail", example = "sold") @Nullable String reason,

            @Schema(description = "that it is meant; needed") @Nullable Boolean confirm) {}

    @Schema(name = "Restore")
    record Restore(
            @Schema(description = "for the audit trail", example = "came back from repair") @Nullable String reason) {}

    @PostMapping("/retirement")
    @Requires(verb = Verb.WRITE, kind = Kind.ASSET)
    @Operation(
            operationId = "retireAsset",
            summary = "Begins to take an asset out of the fleet for good",
            description =
                    "It wipes itself, then its certificates are revoked and it is refused everywhere. An asset that is"
                            + " offline has until the deadline.")
    @ApiResponse(responseCode = "201", description = "begun")
    ResponseEntity<RetirementView> retire(
            Actor actor, @PathVariable String id, @RequestBody(required = false) @Nullable NewRetirement given) {
        NewRetirement wanted = given == null ? new NewRetirement(null, null, null, null, null) : given;
        Retirement begun = service.start(
                actor,
                id,
                new RetirementService.Wanted(
                        !Boolean.FALSE.equals(wanted.wipe()),
                        within(wanted.wipeWithin()),
                        ifUnconfirmed(wanted.ifUnconfirmed()),
                        wanted.reason() == null ? "" : wanted.reason(),
                        Boolean.TRUE.equals(wanted.confirm())));
        return ResponseEntity.created(URI.create("/api/v1/assets/" + begun.asset() + "/retirement"))
                .body(RetirementView.of(begun));
    }

    @GetMapping("/retirement")
    @Requires(verb = Verb.READ, kind = Kind.ASSET)
    @Operation(operationId = "getRetirement", summary = "Shows how far the newest retirement of an asset is")
    @ApiResponse(
            responseCode = "200",
            description = "the newest",
            content = @Content(schema = @Schema(implementation = RetirementView.class)))
    @ApiResponse(responseCode = "204", description = "nobody ever asked for it", content = @Content)
    ResponseEntity<RetirementView> get(Actor actor, @PathVariable String id) {
        return service.find(actor, id)
                .map(found -> ResponseEntity.ok(RetirementView.of(found)))
                .orElseGet(() -> ResponseEntity.noContent().build());
    }

    @PostMapping("/restore")
    @Requires(verb = Verb.ADMIN, kind = Kind.ASSET)
    @Operation(
            operationId = "restoreAsset",
            summary = "Brings a retired asset back: registered, without credentials",
            description = "Of an asset that waits for its wipe and has not taken it, takes the retirement back.")
    AssetView restore(Actor actor, @PathVariable String id, @RequestBody(required = false) @Nullable Restore given) {
        return AssetView.of(service.restore(actor, id, given == null || given.reason() == null ? "" : given.reason()));
    }

    private static @Nullable Duration within(@Nullable String text) {
        if (text == null) {
            return null;
        }
        Duration within = Durations.parse(text);
        if (within == null || within.compareTo(MIN) < 0 || within.compareTo(MAX) > 0) {
            throw new Refusal(
                    ErrorCode.INVALID,
                    "wipeWithin must be a time from " + Durations.format(MIN) + " to " + Durations.format(MAX)
                            + " such as 10m, 24h or 7d");
        }
        return within;
    }

    private static @Nullable IfUnconfirmed ifUnconfirmed(@Nullable String text) {
        if (text == null) {
            return null;
        }
        return switch (text) {
            case "retire" -> IfUnconfirmed.RETIRE;
            case "keep" -> IfUnconfirmed.KEEP;
            default -> throw new Refusal(ErrorCode.INVALID, "ifUnconfirmed must be retire or keep");
        };
    }
}
