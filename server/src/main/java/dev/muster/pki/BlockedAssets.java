package dev.muster.pki;

import dev.muster.identity.Actor;
import dev.muster.protocol.AssetId;
import dev.muster.registry.Asset;
import dev.muster.registry.asset.AssetListener;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/** Carries an asset's lifecycle to admission with the commit of its change; a deleted asset loses its certificates and tokens. */
@Component
class BlockedAssets implements AssetListener {
    /** Looked up late: the ledger needs the registry, whose service needs its listeners. */
    private final ObjectProvider<CertificateLedger> ledger;

    private final CertificateStore certificates;
    private final AssetTokenLedger tokens;
    private final AdmissionList admission;
    private final SessionCloser sessions;
    private final AtomicBoolean unknown = new AtomicBoolean();

    BlockedAssets(
            ObjectProvider<CertificateLedger> ledger,
            CertificateStore certificates,
            AssetTokenLedger tokens,
            AdmissionList admission,
            LiveSessions sessions) {
        this.ledger = ledger;
        this.certificates = certificates;
        this.tokens = tokens;
        this.admission = admission;
        this.sessions = sessions;
    }

    @Override
    public void beforeChange() {
        // locks nothing: what is written here belongs to one asset, whose row is locked
    }

    @Override
    public void changed(List<Asset> assets) {
        List<Asset> noted = List.copyOf(assets);
        TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
            @Override
            public void afterCommit() {
                noted.forEach(asset -> apply(asset));
            }
        });
    }

    @Override
    public void changedMany() {
        TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
            @Override
            public void afterCommit() {
                unknown.set(true);
            }
        });
    }

    /** Whether more changed, since this was last asked, than was told. */
    boolean takeUnknown() {
        return unknown.getAndSet(false);
    }

    @Override
    public void deleted(AssetId asset) {
        CertificateLedger book = ledger.getObject();
        for (IssuedCertificate certificate : certificates.valid(asset, book.now(), CertificateLedger.MAX_VALID)) {
            book.revoke(Actor.SYSTEM, certificate, "asset was deleted");
        }
        tokens.revokeAll(Actor.SYSTEM, asset, "asset was deleted");
    }

    /** Also for what another server changed. */
    void apply(Asset asset) {
        admission.lifecycle(asset.id(), asset.lifecycle());
        if (AdmissionList.blocks(asset.lifecycle())) {
            sessions.close(asset.id(), "asset is " + asset.lifecycle().wire());
        }
    }
}
