package dev.muster.gateway.tls;

import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.Arrays;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Verifies that clients' certificate chains lead to a trusted CA, and remembers those that do: a fleet that comes back after
 * a network cut would otherwise cost a verified signature for each, as much processor time as the rest of its handshake.
 *
 * <p>Remembered is the SHA-256 of the whole chain under these CAs, which says all that does not change: signatures, names,
 * usages. Times of validity are looked at each time; revocation is decided elsewhere, for each connection. Other CAs are
 * another {@code ClientTrust}, which remembers nothing.
 */
public final class ClientTrust extends X509ExtendedTrustManager {
    private final X509ExtendedTrustManager pkix;
    private final Clock clock;
    /** By digest of chain, the longest unused first; guarded by itself. */
    private final Map<ByteBuffer, Boolean> verified;

    ClientTrust(X509ExtendedTrustManager pkix, int remembered, Clock clock) {
        this.pkix = pkix;
        this.clock = clock;
        this.verified = new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<ByteBuffer, Boolean> eldest) {
                return size() > remembered;
            }
        };
    }

    /** @param remembered chains, of some 200 bytes each */
    public static ClientTrust of(List<X509Certificate> cas, int remembered) {
        return new ClientTrust(pkix(cas), remembered, Clock.systemUTC());
    }

    private static X509ExtendedTrustManager pkix(List<X509Certificate> cas) {
        try {
            KeyStore anchors = KeyStore.getInstance(KeyStore.getDefaultType());
            anchors.load(null, null);
            for (int i = 0; i < cas.size(); i++) {
                anchors.setCertificateEntry("ca-" + i, cas.get(i));
            }
            TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
            factory.init(anchors);
            return Arrays.stream(factory.getTrustManagers())
                    .filter(X509ExtendedTrustManager.class::isInstance)
                    .map(X509ExtendedTrustManager.class::cast)
                    .findFirst()
                    .orElseThrow();
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("the certificates of the trusted CAs cannot be used", e);
        }
    }

    private interface Verification {
        void verify() throws CertificateException;
    }

    private void verify(X509Certificate[] chain, String authType, Verification unknown) throws CertificateException {
        ByteBuffer digest = digest(chain, authType);
        if (isVerified(digest)) {
            Date now = Date.from(clock.instant());
            for (X509Certificate certificate : chain) {
                certificate.checkValidity(now);
            }
            return;
        }
        unknown.verify();
        synchronized (verified) {
            verified.put(digest, true);
        }
    }

    private boolean isVerified(ByteBuffer digest) {
        synchronized (verified) {
            return verified.get(digest) != null;
        }
    }

    /** Certificates are DER, which says its length: no two lists of them are the same bytes. */
    private static ByteBuffer digest(X509Certificate[] chain, String authType) throws CertificateException {
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            for (X509Certificate certificate : chain) {
                sha256.update(certificate.getEncoded());
            }
            return ByteBuffer.wrap(sha256.digest(authType.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        verify(chain, authType, () -> pkix.checkClientTrusted(chain, authType));
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, @Nullable Socket socket)
            throws CertificateException {
        verify(chain, authType, () -> pkix.checkClientTrusted(chain, authType, socket));
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, @Nullable SSLEngine engine)
            throws CertificateException {
        verify(chain, authType, () -> pkix.checkClientTrusted(chain, authType, engine));
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        throw ofAServer();
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, @Nullable Socket socket)
            throws CertificateException {
        throw ofAServer();
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, @Nullable SSLEngine engine)
            throws CertificateException {
        throw ofAServer();
    }

    private static CertificateException ofAServer() {
        return new CertificateException("this trust manager is for a server");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return pkix.getAcceptedIssuers();
    }
}
