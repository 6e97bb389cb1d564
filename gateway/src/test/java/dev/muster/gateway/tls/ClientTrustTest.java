package dev.muster.gateway.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.gateway.testing.TestClock;
import dev.muster.gateway.testing.TestPki;
import java.io.ByteArrayInputStream;
import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ClientTrustTest {
    private static final TestPki PKI = new TestPki();
    private final TestClock clock = new TestClock();
    private final List<X509Certificate> verified = new ArrayList<>();

    @Test
    void aChainIsVerifiedOnce() throws Exception {
        ClientTrust trust = counting(10);
        X509Certificate pump = PKI.asset("pump-1").certificate();
        X509Certificate other = PKI.asset("pump-2").certificate();
        check(trust, pump);
        check(trust, pump);
        check(trust, other);
        check(trust, copy(pump));
        assertThat(verified).containsExactly(pump, other);
    }

    @Test
    void oneThatExpiredSinceIsRefused() throws Exception {
        ClientTrust trust = counting(10);
        X509Certificate pump = PKI.asset("pump-1", Duration.ofHours(1)).certificate();
        check(trust, pump);
        clock.advance(Duration.ofHours(2));
        assertThatThrownBy(() -> check(trust, pump)).isInstanceOf(CertificateExpiredException.class);
    }

    @Test
    void whatWasRefusedIsNotRemembered() {
        ClientTrust trust = ClientTrust.of(List.of(PKI.ca()), 10);
        X509Certificate stranger = new TestPki("Others").asset("pump-1").certificate();
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> check(trust, stranger)).isInstanceOf(CertificateException.class);
        }
    }

    @Test
    void oneByteElseIsAnotherChain() throws Exception {
        ClientTrust trust = ClientTrust.of(List.of(PKI.ca()), 10);
        X509Certificate pump = PKI.asset("pump-1").certificate();
        check(trust, pump);
        byte[] der = pump.getEncoded();
        der[der.length - 1] ^= 1; // in its signature
        X509Certificate forged = parse(der);
        assertThatThrownBy(() -> check(trust, forged)).isInstanceOf(CertificateException.class);
        assertThatCode(() -> check(trust, pump)).doesNotThrowAnyException();
    }

    @Test
    void theLongestUnusedIsForgotten() throws Exception {
        ClientTrust trust = counting(2);
        X509Certificate a = PKI.asset("a").certificate();
        X509Certificate b = PKI.asset("b").certificate();
        X509Certificate c = PKI.asset("c").certificate();
        for (X509Certificate each : List.of(a, b, a, c, a, b)) {
            check(trust, each);
        }
        assertThat(verified).containsExactly(a, b, c, b);
    }

    private static void check(ClientTrust trust, X509Certificate leaf) throws CertificateException {
        trust.checkClientTrusted(new X509Certificate[] {leaf}, "EC");
    }

    private static X509Certificate copy(X509Certificate certificate) throws CertificateException {
        return parse(certificate.getEncoded());
    }

    private static X509Certificate parse(byte[] der) throws CertificateException {
        return (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
    }

    private ClientTrust counting(int remembered) {
        return new ClientTrust(
                new X509ExtendedTrustManager() {
                    @Override
                    public void checkClientTrusted(X509Certificate[] chain, String authType) {
                        verified.add(chain[0]);
                    }

                    @Override
                    public void checkClientTrusted(X509Certificate[] chain, String authType, @Nullable Socket socket) {
                        verified.add(chain[0]);
                    }

                    @Override
                    public void checkClientTrusted(
                            X509Certificate[] chain, String authType, @Nullable SSLEngine engine) {
                        verified.add(chain[0]);
                    }

                    @Override
                    public void checkServerTrusted(X509Certificate[] chain, String authType)
                            throws CertificateException {
                        throw new CertificateException("no server here");
                    }

                    @Override
                    public void checkServerTrusted(X509Certificate[] chain, String authType, @Nullable Socket socket)
                            throws CertificateException {
                        throw new CertificateException("no server here");
                    }

                    @Override
                    public void checkServerTrusted(X509Certificate[] chain, String authType, @Nullable SSLEngine engine)
                            throws CertificateException {
                        throw new CertificateException("no server here");
                    }

                    @Override
                    public X509Certificate[] getAcceptedIssuers() {
                        return new X509Certificate[0];
                    }
                },
                remembered,
                clock);
    }
}
