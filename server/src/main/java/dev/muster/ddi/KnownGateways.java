package dev.muster.ddi;

import dev.muster.gateway.port.Admission.Decision;
import dev.muster.gateway.port.GatewayTokens;
import dev.muster.pki.AssetAdmission;
import dev.muster.protocol.AssetId;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;

/**
 * The usable gateway tokens in memory, by the hashes of their secrets; read again every few seconds by a thread of its own, for those
 * that another server made or revoked. Found by the hash of 256 random bits: the timing of a look-up helps nobody to a secret.
 */
@Component
class KnownGateways implements GatewayTokens, AutoCloseable {
    static final Duration REREAD = Duration.ofSeconds(5);

    private static final Logger LOG = LoggerFactory.getLogger(KnownGateways.class);

    private final GatewayTokenStore store;
    private final AssetAdmission admission;
    private final Clock clock;
    private volatile Map<String, GatewayToken> byHash = Map.of();
    private volatile boolean closed;
    private final Thread reader;

    KnownGateways(GatewayTokenStore store, AssetAdmission admission, Clock clock) {
        this.store = store;
        this.admission = admission;
        this.clock = clock;
        reload();
        this.reader = Thread.ofVirtual().name("gateway-tokens").start(this::read);
    }

    private void read() {
        while (!closed) {
            try {
                Thread.sleep(REREAD);
                reload();
            } catch (InterruptedException e) {
                closed = true;
            } catch (DataAccessException e) {
                LOG.warn("gateway tokens cannot be read again, those known before stay: {}", e.getMessage());
            }
        }
    }

    void reload() {
        Map<String, GatewayToken> fresh = new HashMap<>();
        store.usable(clock.instant()).forEach(token -> fresh.put(token.secretHash(), token));
        byHash = Map.copyOf(fresh);
    }

    /** One answer to all that is wrong with a token, so that nobody learns which assets there are. */
    @Override
    public Decision admit(String secret, AssetId asset) {
        Optional<GatewayToken> token = GatewaySecret.parse(secret)
                .map(found -> byHash.get(found.hash()))
                .filter(found -> found.state(clock.instant()) == GatewayToken.State.USABLE)
                .filter(found -> found.pattern().matches(asset.value()));
        if (token.isEmpty()) {
            return new Decision.Refused(
                    "unknown_token",
                    "this is no usable gateway token that speaks for " + asset
                            + "; muster gateway-token create makes one");
        }
        Optional<Decision.Refused> refused = admission.blocked(asset);
        return refused.isPresent()
                ? refused.get()
                : new Decision.Admitted(asset, token.get().id(), token.get().expiresAt());
    }

    /** The token, when it opens anything now. */
    Optional<GatewayToken> usable(String id) {
        Instant now = clock.instant();
        return byHash.values().stream()
                .filter(token -> token.id().equals(id))
                .filter(token -> token.state(now) == GatewayToken.State.USABLE)
                .findFirst();
    }

    @Override
    public void close() {
        closed = true;
        reader.interrupt();
    }
}
