package dev.muster.rollout.hook;

import dev.muster.identity.Actor;
import dev.muster.identity.Kind;
import dev.muster.identity.Requires;
import dev.muster.identity.Verb;
import dev.muster.platform.page.Page;
import dev.muster.platform.page.PageRequest;
import dev.muster.rollout.hook.HookStore.Delivery;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** Hooks over HTTP, for administrators: a hook makes rollouts without being asked again. */
@RestController
@RequestMapping("/api/v1/release-hooks")
@Tag(name = "rollouts")
class HookResource {
    private final HookService hooks;

    HookResource(HookService hooks) {
        this.hooks = hooks;
    }

    @Schema(name = "NewReleaseHook")
    record NewHook(
            @Schema(example = "app-images", requiredMode = Schema.RequiredMode.REQUIRED) @Nullable String name,

            @Schema(
                    description =
                            "standard: standardwebhooks.com; github: events registry_package, package, release; oci:"
                                    + " notifications of a registry",
                    allowableValues = {"standard", "github", "oci"},
                    requiredMode = Schema.RequiredMode.REQUIRED)
            @Nullable String format,

            @Schema(
                    description = "of the releases that it brings",
                    example = "app",
                    requiredMode = Schema.RequiredMode.REQUIRED)
            @Nullable String component,

            @Schema(description = "that pushes must be of; any without it", example = "acme/app") @Nullable String repository,

            @Schema(description = "what comes before the version in a tag", example = "v") @Nullable String tagPrefix,

            @Schema(
                    description = "with {{version}}",
                    example = "app-{{version}}",
                    requiredMode = Schema.RequiredMode.REQUIRED)
            @Nullable String rolloutName,

            @Schema(
                    description = "spec of a rollout, with {{version}} and {{component}} in its texts",
                    type = "object",
                    requiredMode = Schema.RequiredMode.REQUIRED)
            @Nullable JsonNode rollout,

            @Schema(description = "or leaves a draft", defaultValue = "true") @Nullable Boolean start) {}

    @Schema(name = "ReleaseHook")
    record HookView(
            String name,

            @Schema(allowableValues = {"standard", "github", "oci"})
            String format,

            String component,
            String repository,
            String tagPrefix,
            String rolloutName,
            @Schema(type = "object") JsonNode rollout,
            boolean start,

            @Schema(description = "where messages go, below the address of this server", example = "/hooks/app-images")
            String path,

            Instant createdAt,

            @Schema(description = "with whose rights, at most those of an operator, rollouts are made")
            String createdBy) {
        static HookView of(Hook hook) {
            return new HookView(
                    hook.name(),
                    hook.format().wire(),
                    hook.component(),
                    hook.repository(),
                    hook.tagPrefix(),
                    hook.template().name(),
                    hook.template().spec(),
                    hook.starts(),
                    HookDoor.PATH + "/" + hook.name(),
                    hook.createdAt(),
                    hook.createdBy());
        }
    }

    @Schema(name = "CreatedReleaseHook")
    record CreatedHook(
            @Schema(description = "shown this once; the sender signs with it, or sends it as a bearer token (oci)")
            String secret,

            HookView hook) {}

    @Schema(name = "ReleaseHookDelivery")
    record DeliveryView(
            @Schema(description = "the sender's id") String delivery,
            Instant received,
            String tag,

            @Schema(allowableValues = {"running", "started", "drafted", "exists", "refused"})
            String outcome,

            @Schema(description = "empty when it came to none")
            String rollout,

            String detail) {
        static DeliveryView of(Delivery delivery) {
            return new DeliveryView(
                    delivery.id(),
                    delivery.received(),
                    delivery.tag(),
                    delivery.outcome(),
                    delivery.rollout(),
                    delivery.detail());
        }
    }

    @PostMapping
    @Requires(verb = Verb.ADMIN, kind = Kind.ROLLOUT)
    @Operation(
            operationId = "createReleaseHook",
            summary =
                    "Makes a door at which a registry tells of pushes, each of which starts a rollout from a template",
            description =
                    "The template is checked with the version 1.0.0. Rollouts are made with the rights of whoever makes the"
                            + " hook, at most those of an operator.")
    @ApiResponse(responseCode = "201", description = "created")
    ResponseEntity<CreatedHook> create(Actor actor, @RequestBody NewHook wanted) {
        HookService.Created created = hooks.create(
                actor,
                new HookService.Wanted(
                        orEmpty(wanted.name()),
                        orEmpty(wanted.format()),
                        orEmpty(wanted.component()),
                        orEmpty(wanted.repository()),
                        orEmpty(wanted.tagPrefix()),
                        orEmpty(wanted.rolloutName()),
                        Objects.requireNonNullElse(wanted.rollout(), JsonNodeFactory.instance.objectNode()),
                        !Boolean.FALSE.equals(wanted.start())));
        return ResponseEntity.created(
                        URI.create("/api/v1/release-hooks/" + created.hook().name()))
                .cacheControl(CacheControl.noStore())
                .body(new CreatedHook(created.secret(), HookView.of(created.hook())));
    }

    @GetMapping
    @Requires(verb = Verb.READ, kind = Kind.ROLLOUT)
    @Operation(operationId = "listReleaseHooks", summary = "Lists hooks without their secrets, by name")
    Page<HookView> list(PageRequest page) {
        return hooks.list(page).map(HookView::of);
    }

    @GetMapping("/{name}")
    @Requires(verb = Verb.READ, kind = Kind.ROLLOUT)
    @Operation(operationId = "getReleaseHook", summary = "Shows a hook without its secret")
    HookView get(@PathVariable String name) {
        return HookView.of(hooks.get(name));
    }

    @GetMapping("/{name}/deliveries")
    @Requires(verb = Verb.READ, kind = Kind.ROLLOUT)
    @Operation(
            operationId = "listReleaseHookDeliveries",
            summary = "Shows what pushes of the last week came to, the newest first, at most 100")
    List<DeliveryView> deliveries(@PathVariable String name) {
        return hooks.deliveries(name).stream().map(DeliveryView::of).toList();
    }

    @DeleteMapping("/{name}")
    @Requires(verb = Verb.ADMIN, kind = Kind.ROLLOUT)
    @ResponseStatus(HttpStatus.NO_CONTENT)
    @Operation(
            operationId = "deleteReleaseHook",
            summary = "Closes the door at once; its secret is good for nothing any more")
    @ApiResponse(responseCode = "204", description = "deleted")
    void delete(Actor actor, @PathVariable String name) {
        hooks.delete(actor, name);
    }

    private static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }
}
