package dev.muster.pki;

import dev.muster.gateway.port.Enrolment;
import dev.muster.identity.Actor;
import dev.muster.identity.ActorKind;
import dev.muster.identity.Role;
import dev.muster.identity.Scope;
import dev.muster.pki.IssuedCertificate.Origin;
import dev.muster.protocol.AssetId;
import dev.muster.registry.Asset;
import dev.muster.registry.Lifecycle;
import dev.muster.registry.asset.AssetStore;
import io.micrometer.core.instrument.MeterRegistry;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Gives certificates to assets that show a claim token or the certificate they have.
 *
 * <p>All of an enrolment is one transaction: the use of the token, the asset, the certificate, audit and events. The token's
 * row is locked last, so that thousands of assets can enrol with one token at the same time.
 */
final class RegistrationAuthority implements Enrolment {
    private static final Logger log = LoggerFactory.getLogger(RegistrationAuthority.class);

    private final CertificateAuthority authority;
    private final CertificateLedger ledger;
    private final CertificateStore certificates;
    private final ClaimTokenStore tokens;
    private final ClaimedAssets claimed;
    private final AssetStore assets;
    private final TransactionTemplate transaction;
    private final RefusedCredentials refused;
    private final MeterRegistry meters;

    RegistrationAuthority(
            CertificateAuthority authority,
            CertificateLedger ledger,
            CertificateStore certificates,
            ClaimTokenStore tokens,
            ClaimedAssets claimed,
            AssetStore assets,
            TransactionTemplate transaction,
            RefusedCredentials refused,
            MeterRegistry meters) {
        this.authority = authority;
        this.ledger = ledger;
        this.certificates = certificates;
        this.tokens = tokens;
        this.claimed = claimed;
        this.assets = assets;
        this.transaction = transaction;
        this.refused = refused;
        this.meters = meters;
    }

    @Override
    public List<X509Certificate> caCertificates() {
        return authority.chain();
    }

    @Override
    public byte[] csrAttributes() {
        return CsrAttributes.DER.clone();
    }

    @Override
    public Outcome enrol(Credential credential, byte[] pkcs10, String remoteAddress) {
        return counted("claim-token", code -> refused.other(remoteAddress, code), () -> switch (credential) {
            case Credential.ClaimToken shown -> claim(shown.token(), pkcs10, remoteAddress);
        });
    }

    @Override
    public Outcome renew(X509Certificate current, byte[] pkcs10, String remoteAddress) {
        return counted(
                "renewal",
                code -> AssetIdentity.of(current)
                        .ifPresentOrElse(asset -> refused.asset(asset, code), () -> refused.other(remoteAddress, code)),
                () -> renewal(current, pkcs10, remoteAddress));
    }

    private X509Certificate claim(String shown, byte[] pkcs10, String remoteAddress) {
        ClaimToken token = ClaimSecret.parse(shown)
                .flatMap(tokens::findBySecret)
                .orElseThrow(() -> new Refusing(
                        401,
                        "unauthenticated",
                        "the password is no claim token of this server; give claim_<secret>, with or without the part after"
                                + " the dot, as the password of HTTP Basic"));
        requireAlive(token);
        SigningRequest request = accepted(pkcs10);
        if (!token.covers(request.asset())) {
            throw new Refusing(
                    403,
                    "id_not_allowed",
                    "claim token " + token.id() + " enrols ids of the form "
                            + token.pattern().orElse("*") + ", asset id " + request.asset() + " is not one");
        }
        return inTransaction(() -> issueTo(token, request, remoteAddress));
    }

    private X509Certificate issueTo(ClaimToken token, SigningRequest request, String remoteAddress) {
        AssetId asset = request.asset();
        Actor actor = new Actor(token.id(), ActorKind.CLAIM_TOKEN, Role.OPERATOR, Scope.ALL);
        certificates.lockAsset(asset);
        List<IssuedCertificate> valid = certificates.valid(asset, ledger.now(), CertificateLedger.MAX_VALID);
        boolean again = isRepeated(token, request, valid);
        if (!again) {
            requireUsable(token);
        }
        claimed.claim(actor, token, asset);
        if (!valid.isEmpty() && !again) {
            takeOver(actor, token, asset, valid);
            valid = List.of();
        }
        requireRoom(asset, valid);
        X509Certificate certificate =
                ledger.issue(actor, asset, request.key(), Origin.CLAIM_TOKEN, token.id(), remoteAddress);
        if (!again && !tokens.use(token.id(), ledger.now())) {
            requireUsable(tokens.find(token.id()).orElse(token));
            throw new Refusing(403, "token_used_up", "claim token " + token.id() + " has no use left; create another");
        }
        return certificate;
    }

    /** The answer to an enrolment can get lost: who shows the same token and the same key gets another one, for no further use. */
    private static boolean isRepeated(ClaimToken token, SigningRequest request, List<IssuedCertificate> valid) {
        String key = IssuedCertificate.keyHashOf(request.key());
        return valid.stream()
                .anyMatch(certificate -> certificate.keyHash().equals(key)
                        && certificate.origin() == Origin.CLAIM_TOKEN
                        && certificate.originRef().equals(token.id()));
    }

    /** Exchanged hardware: what held the asset's certificates before must not speak for it any more. */
    private void takeOver(Actor actor, ClaimToken token, AssetId asset, List<IssuedCertificate> valid) {
        if (!token.allowReenrol()) {
            throw new Refusing(
                    409,
                    "already_enrolled",
                    "asset " + asset + " holds a valid certificate (serial "
                            + valid.getFirst().serial()
                            + "), and claim token " + token.id()
                            + " may not replace it; renew with the certificate, revoke it, or use a claim token that"
                            + " allows re-enrolment");
        }
        for (IssuedCertificate certificate : valid) {
            ledger.revoke(actor, certificate, "replaced by an enrolment with claim token " + token.id());
        }
    }

