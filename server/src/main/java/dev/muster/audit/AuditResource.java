package dev.muster.audit;

import dev.muster.identity.Actor;
import dev.muster.identity.Kind;
import dev.muster.identity.Requires;
import dev.muster.identity.Verb;
import dev.muster.platform.page.Page;
import dev.muster.platform.page.PageRequest;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** The audit trail over HTTP. */
@RestController
@Tag(name = "audit")
class AuditResource {
    private final AuditTrail trail;

    AuditResource(AuditTrail trail) {
        this.trail = trail;
    }

    @GetMapping("/api/v1/audit")
    @Requires(verb = Verb.READ, kind = Kind.AUDIT)
    @Operation(
            operationId = "listAudit",
            summary = "Lists who changed what, newest first",
            description =
                    "A token with a narrower scope sees its own actions and those on assets in scope; its pages may be"
                            + " short while \"continue\" still leads on.")
    Page<AuditEntry> list(
            Actor actor,
            @Parameter(name = "actor", description = "name of a token, id of an asset, or system")
                    @RequestParam(name = "actor", required = false)
                    @Nullable String by,
            @Parameter(description = "kind/name or kind", example = "asset/pos-1")
                    @RequestParam(required = false)
                    @Nullable String object,
            @Parameter(example = "asset.create") @RequestParam(required = false) @Nullable String action,
            @Parameter(description = "inclusive") @RequestParam(required = false) @Nullable Instant from,
            @Parameter(description = "exclusive") @RequestParam(required = false) @Nullable Instant to,
            PageRequest page) {
        return trail.find(actor, AuditQuery.of(by, object, action, from, to), page);
    }
}
