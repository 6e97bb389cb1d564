package dev.muster.simulator.client;

import dev.muster.simulator.enrol.AssetIdentity;
import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the key by the TLS engine that asks: one TLS context serves a whole fleet, each connection with its own
 * certificate.
 */
final class AssetKeys extends X509ExtendedKeyManager {
    private final Map<SSLEngine, String> aliasByEngine = new ConcurrentHashMap<>();
    private final Map<String, AssetIdentity> identities = new ConcurrentHashMap<>();

    void register(SSLEngine engine, AssetIdentity identity) {
        identities.put(identity.id().value(), identity);
        aliasByEngine.put(engine, identity.id().value());
    }

    void forget(SSLEngine engine) {
        aliasByEngine.remove(engine);
    }

    int handshakes() {
        return aliasByEngine.size();
    }

    @Override
    public @Nullable String chooseEngineClientAlias(
            String[] keyTypes, Principal @Nullable [] issuers, SSLEngine engine) {
        return aliasByEngine.get(engine);
    }

    @Override
    public X509Certificate @Nullable [] getCertificateChain(String alias) {
        AssetIdentity identity = identities.get(alias);
        return identity == null ? null : identity.chain().toArray(X509Certificate[]::new);
    }

    @Override
    public @Nullable PrivateKey getPrivateKey(String alias) {
        AssetIdentity identity = identities.get(alias);
        return identity == null ? null : identity.key();
    }

    @Override
    public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
        return null;
    }

    @Override
    public @Nullable String chooseClientAlias(
            String[] keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return null;
    }

    @Override
    public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
        return null;
    }

    @Override
    public @Nullable String chooseServerAlias(String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return null;
    }
}
