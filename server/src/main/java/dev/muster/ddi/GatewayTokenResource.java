package dev.muster.ddi;

import dev.muster.identity.Actor;
import dev.muster.identity.Kind;
import dev.muster.identity.Requires;
import dev.muster.identity.Verb;
import dev.muster.pki.Lifetime;
import dev.muster.platform.page.Page;
import dev.muster.platform.page.PageRequest;
import dev.muster.registry.Lifecycle;
import dev.muster.registry.asset.AssetSpec;
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

/** Gateway tokens over HTTP. They register assets as claim tokens do, so the same right is needed. */
@RestController
@RequestMapping("/api/v1/gateway-tokens")
@Tag(name = "identity of assets")
class GatewayTokenResource {
    private static final Duration DEFAULT_LIFETIME = Duration.ofDays(90);

    private final GatewayTokens tokens;

    GatewayTokenResource(GatewayTokens tokens) {
        this.tokens = tokens;
    }

    @Schema(name = "NewGatewayToken")
    record NewGatewayToken(
            @Schema(description = "for people", example = "plant 7, old SWUpdate devices") @Nullable String name,

            @Schema(
                    description = "asset type of those that it registers",
                    example = "linux-device",
                    requiredMode = Schema.RequiredMode.REQUIRED)
            @Nullable String type,

            @Schema(
                    description = "asset ids that it speaks for; * is any characters, ? is one",
                    defaultValue = "*",
                    example = "press-*")
            @Nullable String idPattern,

            @Schema(description = "1m to 366d", defaultValue = "90d", example = "30d") @Nullable String expiresIn,

            @Schema(description = "labels of assets that it registers, as are the others") @Nullable Map<String, String> labels,

            @Nullable String owner,
            @Nullable String region,
            @Nullable String site,
            @Nullable String hardware) {}

    @Schema(name = "GatewayToken")
    record GatewayTokenView(
            String id,
            String name,
            String type,
            String idPattern,
            Map<String, String> labels,
            String owner,
            String region,
            String site,
            String hardware,

            @Schema(allowableValues = {"usable", "revoked", "expired"})
            String state,

            Instant expiresAt,
            Instant createdAt,
            String createdBy,
            @Nullable Instant revokedAt,
            @Nullable String revokedBy) {
        static GatewayTokenView of(GatewayToken token, Instant now) {
            return new GatewayTokenView(
                    token.id(),
                    token.name(),
                    token.grants().type(),
                    token.pattern().text(),
                    token.grants().labels(),
                    token.grants().owner(),
                    token.grants().region(),
                    token.grants().site(),
                    token.grants().hardware(),
                    token.state(now).name().toLowerCase(Locale.ROOT),
                    token.expiresAt(),
                    token.createdAt(),
                    token.createdBy(),
                    token.revokedAt(),
                    token.revokedBy());
        }
    }

    @Schema(name = "CreatedGatewayToken")
    record CreatedGatewayToken(
            @Schema(description = "shown this once; assets send Authorization: GatewayToken TOKEN")
            String token,

            GatewayTokenView gatewayToken) {}

    @PostMapping
    @Requires(verb = Verb.WRITE, kind = Kind.CLAIM_TOKEN)
    @Operation(
            operationId = "createGatewayToken",
            summary = "Makes a token that speaks for assets that poll by hawkBit's DDI, and shows it once",
            description =
                    "It opens nothing unless ddi-gateway-tokens is on. Assets that are unknown are registered by it.")
    @ApiResponse(responseCode = "201", description = "created")
    ResponseEntity<CreatedGatewayToken> create(Actor actor, @RequestBody NewGatewayToken wanted) {
        GatewayTokens.Created created = tokens.create(
                actor,
                orEmpty(wanted.name()),
                Objects.requireNonNullElse(wanted.idPattern(), "*"),
                new AssetSpec(
                        orEmpty(wanted.type()),
                        Objects.requireNonNullElse(wanted.labels(), Map.of()),
                        orEmpty(wanted.owner()),
                        orEmpty(wanted.region()),
                        orEmpty(wanted.site()),
                        orEmpty(wanted.hardware()),
                        Lifecycle.PROVISIONED),
                Lifetime.of(wanted.expiresIn(), DEFAULT_LIFETIME));
        return ResponseEntity.created(
                        URI.create("/api/v1/gateway-tokens/" + created.token().id()))
                .cacheControl(CacheControl.noStore())
                .body(new CreatedGatewayToken(created.text(), GatewayTokenView.of(created.token(), tokens.now())));
    }

    @GetMapping
    @Requires(verb = Verb.READ, kind = Kind.CLAIM_TOKEN)
    @Operation(operationId = "listGatewayTokens", summary = "Lists gateway tokens without their secrets, oldest first")
    Page<GatewayTokenView> list(PageRequest page) {
        return tokens.list(page).map(token -> GatewayTokenView.of(token, tokens.now()));
    }

    @DeleteMapping("/{id}")
    @Requires(verb = Verb.WRITE, kind = Kind.CLAIM_TOKEN)
    @Operation(
            operationId = "revokeGatewayToken",
            summary = "Revokes a gateway token; again is no error",
            description = "Assets that it registered stay. Effective at once on this server, on others within seconds.")
    @ApiResponse(responseCode = "204", description = "revoked")
    ResponseEntity<Void> revoke(Actor actor, @PathVariable String id) {
        tokens.revoke(actor, id);
        return ResponseEntity.noContent().build();
    }

    private static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }
}
