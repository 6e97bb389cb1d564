package dev.muster.pki;

import dev.muster.identity.Actor;
import dev.muster.pki.ClaimToken.Grants;
import dev.muster.protocol.AssetId;
import dev.muster.registry.Asset;
import dev.muster.registry.asset.AssetDirectory;
import java.time.Duration;
import java.util.Map;
import org.springframework.stereotype.Component;

/** Lets one known asset enrol once more, as when its certificate has expired. */
@Component
public class Reenrolment {
    private final ClaimTokens tokens;
    private final AssetDirectory assets;

    Reenrolment(ClaimTokens tokens, AssetDirectory assets) {
        this.tokens = tokens;
        this.assets = assets;
    }

    /** A claim token for this asset alone, once. @return what the asset is given, shown this once */
    public String token(Actor actor, AssetId id, String name, Duration validFor) {
        Asset asset = assets.requireVisible(actor, id);
        return tokens.create(actor, name, new Grants(asset.type(), Map.of(), "", "", ""), id.value(), 1, validFor, true)
                .text();
    }
}
