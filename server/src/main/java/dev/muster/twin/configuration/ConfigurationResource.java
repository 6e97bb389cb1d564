package dev.muster.twin.configuration;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.muster.identity.Actor;
import dev.muster.identity.Kind;
import dev.muster.identity.Requires;
import dev.muster.identity.Verb;
import dev.muster.platform.page.Page;
import dev.muster.platform.page.PageRequest;
import dev.muster.registry.document.DeclaredObject;
import dev.muster.registry.document.DeclaredObject.Metadata;
import dev.muster.registry.document.ResourceVersions;
import dev.muster.twin.document.Revision;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/** Configurations over HTTP; they are created and changed by apply. */
@RestController
@Tag(name = "twin")
@RequestMapping("/api/v1/configurations")
public class ConfigurationResource {
    private static final int MAX_REVISIONS = 200;

    private final ConfigurationStore store;
    private final RevisionStore revisions;
    private final ConfigurationService service;

    ConfigurationResource(ConfigurationStore store, RevisionStore revisions, ConfigurationService service) {
        this.store = store;
        this.revisions = revisions;
        this.service = service;
    }

    @GetMapping
    @Requires(verb = Verb.READ, kind = Kind.CONFIGURATION)
    @Operation(operationId = "listConfigurations", summary = "Lists the configurations of groups and of visible assets")
    public Page<DeclaredObject> list(Actor actor, PageRequest page) {
        List<Configuration> found = new ArrayList<>();
        String last = page.after();
        List<Configuration> read;
        do {
            read = store.page(last, page.fetch());
            found.addAll(service.visible(actor, read));
            last = read.isEmpty() ? last : read.getLast().name();
        } while (found.size() < page.fetch() && read.size() == page.fetch());
        List<Configuration> cut = found.subList(0, Math.min(found.size(), page.fetch()));
        return Page.of(cut, page, Configuration::name).map(ConfigurationResource::view);
    }

    @GetMapping("/{name}")
    @Requires(verb = Verb.READ, kind = Kind.CONFIGURATION)
    @Operation(operationId = "getConfiguration", summary = "Shows a configuration")
    public ResponseEntity<DeclaredObject> get(Actor actor, @PathVariable String name) {
        Configuration found = service.find(actor, name).orElseThrow(() -> ConfigurationService.notFound(name));
        return ResponseEntity.ok()
                .header("ETag", ResourceVersions.tag(found.resourceVersion()))
                .body(view(found));
    }

    @DeleteMapping("/{name}")
    @Requires(verb = Verb.WRITE, kind = Kind.CONFIGURATION)
    @Operation(
            operationId = "deleteConfiguration",
            summary = "Deletes a configuration; what it asked for is no longer desired",
            description = "Of a local.ASSET: the changes that were made on the asset are no longer accepted.")
    public ResponseEntity<Void> delete(
            Actor actor,
            @PathVariable String name,
            @RequestHeader(name = "If-Match", required = false) @Nullable String ifMatch) {
        service.delete(actor, name, ResourceVersions.ofIfMatch(ifMatch));
        return ResponseEntity.noContent().build();
    }

    @GetMapping("/{name}/revisions")
    @Requires(verb = Verb.READ, kind = Kind.CONFIGURATION)
    @Operation(
            operationId = "listConfigurationRevisions",
            summary = "Lists the contents that rollouts brought and replaced, the newest first, at most 200",
            description = "Assets that are not counted with a revision of their own have what the configuration says.")
    public List<Revised> revisions(Actor actor, @PathVariable String name) {
        if (service.find(actor, name).isEmpty()) {
            throw ConfigurationService.notFound(name);
        }
        return revisions.list(name, MAX_REVISIONS).stream()
                .map(stored -> new Revised(stored.revision(), stored.config(), stored.created(), stored.assets()))
                .toList();
    }

    /** @param assets how many have it although the configuration says something else, or while a rollout changes it */
    @Schema(name = "ConfigurationRevision")
    public record Revised(String revision, JsonNode config, Instant since, long assets) {}

    /**
     * How a configuration stands.
     *
     * @param local whether the server keeps it, of changes that were made on the asset
     * @param revision of what it says; assets that join have it
     * @param rollout that changes it right now, so that nobody else may
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Status(
            boolean local, String revision, @Nullable String rollout) {}

    private static DeclaredObject view(Configuration found) {
        return new DeclaredObject(
                DeclaredObject.API_VERSION,
                "Configuration",
                Metadata.of(found.name(), found.resourceVersion(), found.created(), found.updated(), found.managers()),
                found.spec(),
                new Status(
                        found.isLocal(),
                        Revision.of(found.config()),
                        found.hold().isUnderWay() ? found.hold().name() : null));
    }
}
