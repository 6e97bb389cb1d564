package dev.muster.pki;

import dev.muster.gateway.port.Admission;
import dev.muster.protocol.AssetId;
import dev.muster.registry.Lifecycle;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;

/**
 * Who is let in, from memory: any asset certificate of our CA unless its serial is revoked, and who shows a usable token; no
 * asset that is blocked.
 *
 * <p>Of certificates only refusals are kept: serials revoked and not yet expired, assets quarantined or retired. So it needs no list of all
 * certificates, and a certificate that the store lost with its newest rows still works.
 */
final class AdmissionList implements Admission, AssetAdmission {
    private final Set<X500Principal> issuers = new HashSet<>();
    private final Map<String, Instant> revoked = new ConcurrentHashMap<>();
    private final Map<AssetId, Lifecycle> blocked = new ConcurrentHashMap<>();
    private final KnownTokens tokens;
    private final Witness witness;

    AdmissionList(CertificateAuthority authority, KnownTokens tokens, Witness witness) {
        authority.issuing().forEach(ca -> issuers.add(ca.getSubjectX500Principal()));
        this.tokens = tokens;
        this.witness = witness;
    }

    @Override
    public Decision admit(X509Certificate certificate) {
        String serial = IssuedCertificate.serialOf(certificate);
        if (!issuers.contains(certificate.getIssuerX500Principal())) {
            return new Decision.Refused(
                    "unknown",
                    "certificate " + serial + " was issued by " + certificate.getIssuerX500Principal()
                            + ", not by the issuing CA; enrol with a claim token");
        }
        AssetId asset = AssetIdentity.of(certificate).orElse(null);
        if (asset == null) {
            return new Decision.Refused(
                    "unknown",
                    "certificate " + serial + " of " + certificate.getSubjectX500Principal()
                            + " names no asset; use the certificate that the asset was enrolled with");
        }
        if (revoked.containsKey(serial)) {
            return new Decision.Refused(
                    "revoked",
                    "certificate " + serial + " of asset " + asset + " is revoked; enrol with a claim token");
        }
        Decision.Refused refused = refusal(asset);
        if (refused != null) {
            return refused;
        }
        witness.admitted(asset, certificate);
        return new Decision.Admitted(asset, serial, certificate.getNotAfter().toInstant());
    }

    /** One answer to all that is wrong with a token, so that nobody learns which assets there are. */
    @Override
    public Decision admit(Token token) {
        AssetToken known = tokens.find(token).orElse(null);
        if (known == null) {
            return new Decision.Refused(
                    "unknown",
                    "user name and password are not an asset's id and a usable token of it; an operator makes one with"
                            + " POST /api/v1/assets/ID/tokens");
        }
        Decision.Refused refused = refusal(known.asset());
        return refused != null ? refused : new Decision.Admitted(known.asset(), known.id(), known.expiresAt());
    }

    @Override
    public Optional<Decision.Refused> blocked(AssetId asset) {
        return Optional.ofNullable(refusal(asset));
    }

    private Decision.@Nullable Refused refusal(AssetId asset) {
        Lifecycle state = blocked.get(asset);
        if (state == null) {
            return null;
        }
        return new Decision.Refused(
                state.wire(),
                "asset " + asset + " is " + state.wire() + "; an administrator can "
                        + (state == Lifecycle.RETIRED ? "restore it" : "end that"));
    }

    boolean isRevoked(String serial) {
        return revoked.containsKey(serial);
    }

    /** For ever: a revocation is never taken back. */
    void revoke(String serial, Instant expires) {
        revoked.put(serial, expires);
    }

    void lifecycle(AssetId asset, Lifecycle state) {
        if (blocks(state)) {
            blocked.put(asset, state);
        } else {
            blocked.remove(asset);
        }
    }

    static boolean blocks(Lifecycle state) {
        return switch (state) {
            case QUARANTINED, RETIRED -> true;
            case REGISTERED, PROVISIONED, ACTIVE, MAINTENANCE -> false;
        };
    }

    Set<AssetId> blockedAssets() {
        return Set.copyOf(blocked.keySet());
    }

    /**
     * Brings in what the store says.
     *
     * @param before what {@link #blockedAssets} was before the store was read: an asset that was blocked since is not in
     *     what was read, and stays blocked
     */
    void load(Map<String, Instant> revokedNow, Map<AssetId, Lifecycle> blockedNow, Set<AssetId> before, Instant now) {
        revoked.putAll(revokedNow);
        revoked.values().removeIf(expires -> !expires.isAfter(now));
        blocked.putAll(blockedNow);
        for (AssetId asset : before) {
            if (!blockedNow.containsKey(asset)) {
                blocked.remove(asset);
            }
        }
    }

    int revokedCount() {
        return revoked.size();
    }

    int blockedCount() {
        return blocked.size();
    }

    /** Told of every certificate that was let in; must not block. */
    @FunctionalInterface
    interface Witness {
        void admitted(AssetId asset, X509Certificate certificate);
    }
}
