package dev.muster.gateway.https;

import io.vertx.core.http.HttpConnection;
import java.security.cert.X509Certificate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLPeerUnverifiedException;

/**
 * The certificate at the other end of each open connection, its chain verified once per connection: less work than the
 * handshake before it. On the event loop.
 */
final class Peers {
    private final Map<HttpConnection, Peer> known = new HashMap<>();

    sealed interface Peer {
        /** Shows no certificate. */
        record Nobody() implements Peer {}

        record Untrusted(String problem) implements Peer {}

        record Trusted(X509Certificate certificate) implements Peer {}
    }

    Peer of(HttpConnection connection, ClientCertificates certificates) {
        Peer before = known.get(connection);
        if (before instanceof Peer.Trusted(X509Certificate leaf)
                && leaf.getNotAfter().getTime() < System.currentTimeMillis()) {
            before = null; // has expired since; says so itself
        }
        if (before == null) {
            before = verified(connection, certificates);
            known.put(connection, before);
        }
        return before;
    }

    private static Peer verified(HttpConnection connection, ClientCertificates certificates) {
        try {
            List<X509Certificate> chain = connection.peerCertificates().stream()
                    .map(X509Certificate.class::cast)
                    .toList();
            Optional<String> problem = certificates.problem(chain);
            return problem.<Peer>map(Peer.Untrusted::new).orElseGet(() -> new Peer.Trusted(chain.getFirst()));
        } catch (SSLPeerUnverifiedException none) {
            return new Peer.Nobody();
        }
    }

    void closed(HttpConnection connection) {
        known.remove(connection);
    }
}
