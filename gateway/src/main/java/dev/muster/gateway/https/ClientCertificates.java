package dev.muster.gateway.https;

import dev.muster.gateway.port.TlsMaterial;
import dev.muster.gateway.tls.ClientTrust;
import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Client certificates of device HTTPS: any is let through by TLS, which proves possession of its key, and is verified
 * where a route needs it.
 *
 * <p>An asset that shows an expired certificate, or one of its maker, must still be able to fetch the CA and to enrol with a
 * claim token; a refusal within TLS would only tell it "handshake failure".
 */
final class ClientCertificates {
    private static final int REMEMBERED = 20_000;

    private final ClientTrust verifier;

    ClientCertificates(TlsMaterial material) {
        this.verifier = ClientTrust.of(material.trustedCas(), REMEMBERED);
    }

    /** Why the chain, leaf first, does not lead to a trusted CA; empty when it does. */
    Optional<String> problem(List<X509Certificate> chain) {
        try {
            X509Certificate leaf = chain.getFirst();
            leaf.checkValidity();
            verifier.checkClientTrusted(
                    chain.toArray(new X509Certificate[0]), leaf.getPublicKey().getAlgorithm());
            return Optional.empty();
        } catch (CertificateException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    /** For TLS: names the trusted CAs and accepts what comes. */
    X509ExtendedTrustManager accepting() {
        return new X509ExtendedTrustManager() {
            @Override
            public void checkClientTrusted(X509Certificate[] chain, String authType) {
                // verified by the route
            }

            @Override
            public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket) {
                // verified by the route
            }

            @Override
            public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {
                // verified by the route
            }

            @Override
            public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
                throw new CertificateException("this trust manager is for a server");
            }

            @Override
            public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
                    throws CertificateException {
                throw new CertificateException("this trust manager is for a server");
            }

            @Override
            public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
                    throws CertificateException {
                throw new CertificateException("this trust manager is for a server");
            }

            @Override
            public X509Certificate[] getAcceptedIssuers() {
                return verifier.getAcceptedIssuers();
            }
        };
    }
}
