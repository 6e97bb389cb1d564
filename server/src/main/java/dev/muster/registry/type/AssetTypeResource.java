package dev.muster.registry.type;

import dev.muster.identity.Actor;
import dev.muster.identity.Kind;
import dev.muster.identity.Requires;
import dev.muster.identity.Verb;
import dev.muster.platform.page.Page;
import dev.muster.platform.page.PageRequest;
import dev.muster.registry.document.DeclaredObject;
import dev.muster.registry.document.DeclaredObject.Metadata;
import dev.muster.registry.document.ResourceVersions;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Asset types over HTTP; they are created and changed by apply. */
@RestController
@Tag(name = "asset types")
@RequestMapping("/api/v1/asset-types")
public class AssetTypeResource {
    private final AssetTypes types;
    private final AssetTypeService service;

    AssetTypeResource(AssetTypes types, AssetTypeService service) {
        this.types = types;
        this.service = service;
    }

    @GetMapping
    @Requires(verb = Verb.READ, kind = Kind.ASSET_TYPE)
    @Operation(operationId = "listAssetTypes", summary = "Lists the asset types")
    public Page<DeclaredObject> list(PageRequest page) {
        String after = Objects.requireNonNullElse(page.after(), "");
        List<StoredAssetType> found = types.all().stream()
                .filter(stored -> stored.type().name().compareTo(after) > 0)
                .limit(page.fetch())
                .toList();
        return Page.of(found, page, stored -> stored.type().name()).map(AssetTypeResource::view);
    }

    @GetMapping("/{name}")
    @Requires(verb = Verb.READ, kind = Kind.ASSET_TYPE)
    @Operation(operationId = "getAssetType", summary = "Shows an asset type")
    public ResponseEntity<DeclaredObject> get(@PathVariable String name) {
        StoredAssetType stored = types.findStored(name).orElseThrow(() -> AssetTypeService.notFound(name));
        return ResponseEntity.ok()
                .header("ETag", ResourceVersions.tag(stored.resourceVersion()))
                .body(view(stored));
    }

    @DeleteMapping("/{name}")
    @Requires(verb = Verb.WRITE, kind = Kind.ASSET_TYPE)
    @Operation(operationId = "deleteAssetType", summary = "Deletes an asset type that no asset has")
    public ResponseEntity<Void> delete(
            Actor actor,
            @PathVariable String name,
            @RequestHeader(name = "If-Match", required = false) @Nullable String ifMatch) {
        service.delete(actor, name, ResourceVersions.ofIfMatch(ifMatch));
        return ResponseEntity.noContent().build();
    }

    /**
     * Where a type comes from.
     *
     * @param shippedVersion {@code null} when it is the user's own
     */
    public record Status(@Nullable Integer shippedVersion, boolean modified) {}

    private static DeclaredObject view(StoredAssetType stored) {
        return new DeclaredObject(
                DeclaredObject.API_VERSION,
                "AssetType",
                Metadata.of(
                        stored.type().name(),
                        stored.resourceVersion(),
                        stored.created(),
                        stored.updated(),
                        stored.managers()),
                stored.spec(),
                new Status(stored.shippedVersion(), stored.modified()));
    }
}
