package dev.muster.registry.asset;

import dev.muster.identity.Actor;
import dev.muster.identity.Kind;
import dev.muster.identity.Requires;
import dev.muster.identity.Verb;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.FieldProblem;
import dev.muster.platform.error.Refusal;
import dev.muster.platform.page.Page;
import dev.muster.platform.page.PageRequest;
import dev.muster.protocol.AssetId;
import dev.muster.registry.Asset;
import dev.muster.registry.Lifecycle;
import dev.muster.registry.document.FieldReader;
import dev.muster.registry.document.Problem;
import dev.muster.registry.document.ResourceVersions;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletResponse;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/** Assets over HTTP. */
@RestController
@Tag(name = "assets")
@RequestMapping("/api/v1/assets")
public class AssetResource {
    private final AssetDirectory directory;
    private final AssetService service;
    private final LastSeen lastSeen;

    public AssetResource(AssetDirectory directory, AssetService service, LastSeen lastSeen) {
        this.directory = directory;
        this.service = service;
        this.lastSeen = lastSeen;
    }

    @GetMapping
    @Requires(verb = Verb.READ, kind = Kind.ASSET)
    @Operation(
            operationId = "listAssets",
            summary = "Lists the assets that a selector and words choose",
            description =
                    "In the order of their ids, unless sort says another: id, created; with - before it the other way.")
    public Page<AssetView> list(
            Actor actor,
            @RequestParam(required = false) @Nullable String selector,
            @RequestParam(required = false) @Nullable String q,
            @RequestParam(defaultValue = "id") String sort,
            PageRequest page) {
        return directory.list(actor, selector, q, AssetOrder.ofWire(sort), page).map(lastSeen::view);
    }

    /** How many assets a list would have in all. */
    public record Count(long count) {}

    @GetMapping("/count")
    @Requires(verb = Verb.READ, kind = Kind.ASSET)
    @Operation(operationId = "countAssets", summary = "Counts the assets that a list would have in all")
    public Count count(
            Actor actor,
            @RequestParam(required = false) @Nullable String selector,
            @RequestParam(required = false) @Nullable String q) {
        return new Count(directory.count(actor, selector, q));
    }

    @PostMapping
    @Requires(verb = Verb.WRITE, kind = Kind.ASSET)
    @Operation(operationId = "createAsset", summary = "Registers an asset")
    public ResponseEntity<AssetView> create(Actor actor, @RequestBody JsonNode body) {
        List<Problem> problems = new ArrayList<>();
        FieldReader reader = FieldReader.of("", body, problems);
        String name = reader.requiredText("id");
        if (!name.isEmpty() && !AssetId.isValid(name)) {
            reader.problem("id", "must match " + AssetId.PATTERN);
        }
        AssetSpec spec = spec(reader);
        refuse(problems);
        Asset asset = service.create(actor, new AssetId(name), spec, AssetService.API_MANAGER);
        return ResponseEntity.created(URI.create("/api/v1/assets/" + asset.id()))
                .eTag(tag(asset))
                .body(AssetView.of(asset));
    }

    @GetMapping("/{id}")
    @Requires(verb = Verb.READ, kind = Kind.ASSET)
    @Operation(operationId = "getAsset", summary = "Shows an asset")
    public AssetView get(Actor actor, @PathVariable String id, HttpServletResponse response) {
        Asset asset = directory.requireVisible(actor, id);
        // Presence changes without a new version, so the tag serves If-Match only; a ResponseEntity would answer 304 by
        // it.
        response.setHeader(HttpHeaders.ETAG, tag(asset));
        return lastSeen.view(asset);
    }

    @PutMapping("/{id}")
    @Requires(verb = Verb.WRITE, kind = Kind.ASSET)
    @Operation(operationId = "replaceAsset", summary = "Replaces the declared part of an asset")
    public ResponseEntity<AssetView> replace(
            Actor actor,
            @PathVariable String id,
            @RequestBody JsonNode body,
            @RequestHeader(name = "If-Match", required = false) @Nullable String ifMatch) {
        List<Problem> problems = new ArrayList<>();
        FieldReader reader = FieldReader.of("", body, problems);
        if (!reader.text("id", id).equals(id)) {
            reader.problem("id", "must be " + id + " as in the path; an id is never changed");
        }
        AssetSpec spec = spec(reader);
        refuse(problems);
        AssetChange change =
                service.replace(actor, known(id), spec, ResourceVersions.ofIfMatch(ifMatch), AssetService.API_MANAGER);
        return ResponseEntity.ok().header("ETag", tag(change.asset())).body(AssetView.of(change.asset()));
    }

    @DeleteMapping("/{id}")
    @Requires(verb = Verb.WRITE, kind = Kind.ASSET)
    @Operation(operationId = "deleteAsset", summary = "Deletes an asset")
    public ResponseEntity<Void> delete(
            Actor actor,
            @PathVariable String id,
            @RequestHeader(name = "If-Match", required = false) @Nullable String ifMatch) {
        service.delete(actor, known(id), ResourceVersions.ofIfMatch(ifMatch));
        return ResponseEntity.noContent().build();
    }

    private static AssetId known(String id) {
        return AssetId.parse(id).orElseThrow(() -> AssetDirectory.notFound(id));
    }

    /** What GET shows beyond the declared part may come back in a PUT and is passed over. */
    private static AssetSpec spec(FieldReader reader) {
        for (String shown : List.of(
                "presence",
                "presenceSince",
                "lastSeen",
                "certificateExpires",
                "software",
                "created",
                "updated",
                "resourceVersion")) {
            reader.has(shown);
        }
        AssetSpec spec = new AssetSpec(
                reader.requiredText("type"),
                reader.texts("labels"),
                reader.text("owner", ""),
                reader.text("region", ""),
                reader.text("site", ""),
                reader.text("hardware", ""),
                reader.has("lifecycle") ? reader.choice("lifecycle", Lifecycle.class, Lifecycle.REGISTERED) : null);
        reader.finish();
        return spec;
    }

    private static void refuse(List<Problem> problems) {
        if (!problems.isEmpty()) {
            throw new Refusal(
                    ErrorCode.INVALID,
                    "the asset is not valid: " + problems.getFirst(),
                    problems.stream()
                            .map(problem -> new FieldProblem(problem.path(), problem.message()))
                            .toList());
        }
    }

    private static String tag(Asset asset) {
        return ResourceVersions.tag(asset.resourceVersion());
    }
}
