package dev.muster.pki;

import dev.muster.identity.Actor;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import dev.muster.protocol.AssetId;
import dev.muster.registry.Asset;
import dev.muster.registry.Lifecycle;
import dev.muster.registry.asset.AssetService;
import dev.muster.registry.asset.AssetSpec;
import dev.muster.registry.asset.AssetStore;
import java.util.Optional;

/** What a claim token does to the registry: creates the asset with what the token grants, or takes the one that waits for it. */
final class ClaimedAssets {
    /** Owner of the fields that a claim token set. */
    static final String MANAGER = "claim-token";

    private final AssetStore assets;
    private final AssetService service;

    ClaimedAssets(AssetStore assets, AssetService service) {
        this.assets = assets;
        this.service = service;
    }

    /** Within the caller's transaction. */
    void claim(Actor actor, ClaimToken token, AssetId id) {
        Optional<Asset> known = assets.find(id);
        known.ifPresent(asset -> {
            RegistrationAuthority.requireTrusted(asset);
            if (!asset.type().equals(token.grants().type())) {
                throw new Refusing(
                        403,
                        "type_mismatch",
                        "asset " + id + " is of type " + asset.type() + " and claim token " + token.id()
                                + " is for type " + token.grants().type() + "; use a token of its type");
            }
        });
        try {
            if (known.isPresent()) {
                service.enrol(actor, id, token.grants().type(), token.grants().labels());
            } else {
                service.create(actor, id, spec(token.grants()), MANAGER);
            }
        } catch (Refusal refusal) {
            // the type was deleted since the token was made, or the asset changed between the look and the write
            throw new Refusing(
                    refusal.code() == ErrorCode.CONFLICT ? 409 : 403,
                    "asset_refused",
                    "asset " + id + " cannot be enrolled with claim token " + token.id() + ": " + refusal.detail());
        }
    }

    static AssetSpec spec(ClaimToken.Grants grants) {
        return new AssetSpec(
                grants.type(),
                grants.labels(),
                grants.owner(),
                grants.region(),
                grants.site(),
                "",
                Lifecycle.PROVISIONED);
    }
}
