package dev.muster.pki;

import dev.muster.audit.AuditLog;
import dev.muster.identity.Actor;
import dev.muster.platform.event.EventLog;
import dev.muster.protocol.AssetId;
import java.util.List;
import java.util.Map;
import org.springframework.stereotype.Component;

/** All that one asset could connect or enrol with, for a feature that takes it away, within that feature's transaction. */
@Component
public class AssetCredentials {
    private final CertificateStore certificates;
    private final CertificateLedger ledger;
    private final AssetTokenLedger assetTokens;
    private final ClaimTokenStore tokens;
    private final AuditLog audit;
    private final EventLog events;

    AssetCredentials(
            CertificateStore certificates,
            CertificateLedger ledger,
            AssetTokenLedger assetTokens,
            ClaimTokenStore tokens,
            AuditLog audit,
            EventLog events) {
        this.certificates = certificates;
        this.ledger = ledger;
        this.assetTokens = assetTokens;
        this.tokens = tokens;
        this.audit = audit;
        this.events = events;
    }

    /** How many were revoked. */
    public record Revoked(int certificates, int claimTokens) {}

    /**
     * Revokes the asset's certificates and tokens, and the claim tokens that are for its id alone. Its sessions are closed with the
     * commit. Until then nothing is issued to it; call it before the asset's row is locked.
     */
    public Revoked revokeAll(Actor actor, AssetId asset, String reason) {
        certificates.lockAsset(asset);
        int revoked = 0;
        List<IssuedCertificate> valid = valid(asset);
        while (!valid.isEmpty()) {
            valid.forEach(certificate -> ledger.revoke(actor, certificate, reason));
            revoked += valid.size();
            valid = valid(asset);
        }
        assetTokens.revokeAll(actor, asset, reason);
        List<String> bound = tokens.revokeBound(asset, ledger.now(), actor.id());
        for (String token : bound) {
            Map<String, Object> why = Map.of("idPattern", asset.value(), "revoked", true, "reason", reason);
            audit.record(actor, "claim-token.revoke", "claim-token", token, null, why);
            events.append("claim-token.revoked", "claim-token/" + token, why);
        }
        return new Revoked(revoked, bound.size());
    }

    /** How many certificates it could connect with, were it let in. */
    public int validCertificates(AssetId asset) {
        return valid(asset).size();
    }

    private List<IssuedCertificate> valid(AssetId asset) {
        return certificates.valid(asset, ledger.now(), CertificateLedger.MAX_VALID);
    }
}
