package dev.muster.ddi;

import dev.muster.gateway.port.Deployments.Refused;
import dev.muster.identity.Actor;
import dev.muster.identity.ActorKind;
import dev.muster.identity.Role;
import dev.muster.identity.Scope;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import dev.muster.protocol.AssetId;
import dev.muster.registry.Asset;
import dev.muster.registry.Lifecycle;
import dev.muster.registry.asset.AssetService;
import dev.muster.registry.asset.AssetStore;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** Registers an asset that comes with a gateway token for the first time, with what the token grants. */
@Component
class GatewayTokenRegistration {
    /** Owner of the fields that a gateway token set. */
    static final String MANAGER = "gateway-token";

    private final KnownGateways known;
    private final AssetStore assets;
    private final AssetService service;

    GatewayTokenRegistration(KnownGateways known, AssetStore assets, AssetService service) {
        this.known = known;
        this.assets = assets;
        this.service = service;
    }

    /** Empty when the asset may go on. */
    Optional<Refused> register(AssetId id, String tokenId) {
        Optional<GatewayToken> token = known.usable(tokenId);
        if (token.isEmpty()) {
            return Optional.of(new Refused(401, "unknown_token", "the gateway token " + tokenId + " is not usable"));
        }
        Optional<Asset> asset = assets.find(id);
        if (asset.isPresent() && asset.get().lifecycle() != Lifecycle.REGISTERED) {
            return Optional.empty();
        }
        Actor actor = new Actor("gateway-token/" + tokenId, ActorKind.SYSTEM, Role.OPERATOR, Scope.ALL);
        try {
            if (asset.isPresent()) {
                service.enrol(actor, id, null, asset.get().labels());
            } else {
                service.create(actor, id, token.get().grants(), MANAGER);
            }
            return Optional.empty();
        } catch (Refusal refusal) {
            // Registered by another request meanwhile, or its type was deleted since the token was made.
            return refusal.code() == ErrorCode.CONFLICT && assets.find(id).isPresent()
                    ? Optional.empty()
                    : Optional.of(new Refused(403, "asset_refused", refusal.detail()));
        }
    }
}
