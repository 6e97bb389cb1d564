package dev.muster.pki;

import dev.muster.gateway.port.Admission.Token;
import java.time.Clock;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The assets' usable tokens in memory, by the hashes of their secrets; bounded by {@link AssetTokens#MAX_USABLE}.
 *
 * <p>Found by the hash of 256 random bits: what a look-up's timing tells about a hash helps nobody to find its secret.
 */
final class KnownTokens {
    private final Map<String, AssetToken> byHash = new ConcurrentHashMap<>();
    private final Clock clock;

    KnownTokens(Clock clock) {
        this.clock = clock;
    }

    /** The token, when it is the user's own and opens anything now. */
    Optional<AssetToken> find(Token shown) {
        return AssetSecret.parse(shown.secret())
                .map(secret -> byHash.get(secret.hash()))
                .filter(token -> token.asset().value().equals(shown.user()))
                .filter(token -> token.expiresAt().isAfter(clock.instant()));
    }

    void add(AssetToken token) {
        byHash.put(token.secretHash(), token);
    }

    /** @return whether it was known */
    boolean remove(AssetToken token) {
        return byHash.remove(token.secretHash()) != null;
    }

    Set<String> hashes() {
        return Set.copyOf(byHash.keySet());
    }

    /** Brings in what the store says; {@code before} is what {@link #hashes} was before the store was read. */
    void load(List<AssetToken> usable, Set<String> before) {
        Set<String> gone = new HashSet<>(before);
        for (AssetToken token : usable) {
            byHash.put(token.secretHash(), token);
            gone.remove(token.secretHash());
        }
        byHash.keySet().removeAll(gone);
    }
}
