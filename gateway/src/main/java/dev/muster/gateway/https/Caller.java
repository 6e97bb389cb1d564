package dev.muster.gateway.https;

import dev.muster.gateway.port.Enrolment.Credential.ClaimToken;
import dev.muster.protocol.AssetId;
import java.security.cert.X509Certificate;

/** Who asks. */
public sealed interface Caller {
    /** On a route that accepts everybody. */
    record Anybody() implements Caller {}

    /** By its certificate, verified and admitted. */
    record Asset(AssetId id, X509Certificate certificate) implements Caller {}

    /** By its own token. */
    record Target(AssetId id) implements Caller {}

    /** By a token that speaks for the asset. @param token its id */
    record Gateway(AssetId id, String token) implements Caller {}

    /** Shows a claim token, which nobody has looked up yet. */
    record Claimant(ClaimToken token) implements Caller {}
}
