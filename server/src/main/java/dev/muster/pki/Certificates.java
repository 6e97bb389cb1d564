package dev.muster.pki;

import dev.muster.identity.Actor;
import dev.muster.identity.ScopeFilter;
import dev.muster.pki.CertificateStore.Position;
import dev.muster.pki.CertificateStore.Wanted;
import dev.muster.pki.IssuedCertificate.Origin;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import dev.muster.platform.page.Page;
import dev.muster.platform.page.PageRequest;
import dev.muster.protocol.AssetId;
import dev.muster.registry.Asset;
import dev.muster.registry.asset.AssetDirectory;
import dev.muster.registry.asset.AssetService;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.transaction.support.TransactionTemplate;

/** What people do with certificates: find, revoke, and get a first one; always within their scope. */
final class Certificates {
    static final int MAX_REASON = 200;

    /** Certificates looked at for one page of a narrower scope; such a page may be short and still have a next one. */
    static final int MAX_LOOKED_AT = 5_000;

    /** The same for counting. */
    static final int MAX_COUNTED = 20_000;

    /** From now on: what has ended, ends today, this week, …. */
    private static final List<Duration> EDGES = List.of(
            Duration.ZERO,
            Duration.ofDays(1),
            Duration.ofDays(7),
            Duration.ofDays(30),
            Duration.ofDays(60),
            Duration.ofDays(90),
            Duration.ofDays(180),
            Duration.ofDays(365));

    private final CertificateStore store;
    private final CertificateLedger ledger;
    private final CertificateAuthority authority;
    private final ScopeFilter scopes;
    private final AssetDirectory assets;
    private final AssetService service;
    private final TransactionTemplate transaction;
    private final SecureRandom random;

    Certificates(
            CertificateStore store,
            CertificateLedger ledger,
            CertificateAuthority authority,
            ScopeFilter scopes,
            AssetDirectory assets,
            AssetService service,
            TransactionTemplate transaction,
            SecureRandom random) {
        this.store = store;
        this.ledger = ledger;
        this.authority = authority;
        this.scopes = scopes;
        this.assets = assets;
        this.service = service;
        this.transaction = transaction;
        this.random = random;
    }

    /** By expiry, the next to expire first. */
    Page<IssuedCertificate> list(Actor actor, Wanted wanted, PageRequest request) {
        Position after = position(request.after());
        if (actor.scope().isAll()) {
            return Page.of(store.page(wanted, ledger.now(), after, request.fetch()), request, Certificates::key);
        }
        return narrowed(actor, wanted, after, request);
    }

    private Page<IssuedCertificate> narrowed(
            Actor actor, Wanted wanted, @Nullable Position after, PageRequest request) {
        List<IssuedCertificate> found = new ArrayList<>();
        Position last = after;
        String lastKey = "";
        for (int lookedAt = 0; lookedAt < MAX_LOOKED_AT; lookedAt += PageRequest.MAX_LIMIT) {
            List<IssuedCertificate> batch = store.page(wanted, ledger.now(), last, PageRequest.MAX_LIMIT);
            Set<AssetId> visible = scopes.visible(
                    actor.scope(), batch.stream().map(IssuedCertificate::asset).collect(Collectors.toSet()));
            for (IssuedCertificate certificate : batch) {
                if (found.size() == request.limit()) {
                    return Page.upTo(found, lastKey);
                }
                if (visible.contains(certificate.asset())) {
                    found.add(certificate);
                }
                last = new Position(certificate.notAfter(), certificate.serial());
                lastKey = key(certificate);
            }
            if (batch.size() < PageRequest.MAX_LIMIT) {
                return new Page<>(found, null);
            }
        }
        return Page.upTo(found, lastKey);
    }

    /** How many of the newest certificates end in a time. @param from null: from ever. @param to exclusive; null: for ever */
    record Bucket(@Nullable Instant from, @Nullable Instant to, long certificates) {}

    /** @param complete whether all were counted: of a narrower scope only the {@link #MAX_COUNTED} that end first are looked at */
    record Expiry(List<Bucket> buckets, boolean complete) {}

    /** The newest certificate of each asset by when it ends, or has ended. */
    Expiry expiry(Actor actor) {
        Instant now = ledger.now();
        List<Instant> edges = EDGES.stream().map(now::plus).toList();
        if (actor.scope().isAll()) {
            return new Expiry(buckets(edges, store.currentByExpiry(edges)), true);
        }
        Map<Integer, Long> counts = new HashMap<>();
        boolean complete = count(actor, CertificateState.EXPIRED, edges, counts)
                && count(actor, CertificateState.CURRENT, edges, counts);
        return new Expiry(buckets(edges, counts), complete);
    }

