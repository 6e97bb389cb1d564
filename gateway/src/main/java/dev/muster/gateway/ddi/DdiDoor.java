package dev.muster.gateway.ddi;

import dev.muster.gateway.https.Accepts;
import dev.muster.gateway.port.Deployments;
import dev.muster.gateway.port.GatewayTokens;
import java.util.EnumSet;
import java.util.Set;

/**
 * What the DDI needs of its surroundings.
 *
 * @param targetTokens whether assets are let in by a token of theirs
 * @param gatewayTokens whether assets are let in by a token that speaks for many
 */
public record DdiDoor(Deployments deployments, GatewayTokens gateways, boolean targetTokens, boolean gatewayTokens) {

    /** A client certificate always is. */
    public Set<Accepts> credentials() {
        EnumSet<Accepts> credentials = EnumSet.of(Accepts.CLIENT_CERTIFICATE);
        if (targetTokens) {
            credentials.add(Accepts.TARGET_TOKEN);
        }
        if (gatewayTokens) {
            credentials.add(Accepts.GATEWAY_TOKEN);
        }
        return credentials;
    }
}
