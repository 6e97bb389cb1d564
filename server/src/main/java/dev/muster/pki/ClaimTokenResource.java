package dev.muster.pki;

import dev.muster.identity.Actor;
import dev.muster.identity.Kind;
import dev.muster.identity.Requires;
import dev.muster.identity.Verb;
import dev.muster.platform.page.Page;
import dev.muster.platform.page.PageRequest;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.http.CacheControl;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Claim tokens over HTTP. */
@RestController
@RequestMapping("/api/v1/claim-tokens")
@Tag(name = "identity of assets")
class ClaimTokenResource {
    private static final Duration DEFAULT_LIFETIME = Duration.ofHours(24);

    private final ClaimTokens tokens;

    ClaimTokenResource(ClaimTokens tokens) {
        this.tokens = tokens;
    }

    @Schema(name = "NewClaimToken")
    record NewClaimToken(
            @Schema(description = "for people", example = "plant 7, November") @Nullable String name,

            @Schema(
                    description = "asset type of what it enrols",
                    example = "sensor",
                    requiredMode = Schema.RequiredMode.REQUIRED)
            @Nullable String type,

            @Schema(description = "how many assets may enrol, 1 to 1000000", defaultValue = "1") @Nullable Integer uses,

            @Schema(description = "1m to 366d", defaultValue = "24h", example = "7d") @Nullable String expiresIn,

            @Schema(description = "which asset ids; * is any characters, ? is one; absent is all", example = "pump-*")
            @Nullable String idPattern,

            @Schema(description = "labels of assets that it creates") @Nullable Map<String, String> labels,

            @Nullable String owner,
            @Nullable String region,
            @Nullable String site,

            @Schema(
                    description =
                            "whether an asset that holds a valid certificate may be claimed again; its certificates are then revoked",
                    defaultValue = "false")
            @Nullable Boolean allowReenrol) {}

    @Schema(name = "ClaimToken")
    record ClaimTokenView(
            String id,
            String name,
            String type,
            @Nullable String idPattern,
            Map<String, String> labels,
            String owner,
            String region,
            String site,

            @Schema(description = "how many assets may enrol")
            int uses,

            @Schema(description = "how many have") int used,

            boolean allowReenrol,

            @Schema(allowableValues = {"usable", "revoked", "expired", "used_up"})
            String state,

            Instant expiresAt,
            Instant createdAt,
            String createdBy,
            @Nullable Instant revokedAt,
            @Nullable String revokedBy) {
        static ClaimTokenView of(ClaimToken token, Instant now) {
            return new ClaimTokenView(
                    token.id(),
                    token.name(),
                    token.grants().type(),
                    token.pattern().orElse(null),
                    token.grants().labels(),
                    token.grants().owner(),
                    token.grants().region(),
                    token.grants().site(),
                    token.maxUses(),
                    token.uses(),
                    token.allowReenrol(),
                    token.state(now).name().toLowerCase(Locale.ROOT),
                    token.expiresAt(),
                    token.createdAt(),
                    token.createdBy(),
                    token.revokedAt(),
                    token.revokedBy());
        }
    }

    @Schema(name = "CreatedClaimToken")
    record CreatedClaimToken(
            @Schema(
                    description =
                            "shown this once; password of HTTP Basic at /.well-known/est/simpleenroll. After the dot"
                                    + " stands the SHA-256 of the root CA's public key, base64url: by it the asset verifies its"
                                    + " first contact",
                    example = "claim_<secret>.<pin>")
            String token,

            ClaimTokenView claimToken) {}

    @PostMapping
    @Requires(verb = Verb.WRITE, kind = Kind.CLAIM_TOKEN)
    @Operation(
            operationId = "createClaimToken",
            summary = "Creates a claim token and shows it once",
            description =
                    "Devices enrol with it over EST; those whose asset is unknown create it with what the token grants.")
    @ApiResponse(responseCode = "201", description = "created")
    ResponseEntity<CreatedClaimToken> create(Actor actor, @RequestBody NewClaimToken wanted) {
        ClaimTokens.Created created = tokens.create(
                actor,
                orEmpty(wanted.name()),
                new ClaimToken.Grants(
                        orEmpty(wanted.type()),
                        Objects.requireNonNullElse(wanted.labels(), Map.of()),
                        orEmpty(wanted.owner()),
                        orEmpty(wanted.region()),
                        orEmpty(wanted.site())),
                wanted.idPattern(),
                Objects.requireNonNullElse(wanted.uses(), 1),
                Lifetime.of(wanted.expiresIn(), DEFAULT_LIFETIME),
                Boolean.TRUE.equals(wanted.allowReenrol()));
        return ResponseEntity.created(
                        URI.create("/api/v1/claim-tokens/" + created.token().id()))
                .cacheControl(CacheControl.noStore())
                .body(new CreatedClaimToken(created.text(), ClaimTokenView.of(created.token(), tokens.now())));
    }

    @GetMapping
    @Requires(verb = Verb.READ, kind = Kind.CLAIM_TOKEN)
    @Operation(operationId = "listClaimTokens", summary = "Lists claim tokens without their secrets, oldest first")
    Page<ClaimTokenView> list(PageRequest page) {
        return tokens.list(page).map(token -> ClaimTokenView.of(token, tokens.now()));
    }

    @GetMapping("/{id}")
    @Requires(verb = Verb.READ, kind = Kind.CLAIM_TOKEN)
    @Operation(operationId = "getClaimToken", summary = "Shows a claim token without its secret")
    ClaimTokenView get(@PathVariable String id) {
        return ClaimTokenView.of(tokens.get(id), tokens.now());
    }

    @DeleteMapping("/{id}")
    @Requires(verb = Verb.WRITE, kind = Kind.CLAIM_TOKEN)
    @Operation(
            operationId = "revokeClaimToken",
            summary = "Revokes a claim token, at once; again is no error",
            description = "Certificates that were issued with it stay valid.")
    @ApiResponse(responseCode = "204", description = "revoked")
    ResponseEntity<Void> revoke(Actor actor, @PathVariable String id) {
        tokens.revoke(actor, id);
        return ResponseEntity.noContent().build();
    }

    private static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }
}
