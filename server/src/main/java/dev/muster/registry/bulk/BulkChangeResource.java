package dev.muster.registry.bulk;

import dev.muster.identity.Actor;
import dev.muster.identity.Kind;
import dev.muster.identity.Requires;
import dev.muster.identity.Verb;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import dev.muster.platform.page.Page;
import dev.muster.platform.page.PageRequest;
import dev.muster.registry.Lifecycle;
import dev.muster.registry.bulk.BulkChange.LeftOut;
import dev.muster.registry.bulk.BulkChange.Selection;
import dev.muster.registry.bulk.BulkChange.Tally;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.net.URI;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Changes of many assets over HTTP. */
@RestController
@Tag(name = "assets")
@RequestMapping("/api/v1/asset-changes")
class BulkChangeResource {
    private final BulkChanges changes;
    private final BulkChangeWorker worker;

    BulkChangeResource(BulkChanges changes, BulkChangeWorker worker) {
        this.changes = changes;
        this.worker = worker;
    }

    @Schema(name = "NewAssetChange")
    record Wanted(
            @Schema(description = "which assets", example = "asset.labels.ring == 'early'") @Nullable String selector,

            @Schema(description = "words that they hold") @Nullable String q,

            @Schema(description = "or the assets by name, at most 10,000; those that the selector, if any, selects")
            @Nullable List<String> ids,

            @Schema(description = "set; one with an empty value is taken away", example = "{\"ring\":\"canary\"}")
            @Nullable Map<String, String> labels,

            @Nullable String owner,
            @Nullable String region,
            @Nullable String site,

            @Schema(allowableValues = {"provisioned", "active", "maintenance", "quarantined", "retired"}) @Nullable String lifecycle,

            @Schema(description = "more than so many changed assets stop it; as many as the preview said") @Nullable Integer atMost) {

        Selection selection() {
            return new Selection(selector, q, ids);
        }

        AssetEdit edit() {
            Lifecycle next = lifecycle == null
                    ? null
                    : Lifecycle.ofWire(lifecycle)
                            .orElseThrow(() -> new Refusal(
                                    ErrorCode.INVALID,
                                    "lifecycle must be one of "
                                            + Arrays.stream(Lifecycle.values())
                                                    .map(Lifecycle::wire)
                                                    .toList()));
            return new AssetEdit(Objects.requireNonNullElse(labels, Map.of()), owner, region, site, next);
        }
    }

    @Schema(name = "AssetChangePreview")
    record PreviewView(
            Instant at,
            int selected,
            int changed,
            int unchanged,

            @Schema(description = "by reason: retired, lifecycle, invalid, scope, absent")
            Map<String, Integer> leftOut,

            List<LeftOut> leftOutSample,
            List<BulkChanges.Difference> sample) {
        static PreviewView of(BulkChanges.Preview preview) {
            Tally tally = preview.tally();
            return new PreviewView(
                    preview.at(),
                    preview.selected(),
                    tally.changed(),
                    tally.unchanged(),
                    new TreeMap<>(tally.leftOut()),
                    tally.sample(),
                    preview.sample());
        }
    }

    @Schema(name = "AssetChange")
    record ChangeView(
            String id,

            @Schema(allowableValues = {"running", "done", "stopped"})
            String state,

            @Schema(description = "why it did not go on to its end") @Nullable String stopped,

            @Nullable String selector,
            @Nullable String q,

            @Schema(description = "how many were named") @Nullable Integer named,

            Map<String, String> labels,
            @Nullable String owner,
            @Nullable String region,
            @Nullable String site,
            @Nullable String lifecycle,
            int changed,
            int unchanged,
            Map<String, Integer> leftOut,
            List<LeftOut> leftOutSample,
            Instant createdAt,
            String createdBy,
            @Nullable Instant endedAt) {
        static ChangeView of(BulkChange change) {
            AssetEdit edit = change.edit();
            Lifecycle lifecycle = edit.lifecycle();
            List<String> named = change.selection().ids();
            return new ChangeView(
                    change.id(),
                    change.state().wire(),
                    change.stopped(),
                    change.selection().selector(),
                    change.selection().q(),
                    named == null ? null : named.size(),
                    new TreeMap<>(edit.labels()),
                    edit.owner(),
                    edit.region(),
                    edit.site(),
                    lifecycle == null ? null : lifecycle.wire(),
                    change.tally().changed(),
                    change.tally().unchanged(),
                    new TreeMap<>(change.tally().leftOut()),
                    change.tally().sample(),
                    change.createdAt(),
                    change.actor().id(),
                    change.endedAt());
        }
    }

    @PostMapping
    @Requires(verb = Verb.WRITE, kind = Kind.ASSET)
    @Operation(
            operationId = "changeAssets",
            summary = "Changes labels, owner, region, site or lifecycle of many assets",
            description =
                    "Goes through them in the order of their ids, 500 in a transaction, and goes on after a crash. With dryRun"
                            + " nothing is changed; the answer says what would be, and who is left out and why.")
    @ApiResponse(
            responseCode = "201",
            description = "begun",
            content = @Content(schema = @Schema(implementation = ChangeView.class)))
    @ApiResponse(
            responseCode = "200",
            description = "what would be done",
            content = @Content(schema = @Schema(implementation = PreviewView.class)))
    ResponseEntity<Object> create(
            Actor actor, @RequestBody Wanted wanted, @RequestParam(defaultValue = "false") boolean dryRun) {
        if (dryRun) {
            return ResponseEntity.ok(PreviewView.of(changes.preview(actor, wanted.selection(), wanted.edit())));
        }
        BulkChange begun = changes.start(actor, wanted.selection(), wanted.edit(), wanted.atMost());
        worker.wake();
        return ResponseEntity.created(URI.create("/api/v1/asset-changes/" + begun.id()))
                .body(ChangeView.of(begun));
    }

    @GetMapping
    @Requires(verb = Verb.READ, kind = Kind.ASSET)
    @Operation(
            operationId = "listAssetChanges",
            summary = "Lists changes of many assets, newest first",
            description =
                    "A token with a narrower scope sees those that were started in exactly its scope. Kept for 90 days.")
    Page<ChangeView> list(Actor actor, PageRequest page) {
        return changes.list(actor, page).map(ChangeView::of);
    }

    @GetMapping("/{id}")
    @Requires(verb = Verb.READ, kind = Kind.ASSET)
    @Operation(operationId = "getAssetChange", summary = "Shows a change of many assets and how far it is")
    ChangeView get(Actor actor, @PathVariable String id) {
        return ChangeView.of(changes.get(actor, id));
    }

    @PostMapping("/{id}/stop")
    @Requires(verb = Verb.WRITE, kind = Kind.ASSET)
    @Operation(
            operationId = "stopAssetChange",
            summary = "Stops a change of many assets: what is changed stays changed; again is no error")
    ChangeView stop(Actor actor, @PathVariable String id) {
        return ChangeView.of(changes.stop(actor, id));
    }
}