    private X509Certificate renewal(X509Certificate current, byte[] pkcs10, String remoteAddress) {
        String serial = IssuedCertificate.serialOf(current);
        AssetId asset = AssetIdentity.of(current)
                .filter(named -> authority.signed(current))
                .orElseThrow(() -> new Refusing(
                        403,
                        "unknown_certificate",
                        "certificate " + serial + " is none that this CA gave to an asset; enrol with a claim token"));
        if (!current.getNotAfter().toInstant().isAfter(ledger.now())) {
            throw new Refusing(
                    403,
                    "certificate_expired",
                    "certificate " + serial + " of asset " + asset + " expired at "
                            + current.getNotAfter().toInstant() + "; enrol with a claim token");
        }
        SigningRequest request = accepted(pkcs10);
        if (!request.asset().equals(asset)) {
            throw new Refusing(
                    403,
                    "subject_mismatch",
                    "the certificate is of asset " + asset + " and the request is for " + request.asset()
                            + "; an asset renews for itself only");
        }
        return inTransaction(() -> renewFor(asset, serial, current, request, remoteAddress));
    }

    private X509Certificate renewFor(
            AssetId asset, String serial, X509Certificate current, SigningRequest request, String remoteAddress) {
        certificates.lockAsset(asset);
        Optional<IssuedCertificate> known = certificates.find(serial);
        if (known.isPresent() && known.get().revocation() != null) {
            throw new Refusing(
                    403,
                    "certificate_revoked",
                    "certificate " + serial + " of asset " + asset + " is revoked; enrol with a claim token");
        }
        Asset found = assets.find(asset)
                .orElseThrow(() -> new Refusing(
                        403, "unknown_asset", "asset " + asset + " does not exist any more; enrol with a claim token"));
        requireTrusted(found);
        if (known.isEmpty()) {
            certificates.addSeen(IssuedCertificate.of(asset, current, ledger.now(), Origin.SEEN, "renewal"));
        }
        requireRoom(asset, certificates.valid(asset, ledger.now(), CertificateLedger.MAX_VALID));
        Actor actor = new Actor(asset.value(), ActorKind.ASSET, Role.VIEWER, Scope.ALL);
        return ledger.issue(actor, asset, request.key(), Origin.RENEWAL, serial, remoteAddress);
    }

    static void requireTrusted(Asset asset) {
        if (AdmissionList.blocks(asset.lifecycle())) {
            throw new Refusing(
                    403,
                    "asset_" + asset.lifecycle().wire(),
                    "asset " + asset.id() + " is " + asset.lifecycle().wire()
                            + " and gets no certificate; an administrator can "
                            + (asset.lifecycle() == Lifecycle.RETIRED ? "restore it" : "end that"));
        }
    }

    private static void requireRoom(AssetId asset, List<IssuedCertificate> valid) {
        if (valid.size() >= CertificateLedger.MAX_VALID) {
            throw new Refusing(
                    429,
                    "too_many_certificates",
                    "asset " + asset + " already holds " + valid.size() + " valid certificates, which is the most; the"
                            + " next to expire does so at "
                            + valid.stream()
                                    .map(IssuedCertificate::notAfter)
                                    .min(Instant::compareTo)
                                    .orElseThrow()
                            + "; use one of them, or revoke some");
        }
    }

    private void requireAlive(ClaimToken token) {
        switch (token.state(ledger.now())) {
            case REVOKED ->
                throw new Refusing(403, "token_revoked", "claim token " + token.id() + " is revoked; create another");
            case EXPIRED ->
                throw new Refusing(
                        403,
                        "token_expired",
                        "claim token " + token.id() + " expired at " + token.expiresAt() + "; create another");
            case USABLE, USED_UP -> {
                // a used up token may still repeat its last answer
            }
        }
    }

    private void requireUsable(ClaimToken token) {
        requireAlive(token);
        if (token.state(ledger.now()) == ClaimToken.State.USED_UP) {
            throw new Refusing(
                    403,
                    "token_used_up",
                    "claim token " + token.id() + " has been used " + token.uses() + " times, which is the most; create"
                            + " another");
        }
    }

    private static SigningRequest accepted(byte[] pkcs10) {
        return switch (SigningRequest.check(pkcs10)) {
            case SigningRequest.Checked.Accepted(SigningRequest request) -> request;
            case SigningRequest.Checked.Rejected(String code, String message) -> throw new Refusing(400, code, message);
        };
    }

    private X509Certificate inTransaction(Issuing issuing) {
        return java.util.Objects.requireNonNull(transaction.execute(status -> issuing.issue()), "certificate");
    }

    private Outcome counted(String origin, Consumer<String> onBadCredential, Issuing issuing) {
        try {
            Outcome outcome = new Outcome.Issued(issuing.issue());
            meters.counter("muster.certificates.issued", "origin", origin).increment();
            return outcome;
        } catch (Refusing refusal) {
            meters.counter("muster.enrolments.refused", "code", refusal.code()).increment();
            if (refusal.isAboutCredentials()) {
                onBadCredential.accept(refusal.code());
            }
            return refusal.outcome();
        } catch (DataAccessException | TransactionException e) {
            log.warn("an asset cannot get a certificate while the database is away: {}", e.getMessage());
            return new Outcome.Refused(503, "unavailable", "the server's database does not answer; try again later");
        }
    }

    @FunctionalInterface
    private interface Issuing {
        X509Certificate issue();
    }
}
