package dev.muster.agent.identity;

import dev.muster.protocol.AssetId;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * The asset's own key and certificate.
 *
 * @param key perhaps only a handle of a key in a token
 * @param chain the asset's certificate first, then its issuers without the root
 */
public record Identity(AssetId id, PrivateKey key, List<X509Certificate> chain) {
    public Identity {
        chain = List.copyOf(chain);
        if (chain.isEmpty()) {
            throw new IllegalArgumentException("identity of asset " + id + " has no certificate");
        }
    }

    public X509Certificate certificate() {
        return chain.getFirst();
    }

    public Instant expiresAt() {
        return certificate().getNotAfter().toInstant();
    }

    /** Lower-case hexadecimal, as the server lists it. */
    public String serial() {
        return certificate().getSerialNumber().toString(16);
    }

    public boolean expiredAt(Instant now) {
        return now.isAfter(expiresAt());
    }

    /** Two thirds of the certificate's life. */
    public Instant renewAt() {
        Instant from = certificate().getNotBefore().toInstant();
        return from.plus(Duration.between(from, expiresAt()).dividedBy(3).multipliedBy(2));
    }

    @Override
    public String toString() {
        return "asset " + id + ", certificate " + serial() + " until " + expiresAt();
    }
}
