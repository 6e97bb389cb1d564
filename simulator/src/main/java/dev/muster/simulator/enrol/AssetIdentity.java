package dev.muster.simulator.enrol;

import dev.muster.protocol.AssetId;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;

/**
 * An asset's own key and certificate, with the CAs it trusts.
 *
 * @param chain the asset's certificate first, then its issuers without the root
 */
public record AssetIdentity(AssetId id, PrivateKey key, List<X509Certificate> chain, List<X509Certificate> cas) {
    public AssetIdentity {
        chain = List.copyOf(chain);
        cas = List.copyOf(cas);
        if (chain.isEmpty()) {
            throw new IllegalArgumentException("identity of asset " + id + " has no certificate");
        }
    }

    public X509Certificate certificate() {
        return chain.getFirst();
    }

    /** Lower-case hexadecimal, as the server lists it. */
    public String serial() {
        return certificate().getSerialNumber().toString(16);
    }

    public boolean expiredAt(Instant now) {
        return now.isAfter(certificate().getNotAfter().toInstant());
    }

    /** Two thirds of the certificate's life are over. */
    public boolean dueForRenewalAt(Instant now) {
        Instant from = certificate().getNotBefore().toInstant();
        Instant to = certificate().getNotAfter().toInstant();
        long life = to.getEpochSecond() - from.getEpochSecond();
        return now.isAfter(from.plusSeconds(life * 2 / 3));
    }

    @Override
    public String toString() {
        return "AssetIdentity[" + id + ", serial " + serial() + "]";
    }
}