    private boolean count(Actor actor, CertificateState state, List<Instant> edges, Map<Integer, Long> counts) {
        Wanted wanted = new Wanted(null, state, null, null);
        Position last = null;
        for (int lookedAt = 0; lookedAt < MAX_COUNTED; lookedAt += PageRequest.MAX_LIMIT) {
            List<IssuedCertificate> batch = store.page(wanted, ledger.now(), last, PageRequest.MAX_LIMIT);
            Set<AssetId> visible = scopes.visible(
                    actor.scope(), batch.stream().map(IssuedCertificate::asset).collect(Collectors.toSet()));
            for (IssuedCertificate each : batch) {
                if (visible.contains(each.asset())) {
                    int bucket = (int) edges.stream()
                            .filter(edge -> !edge.isAfter(each.notAfter()))
                            .count();
                    counts.merge(bucket, 1L, Long::sum);
                }
                last = new Position(each.notAfter(), each.serial());
            }
            if (batch.size() < PageRequest.MAX_LIMIT) {
                return true;
            }
        }
        return false;
    }

    private static List<Bucket> buckets(List<Instant> edges, Map<Integer, Long> counts) {
        List<Bucket> buckets = new ArrayList<>();
        for (int i = 0; i <= edges.size(); i++) {
            buckets.add(new Bucket(
                    i == 0 ? null : edges.get(i - 1),
                    i == edges.size() ? null : edges.get(i),
                    counts.getOrDefault(i, 0L)));
        }
        return buckets;
    }

    IssuedCertificate get(Actor actor, String serial) {
        return store.find(serial)
                .filter(certificate -> isVisible(actor, certificate.asset()))
                .orElseThrow(() -> notFound(serial));
    }

    /** Revoking again changes nothing and is no error. */
    IssuedCertificate revoke(Actor actor, String serial, String reason) {
        if (reason.isBlank() || reason.length() > MAX_REASON || reason.chars().anyMatch(Character::isISOControl)) {
            throw new Refusal(
                    ErrorCode.INVALID,
                    "certificate " + printable(serial) + " cannot be revoked: the reason must have 1 to " + MAX_REASON
                            + " characters, none of them a control character");
        }
        return Objects.requireNonNull(transaction.execute(status -> {
            IssuedCertificate certificate = get(actor, serial);
            store.lockAsset(certificate.asset());
            ledger.revoke(actor, certificate, reason);
            return get(actor, serial);
        }));
    }

    /** @param key PKCS#8, not encrypted: it exists only in this answer */
    record Credentials(IssuedCertificate certificate, String key, String chain, String ca) {}

    /** For a first try: the server makes the key, which an asset of the fleet should make itself. */
    Credentials credentials(Actor actor, String assetId, String remoteAddress) {
        KeyPair pair = CertificateAuthority.generateKey("secp256r1", random);
        return Objects.requireNonNull(transaction.execute(status -> {
            Asset asset = assets.requireVisible(actor, assetId);
            store.lockAsset(asset.id());
            requireRoom(asset.id());
            service.enrol(actor, asset.id(), null, asset.labels());
            X509Certificate certificate =
                    ledger.issue(actor, asset.id(), pair.getPublic(), Origin.CREDENTIALS, actor.id(), remoteAddress);
            IssuedCertificate issued =
                    store.find(IssuedCertificate.serialOf(certificate)).orElseThrow();
            return new Credentials(issued, Pem.of(pair.getPrivate()), Pem.of(certificate), Pem.of(authority.chain()));
        }));
    }

    private void requireRoom(AssetId asset) {
        int valid =
                store.valid(asset, ledger.now(), CertificateLedger.MAX_VALID).size();
        if (valid >= CertificateLedger.MAX_VALID) {
            throw new Refusal(
                    ErrorCode.CONFLICT,
                    "asset " + asset + " already holds " + valid
                            + " valid certificates, which is the most; revoke some");
        }
    }

    private boolean isVisible(Actor actor, AssetId asset) {
        return actor.scope().isAll()
                || !scopes.visible(actor.scope(), Set.of(asset)).isEmpty();
    }

    private static String key(IssuedCertificate certificate) {
        return certificate.notAfter() + " " + certificate.serial();
    }

    private static @Nullable Position position(@Nullable String key) {
        if (key == null) {
            return null;
        }
        int space = key.indexOf(' ');
        try {
            return new Position(Instant.parse(key.substring(0, Math.max(space, 0))), key.substring(space + 1));
        } catch (DateTimeParseException e) {
            throw new Refusal(ErrorCode.INVALID, "continue is not a token of this list; ask again without it");
        }
    }

    private static Refusal notFound(String serial) {
        return new Refusal(
                ErrorCode.NOT_FOUND,
                "there is no certificate with the serial " + printable(serial)
                        + "; GET /api/v1/certificates?asset= lists those of an asset");
    }

    private static String printable(String text) {
        String ascii = text.replaceAll("[^\\x20-\\x7e]", "?");
        return ascii.length() <= 64 ? ascii : ascii.substring(0, 64) + "…";
    }
}
