package dev.muster.gateway.port;

import dev.muster.gateway.port.Admission.Decision;
import dev.muster.protocol.AssetId;

/** Tokens that speak for many assets. Answers from memory; called on event loops, must not block. */
public interface GatewayTokens {

    /** @param asset as it names itself; admitted with the id of the token */
    Decision admit(String secret, AssetId asset);

    /** There are none. */
    GatewayTokens NONE = (secret, asset) ->
            new Decision.Refused("unknown_token", "gateway tokens are off; ddi-gateway-tokens switches them on");
}
