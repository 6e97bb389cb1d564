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

/** Tokens of assets over HTTP. */
@RestController
@RequestMapping("/api/v1/assets/{id}/tokens")
@Tag(name = "identity of assets")
class AssetTokenResource {
    private static final Duration DEFAULT_LIFETIME = Duration.ofDays(90);

    private final AssetTokens tokens;

    AssetTokenResource(AssetTokens tokens) {
        this.tokens = tokens;
    }

    @Schema(name = "NewAssetToken")
    record NewAssetToken(
            @Schema(description = "1m to 366d", defaultValue = "90d", example = "7d") @Nullable String expiresIn) {}

    @Schema(name = "AssetToken")
    record AssetTokenView(
            String id,
            String asset,

            @Schema(allowableValues = {"usable", "revoked", "expired"})
            String state,

            Instant expiresAt,
            Instant createdAt,
            String createdBy,
            @Nullable Instant revokedAt,
            @Nullable String revokedBy) {
        static AssetTokenView of(AssetToken token, Instant now) {
            return new AssetTokenView(
                    token.id(),
                    token.asset().value(),
                    token.state(now).name().toLowerCase(Locale.ROOT),
                    token.expiresAt(),
                    token.createdAt(),
                    token.createdBy(),
                    token.revokedAt(),
                    token.revokedBy());
        }
    }

    @Schema(name = "CreatedAssetToken")
    record CreatedAssetToken(
            @Schema(
                    description =
                            "shown this once; the password of CONNECT with the asset id as user name, or Authorization: TargetToken TOKEN")
            String token,

            AssetTokenView assetToken) {}

    @PostMapping
    @Requires(verb = Verb.WRITE, kind = Kind.CERTIFICATE)
    @Operation(
            operationId = "createAssetToken",
            summary = "Makes a token of an asset that shows no certificate, and shows it once",
            description =
                    "For the listener of mqtt-plain-listen, which is on loopback, and as the target token of hawkBit's DDI"
                            + " where ddi-target-tokens is on. An asset that is registered becomes provisioned.")
    @ApiResponse(responseCode = "201", description = "created")
    ResponseEntity<CreatedAssetToken> create(
            Actor actor, @PathVariable String id, @RequestBody(required = false) @Nullable NewAssetToken wanted) {
        AssetTokens.Created created =
                tokens.create(actor, id, Lifetime.of(wanted == null ? null : wanted.expiresIn(), DEFAULT_LIFETIME));
        return ResponseEntity.created(URI.create("/api/v1/assets/"
                        + created.token().asset() + "/tokens/" + created.token().id()))
                .cacheControl(CacheControl.noStore())
                .body(new CreatedAssetToken(created.text(), AssetTokenView.of(created.token(), tokens.now())));
    }

    @GetMapping
    @Requires(verb = Verb.READ, kind = Kind.CERTIFICATE)
    @Operation(operationId = "listAssetTokens", summary = "Lists an asset's tokens without their secrets, oldest first")
    Page<AssetTokenView> list(Actor actor, @PathVariable String id, PageRequest page) {
        return tokens.list(actor, id, page).map(token -> AssetTokenView.of(token, tokens.now()));
    }

    @DeleteMapping("/{token}")
    @Requires(verb = Verb.WRITE, kind = Kind.CERTIFICATE)
    @Operation(
            operationId = "revokeAssetToken",
            summary = "Revokes an asset's token, at once; again is no error",
            description = "Live sessions of the asset are closed.")
    @ApiResponse(responseCode = "204", description = "revoked")
    ResponseEntity<Void> revoke(Actor actor, @PathVariable String id, @PathVariable String token) {
        tokens.revoke(actor, id, token);
        return ResponseEntity.noContent().build();
    }
}
