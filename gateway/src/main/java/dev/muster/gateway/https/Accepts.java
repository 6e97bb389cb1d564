package dev.muster.gateway.https;

/** A kind of credential that a route accepts. */
public enum Accepts {
    CLAIM_TOKEN(
            "Basic realm=\"muster enrolment: any user name, the claim token as password\"",
            "a claim token is needed: HTTP Basic, as password"),
    /** Of one of our CAs, not expired, not revoked, and of an asset that is not retired. */
    CLIENT_CERTIFICATE(
            "Client-Certificate realm=\"muster: the asset's current certificate\"",
            "the asset's certificate must be shown in the handshake"),
    /** Of one asset; as in hawkBit. */
    TARGET_TOKEN(
            "TargetToken realm=\"muster: the token of this asset\"",
            "or the asset's target token: Authorization: TargetToken <token>"),
    /** Of whoever speaks for many assets; as in hawkBit. */
    GATEWAY_TOKEN(
            "GatewayToken realm=\"muster: a token that speaks for this asset\"",
            "or a gateway token: Authorization: GatewayToken <token>");

    private final String challenge;
    private final String lacking;

    Accepts(String challenge, String lacking) {
        this.challenge = challenge;
        this.lacking = lacking;
    }

    /** For WWW-Authenticate. */
    String challenge() {
        return challenge;
    }

    /** What to tell who shows none. */
    String lacking() {
        return lacking;
    }
}
