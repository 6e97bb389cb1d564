package dev.muster.gateway.https;

import dev.muster.gateway.https.Peers.Peer;
import dev.muster.gateway.port.Admission;
import dev.muster.gateway.port.Admission.Decision;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.util.Optional;
import java.util.Set;

/** Finds who asks, among the credentials that a route accepts. From memory, on the event loop. */
final class Authentication {
    private final Admission admission;
    private final Peers peers;

    Authentication(Admission admission, Peers peers) {
        this.admission = admission;
        this.peers = peers;
    }

    sealed interface Verdict {
        record Known(Caller caller) implements Verdict {}

        record Refused(int status, String code, String message) implements Verdict {}
    }

    Verdict of(HttpServerRequest request, Set<Accepts> accepts, ClientCertificates certificates) {
        if (accepts.isEmpty()) {
            return new Verdict.Known(new Caller.Anybody());
        }
        var refused = new Verdict.Refused(401, "unauthenticated", lacking(accepts));
        for (Accepts accepted : Accepts.values()) {
            if (accepts.contains(accepted)) {
                Optional<Verdict> verdict = switch (accepted) {
                    case CLAIM_TOKEN -> claimant(request);
                    case CLIENT_CERTIFICATE -> asset(peers.of(request.connection(), certificates));
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
