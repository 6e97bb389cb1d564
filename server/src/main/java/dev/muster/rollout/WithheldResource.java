package dev.muster.rollout;

import dev.muster.identity.Actor;
import dev.muster.identity.Kind;
import dev.muster.identity.Requires;
import dev.muster.identity.Verb;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import dev.muster.release.ReleaseName;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** From which assets a release is withheld, over HTTP. */
@RestController
@Tag(name = "rollouts")
@RequestMapping("/api/v1/releases/{name}/withheld")
public class WithheldResource {
    private final WithheldStore store;

    WithheldResource(WithheldStore store) {
        this.store = store;
    }

    /** Why it ends. */
    @Schema(name = "EndOfWithholding")
    record EndBody(
            @Schema(description = "why; stands in the audit trail", requiredMode = Schema.RequiredMode.REQUIRED)
            @Nullable String reason) {}

    @GetMapping
    @Requires(verb = Verb.READ, kind = Kind.RELEASE)
    @Operation(
            operationId = "listWithheld",
            summary = "Lists the kinds of assets to which no rollout brings a release, because a gate has halted them")
    public List<Withheld> list(@PathVariable String name) {
        ReleaseName release = release(name);
        return store.of(release.component(), release.version());
    }

    @PostMapping("/{id}/end")
    @Requires(verb = Verb.WRITE, kind = Kind.RELEASE)
    @Operation(operationId = "endWithheld", summary = "Lets rollouts bring a release to a kind of assets again")
    public ResponseEntity<Void> end(
            Actor actor,
            @PathVariable String name,
            @PathVariable int id,
            @RequestBody(required = false) @Nullable EndBody body) {
        ReleaseName release = release(name);
        String reason =
                body == null || body.reason() == null ? "" : body.reason().strip();
        if (reason.isEmpty() || reason.length() > RolloutService.MAX_REASON) {
            throw new Refusal(
                    ErrorCode.INVALID, "reason must have 1 to " + RolloutService.MAX_REASON + " characters: say why");
        }
        store.end(actor, release.component(), release.version(), id, reason);
        return ResponseEntity.noContent().build();
    }

    private static ReleaseName release(String name) {
        return ReleaseName.parse(name)
                .orElseThrow(() ->
                        new Refusal(ErrorCode.INVALID, "a release is named component@version, such as app@1.5.0"));
    }
}
