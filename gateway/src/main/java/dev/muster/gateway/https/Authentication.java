package dev.muster.gateway.https;

import dev.muster.gateway.https.Peers.Peer;
import dev.muster.gateway.port.Admission;
import dev.muster.gateway.port.Admission.Decision;
import dev.muster.gateway.port.Admission.Token;
import dev.muster.gateway.port.GatewayTokens;
import dev.muster.protocol.AssetId;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.MatchResult;

/** Finds who asks, among the credentials that a route accepts. From memory, on the event loop. */
final class Authentication {
    private static final int MAX_LENGTH = 512;

    private final Admission admission;
    private final GatewayTokens gateways;
    private final Peers peers;

    Authentication(Admission admission, GatewayTokens gateways, Peers peers) {
        this.admission = admission;
        this.gateways = gateways;
        this.peers = peers;
    }

    sealed interface Verdict {
        record Known(Caller caller) implements Verdict {}

        record Refused(int status, String code, String message) implements Verdict {}
    }

    /** @param path of the route; its group {@link Route#ASSET}, if any, is who the asset says that it is */
    Verdict of(HttpServerRequest request, Route route, MatchResult path, ClientCertificates certificates) {
        Set<Accepts> accepts = route.accepts();
        if (accepts.isEmpty()) {
            return new Verdict.Known(new Caller.Anybody());
        }
        var refused = new Verdict.Refused(401, "unauthenticated", lacking(accepts));
        for (Accepts accepted : Accepts.values()) {
            if (accepts.contains(accepted)) {
                Optional<Verdict> verdict = switch (accepted) {
                    case CLAIM_TOKEN -> claimant(request);
                    case CLIENT_CERTIFICATE -> asset(peers.of(request.connection(), certificates));
                    case TARGET_TOKEN -> target(request, path);
                    case GATEWAY_TOKEN -> gateway(request, path);
                };
                if (verdict.isPresent() && verdict.get() instanceof Verdict.Refused why) {
                    refused = why; // perhaps another of its credentials is good
                } else if (verdict.isPresent()) {
                    return verdict.get();
                }
            }
        }
        return refused;
    }

    private static String lacking(Set<Accepts> accepts) {
        return String.join(
                "; or ", accepts.stream().map(Accepts::lacking).sorted().toList());
    }

    private static Optional<Verdict> claimant(HttpServerRequest request) {
        return BasicCredential.parse(request.getHeader(HttpHeaders.AUTHORIZATION))
                .map(token -> new Verdict.Known(new Caller.Claimant(token)));
    }

    private Optional<Verdict> target(HttpServerRequest request, MatchResult path) {
        return secret(request, "TargetToken ").map(secret -> {
            String asset = path.group(Route.ASSET);
            return known(admission.admit(new Token(asset, secret)), admitted -> new Caller.Target(admitted.asset()));
        });
    }

    private Optional<Verdict> gateway(HttpServerRequest request, MatchResult path) {
        return secret(request, "GatewayToken ").map(secret -> {
            AssetId asset = new AssetId(path.group(Route.ASSET));
            return known(gateways.admit(secret, asset), admitted -> new Caller.Gateway(asset, admitted.credential()));
        });
    }

    private static Verdict known(Decision decision, Function<Decision.Admitted, Caller> caller) {
        return switch (decision) {
            case Decision.Admitted admitted -> new Verdict.Known(caller.apply(admitted));
            case Decision.Refused no ->
                new Verdict.Refused(no.code().startsWith("unknown") ? 401 : 403, no.code(), no.message());
        };
    }

    private static Optional<String> secret(HttpServerRequest request, String scheme) {
        String authorization = request.getHeader(HttpHeaders.AUTHORIZATION);
        return authorization == null
                        || authorization.length() > MAX_LENGTH
                        || !authorization.regionMatches(true, 0, scheme, 0, scheme.length())
                ? Optional.empty()
                : Optional.of(authorization.substring(scheme.length()).strip());
    }

    private Optional<Verdict> asset(Peer peer) {
        return switch (peer) {
            case Peer.Nobody() -> Optional.empty();
            case Peer.Untrusted(String problem) ->
                Optional.of(new Verdict.Refused(
                        401,
                        "certificate_not_trusted",
                        "the client certificate is not good: " + problem + "; enrol again with a claim token"));
            case Peer.Trusted trusted ->
                Optional.of(
                        switch (admission.admit(trusted.certificate())) {
                            case Decision.Admitted admitted ->
                                new Verdict.Known(new Caller.Asset(admitted.asset(), trusted.certificate()));
                            case Decision.Refused no -> new Verdict.Refused(403, no.code(), no.message());
                        });
        };
    }
}
