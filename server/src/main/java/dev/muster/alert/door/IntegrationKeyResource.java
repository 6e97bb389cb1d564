package dev.muster.alert.door;

import dev.muster.identity.Actor;
import dev.muster.identity.Kind;
import dev.muster.identity.Requires;
import dev.muster.identity.Verb;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Integration keys of what sends PagerDuty's events, over HTTP. */
@RestController
@RequestMapping("/api/v1/integration-keys")
@Tag(name = "alerts")
class IntegrationKeyResource {
    private final IntegrationKeys keys;

    IntegrationKeyResource(IntegrationKeys keys) {
        this.keys = keys;
    }

    @Schema(name = "NewIntegrationKey")
    record NewKey(
            @Schema(example = "grafana-payments", requiredMode = Schema.RequiredMode.REQUIRED) @Nullable String name,

            @Schema(description = "of every alert that it raises", example = "{\"owner\":\"payments\"}") @Nullable Map<String, String> labels) {}

    @Schema(name = "CreatedIntegrationKey")
    record CreatedKey(
            @Schema(description = "shown this once: the routing_key of POST /v2/enqueue")
            String key,

            IntegrationKeys.Named integration) {}

    @GetMapping
    @Requires(verb = Verb.ADMIN, kind = Kind.ALERTING)
    @Operation(operationId = "listIntegrationKeys", summary = "Lists integration keys without the keys themselves")
    List<IntegrationKeys.Named> list() {
        return keys.list();
    }

    @PostMapping
    @ResponseStatus(HttpStatus.CREATED)
    @Requires(verb = Verb.ADMIN, kind = Kind.ALERTING)
    @Operation(
            operationId = "createIntegrationKey",
            summary = "Creates a key with which another system raises alerts, and nothing else, and shows it once")
    CreatedKey create(Actor actor, @RequestBody NewKey wanted) {
        IntegrationKeys.Created created = keys.create(
                actor,
                wanted.name() == null ? "" : wanted.name(),
                wanted.labels() == null ? Map.of() : wanted.labels());
        return new CreatedKey(created.key(), created.named());
    }

    @DeleteMapping("/{name}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    @Requires(verb = Verb.ADMIN, kind = Kind.ALERTING)
    @Operation(operationId = "deleteIntegrationKey", summary = "Deletes an integration key: it opens nothing any more")
    void delete(Actor actor, @PathVariable String name) {
        keys.delete(actor, name);
    }
}
