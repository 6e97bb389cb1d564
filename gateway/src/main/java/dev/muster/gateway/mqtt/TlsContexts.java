package dev.muster.gateway.mqtt;

import dev.muster.gateway.port.TlsMaterial;
import dev.muster.gateway.tls.ClientTrust;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.OpenSslSessionContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLException;

/** TLS for MQTT: 1.2 and 1.3, client certificate required, BoringSSL where it loads and the JDK's elsewhere. */
final class TlsContexts {
    /** Certificates that need no verifying when their assets come back: as many as a node has sessions by default. */
    private static final int REMEMBERED = 100_000;

    private TlsContexts() {}

    static SslProvider provider() {
        return OpenSsl.isAvailable() ? SslProvider.OPENSSL : SslProvider.JDK;
    }

    static SslContext mutual(TlsMaterial material, SslProvider provider) throws SSLException {
        SslContext context = SslContextBuilder.forServer(
                        material.key(), material.chain().toArray(new X509Certificate[0]))
                .sslProvider(provider)
                .protocols("TLSv1.3", "TLSv1.2")
                .trustManager(ClientTrust.of(material.trustedCas(), REMEMBERED))
                .clientAuth(ClientAuth.REQUIRE)
                .build();
        // A resumed session would carry a certificate that has expired or been revoked since.
        if (context.sessionContext() instanceof OpenSslSessionContext sessions) {
            sessions.setSessionCacheEnabled(false);
        }
        return context;
    }
}
