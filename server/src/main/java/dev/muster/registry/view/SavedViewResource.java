package dev.muster.registry.view;

import dev.muster.identity.Actor;
import dev.muster.identity.Kind;
import dev.muster.identity.Requires;
import dev.muster.identity.Verb;
import dev.muster.platform.page.Page;
import dev.muster.registry.view.SavedView.Look;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Views of the list of assets over HTTP. Whoever may read assets may keep views of their own. */
@RestController
@Tag(name = "assets")
@RequestMapping("/api/v1/asset-views")
class SavedViewResource {
    private final SavedViews views;

    SavedViewResource(SavedViews views) {
        this.views = views;
    }

    @Schema(name = "NewAssetView")
    record Wanted(
            String name,

            @Schema(description = "whether everybody sees it; needs the role operator") @Nullable Boolean shared,

            @Nullable String selector,
            @Nullable String q,
            @Schema(description = "FACET=VALUE") @Nullable List<String> facets,

            @Schema(description = "in their order; absent for the usual ones") @Nullable List<String> columns,

            @Nullable String sort) {}

    @Schema(name = "SavedAssetView")
    record ViewView(
            String id,
            String name,
            String owner,
            boolean shared,
            @Nullable String selector,
            @Nullable String q,
            List<String> facets,
            List<String> columns,
            @Nullable String sort,
            Instant updated) {
        static ViewView of(SavedView view) {
            Look look = view.look();
            return new ViewView(
                    view.id(),
                    view.name(),
                    view.owner(),
                    view.shared(),
                    look.selector(),
                    look.q(),
                    look.facets(),
                    look.columns(),
                    look.sort(),
                    view.updated());
        }
    }

    @GetMapping
    @Requires(verb = Verb.READ, kind = Kind.ASSET)
    @Operation(
            operationId = "listAssetViews",
            summary = "Lists the caller's own views of assets and the shared ones, by name")
    Page<ViewView> list(Actor actor) {
        return new Page<>(views.list(actor).stream().map(ViewView::of).toList(), null);
    }

    @PostMapping
    @Requires(verb = Verb.READ, kind = Kind.ASSET)
    @Operation(
            operationId = "putAssetView",
            summary = "Keeps a view of assets, in the place of the caller's one of the same name")
    ViewView put(Actor actor, @RequestBody Wanted wanted) {
        Look look = new Look(
                wanted.selector(),
                wanted.q(),
                Objects.requireNonNullElse(wanted.facets(), List.of()),
                Objects.requireNonNullElse(wanted.columns(), List.of()),
                wanted.sort());
        return ViewView.of(views.put(
                actor, Objects.requireNonNullElse(wanted.name(), ""), Boolean.TRUE.equals(wanted.shared()), look));
    }

    @DeleteMapping("/{id}")
    @Requires(verb = Verb.READ, kind = Kind.ASSET)
    @Operation(operationId = "deleteAssetView", summary = "Deletes a view of assets")
    ResponseEntity<Void> delete(Actor actor, @PathVariable String id) {
        views.delete(actor, id);
        return ResponseEntity.noContent().build();
    }
}
