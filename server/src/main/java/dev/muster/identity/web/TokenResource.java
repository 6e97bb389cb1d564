package dev.muster.identity.web;

import dev.muster.identity.Actor;
import dev.muster.identity.ApiToken;
import dev.muster.identity.ApiTokens;
import dev.muster.identity.Kind;
import dev.muster.identity.Permissions;
import dev.muster.identity.Requires;
import dev.muster.identity.Role;
import dev.muster.identity.Scope;
import dev.muster.identity.Verb;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import dev.muster.platform.page.Page;
import dev.muster.platform.page.PageRequest;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.net.URI;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** API tokens and who one is, over HTTP. */
@RestController
@Tag(name = "identity")
class TokenResource {
    private final ApiTokens tokens;

    TokenResource(ApiTokens tokens) {
        this.tokens = tokens;
    }

    @Schema(name = "NewToken")
    record NewToken(
            @Schema(example = "ci-deploy", requiredMode = Schema.RequiredMode.REQUIRED) @Nullable String name,

            @Schema(
                    allowableValues = {"admin", "operator", "viewer"},
                    requiredMode = Schema.RequiredMode.REQUIRED)
            @Nullable String role,

            @Schema(
                    description = "selector of the assets it may see and change; absent is all",
                    example = "asset.type == 'pos'")
            @Nullable String scope,

            @Schema(description = "absent is never") @Nullable Instant expiresAt) {}

    @Schema(name = "Token")
    record TokenView(
            String id,
            String name,
            String role,
            @Nullable String scope,
            @Nullable Instant expiresAt,
            Instant createdAt,
            String createdBy,

            @Schema(description = "exact to a minute") @Nullable Instant lastUsedAt,

            @Nullable Instant revokedAt,
            @Nullable String revokedBy) {
        static TokenView of(ApiToken token) {
            return new TokenView(
                    token.id(),
                    token.name(),
                    token.role().wire(),
                    token.scope().selector(),
                    token.expiresAt(),
                    token.createdAt(),
                    token.createdBy(),
                    token.lastUsedAt(),
                    token.revokedAt(),
                    token.revokedBy());
        }
    }

    @Schema(name = "CreatedToken")
    record CreatedToken(
            @Schema(description = "shown this once: Authorization: Bearer <secret>")
            String secret,

            TokenView token) {}

    @Schema(name = "Whoami")
    record Whoami(
            String name,
            String kind,
            String role,
            @Nullable String scope,

            @Schema(
                    description =
                            "what the caller may not do: by kind and verb (read, write, admin), what it lacks for it")
            Map<String, Map<String, String>> lacks) {}

    @GetMapping("/api/v1/whoami")
    @Requires(verb = Verb.READ, kind = Kind.SELF)
    @Operation(operationId = "whoami", summary = "Tells who the caller is and what it may do")
    Whoami whoami(Actor actor) {
        return new Whoami(
                actor.id(),
                actor.kind().wire(),
                actor.role().wire(),
                actor.scope().selector(),
                Permissions.lacks(actor));
    }

    @PostMapping("/api/v1/tokens")
    @Requires(verb = Verb.WRITE, kind = Kind.TOKEN)
    @Operation(
            operationId = "createToken",
            summary = "Creates an API token and shows its secret once",
            description =
                    "A token cannot give more than it has: no higher role, no other scope than its own, no later expiry.")
    @ApiResponse(responseCode = "201", description = "created")
    ResponseEntity<CreatedToken> create(Actor actor, @RequestBody NewToken wanted) {
        ApiTokens.Created created = tokens.create(
                actor, required("name", wanted.name()), role(wanted.role()), scope(wanted.scope()), wanted.expiresAt());
        return ResponseEntity.created(
                        URI.create("/api/v1/tokens/" + created.token().id()))
                .body(new CreatedToken(created.secret().reveal(), TokenView.of(created.token())));
    }

    @GetMapping("/api/v1/tokens")
    @Requires(verb = Verb.READ, kind = Kind.TOKEN)
    @Operation(
            operationId = "listTokens",
            summary = "Lists API tokens without their secrets, oldest first",
            description = "A token with a narrower scope sees the tokens of exactly that scope.")
    Page<TokenView> list(Actor actor, @RequestParam(defaultValue = "false") boolean revoked, PageRequest page) {
        return tokens.list(actor, revoked, page).map(TokenView::of);
    }

    @DeleteMapping("/api/v1/tokens/{id}")
    @Requires(verb = Verb.WRITE, kind = Kind.TOKEN)
    @Operation(operationId = "revokeToken", summary = "Revokes an API token, at once; again is no error")
    @ApiResponse(responseCode = "204", description = "revoked")
    ResponseEntity<Void> revoke(Actor actor, @PathVariable String id) {
        tokens.revoke(actor, id);
        return ResponseEntity.noContent().build();
    }

    private static String required(String field, @Nullable String value) {
        if (value == null) {
            throw new Refusal(ErrorCode.INVALID, "a token needs the field " + field + ", found none");
        }
        return value;
    }

    private static Role role(@Nullable String wire) {
        return Role.parse(required("role", wire))
                .orElseThrow(() -> new Refusal(
                        ErrorCode.INVALID, "a token's role is one of admin, operator, viewer; found something else"));
    }

    private static Scope scope(@Nullable String selector) {
        try {
            return new Scope(selector);
        } catch (IllegalArgumentException e) {
            throw new Refusal(ErrorCode.INVALID, String.valueOf(e.getMessage()));
        }
    }
}
