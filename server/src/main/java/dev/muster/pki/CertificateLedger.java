package dev.muster.pki;

import dev.muster.audit.AuditLog;
import dev.muster.identity.Actor;
import dev.muster.pki.IssuedCertificate.Origin;
import dev.muster.pki.IssuedCertificate.Revocation;
import dev.muster.platform.event.EventLog;
import dev.muster.protocol.AssetId;
import dev.muster.registry.asset.AssetStore;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Issues and revokes within the caller's transaction: certificate, row, audit entry, event and the asset's expiry belong
 * together.
 *
 * <p>A caller that looked at an asset's certificates before must hold {@link CertificateStore#lockAsset}.
 */
final class CertificateLedger {
    /** Valid at a time, per asset: an asset that renews in a loop stops here and keeps what it has. */
    static final int MAX_VALID = 10;

    private static final String EVENT_ISSUED = "certificate.issued";
    static final String EVENT_REVOKED = "certificate.revoked";

    private final CertificateAuthority authority;
    private final CertificateStore certificates;
    private final AssetStore assets;
    private final AuditLog audit;
    private final EventLog events;
    private final AdmissionList admission;
    private final SessionCloser sessions;
    private final Clock clock;
    private final Duration lifetime;

    CertificateLedger(
            CertificateAuthority authority,
            CertificateStore certificates,
            AssetStore assets,
            AuditLog audit,
            EventLog events,
            AdmissionList admission,
            SessionCloser sessions,
            Clock clock,
            Duration lifetime) {
        this.authority = authority;
        this.certificates = certificates;
        this.assets = assets;
        this.audit = audit;
        this.events = events;
        this.admission = admission;
        this.sessions = sessions;
        this.clock = clock;
        this.lifetime = lifetime;
    }

    Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }

    /** @param from who asked, by network; for the audit trail */
    X509Certificate issue(Actor actor, AssetId asset, PublicKey key, Origin origin, String originRef, String from) {
        Instant now = now();
        X509Certificate certificate = authority.signAsset(asset, key, now, lifetime);
        IssuedCertificate issued = IssuedCertificate.of(asset, certificate, now, origin, originRef);
        certificates.add(issued);
        assets.setCertificateExpiry(asset, issued.notAfter());
        Map<String, String> state = Map.of(
                "serial", issued.serial(),
                "notAfter", issued.notAfter().toString(),
                "origin", origin.wire(),
                "originRef", originRef,
                "remoteAddress", from);
        audit.record(actor, "certificate.issue", "asset", asset.value(), null, state);
        events.append(
                EVENT_ISSUED,
                subject(asset),
                Map.of("serial", issued.serial(), "notAfter", issued.notAfter().toString(), "origin", origin.wire()));
        return certificate;
    }

    /** Effective in this process with the commit, in others when they read the event. */
    void revoke(Actor actor, IssuedCertificate certificate, String reason) {
        Instant now = now();
        if (!certificates.revoke(certificate.serial(), new Revocation(now, actor.id(), reason))) {
            return;
        }
        AssetId asset = certificate.asset();
        List<IssuedCertificate> left = certificates.valid(asset, now, MAX_VALID);
        assets.setCertificateExpiry(
                asset,
                left.stream()
                        .map(IssuedCertificate::notAfter)
                        .max(Instant::compareTo)
                        .orElse(null));
        audit.record(
                actor,
                "certificate.revoke",
                "asset",
                asset.value(),
                Map.of(
                        "serial",
                        certificate.serial(),
                        "notAfter",
                        certificate.notAfter().toString()),
                Map.of("serial", certificate.serial(), "revokedAt", now.toString(), "reason", reason));
        events.append(
                EVENT_REVOKED,
                subject(asset),
                Map.of(
                        "serial",
                        certificate.serial(),
                        "notAfter",
                        certificate.notAfter().toString(),
                        "reason",
                        reason));
        afterCommit(() -> {
            admission.revoke(certificate.serial(), certificate.notAfter());
            sessions.close(asset, "certificate " + certificate.serial() + " is revoked: " + reason);
        });
    }

    static String subject(AssetId asset) {
        return "asset/" + asset;
    }

    private static void afterCommit(Runnable action) {
        TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
            @Override
            public void afterCommit() {
                action.run();
            }
        });
    }
}
