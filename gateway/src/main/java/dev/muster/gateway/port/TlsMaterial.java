package dev.muster.gateway.port;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * The server's TLS identity and the CAs whose client certificates it accepts.
 *
 * @param chain leaf first, without the root
 */
public record TlsMaterial(PrivateKey key, List<X509Certificate> chain, List<X509Certificate> trustedCas) {
    public TlsMaterial {
        chain = List.copyOf(chain);
        trustedCas = List.copyOf(trustedCas);
    }

    @Override
    public String toString() {
        return "TlsMaterial[" + chain.getFirst().getSubjectX500Principal() + "]";
    }
}
