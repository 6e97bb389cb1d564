package dev.muster.pki;

import dev.muster.identity.Actor;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import dev.muster.platform.id.Ids;
import dev.muster.platform.page.Page;
import dev.muster.platform.page.PageRequest;
import dev.muster.registry.Asset;
import dev.muster.registry.asset.AssetDirectory;
import dev.muster.registry.asset.AssetService;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/** What people do with assets' tokens: create, list and revoke, always within their scope. */
@Component
class AssetTokens {
    static final Duration MAX_LIFETIME = Duration.ofDays(366);
    static final int MAX_OF_ASSET = 10;
    static final int MAX_USABLE = 100_000;

    private final AssetTokenStore store;
    private final AssetTokenLedger ledger;
    private final CertificateStore certificates;
    private final AssetDirectory assets;
    private final AssetService service;
    private final Ids ids;
    private final SecureRandom random = new SecureRandom();

    AssetTokens(
            AssetTokenStore store,
            AssetTokenLedger ledger,
            CertificateStore certificates,
            AssetDirectory assets,
            AssetService service,
            Ids ids) {
        this.store = store;
        this.ledger = ledger;
        this.certificates = certificates;
        this.assets = assets;
        this.service = service;
        this.ids = ids;
    }

    /** @param text what the asset is given, shown this once */
    record Created(AssetToken token, String text) {}

    @Transactional
    public Created create(Actor actor, String assetId, Duration lifetime) {
        if (lifetime.compareTo(Duration.ofMinutes(1)) < 0 || lifetime.compareTo(MAX_LIFETIME) > 0) {
            throw new Refusal(ErrorCode.INVALID, "expiresIn must be from 1m to " + MAX_LIFETIME.toDays() + "d");
        }
        Asset asset = assets.requireVisible(actor, assetId);
        certificates.lockAsset(asset.id());
        Instant now = ledger.now();
        requireRoom(asset, now);
        service.enrol(actor, asset.id(), null, asset.labels());
        AssetSecret secret = AssetSecret.generate(random);
        AssetToken token =
                new AssetToken(ids.next(), asset.id(), secret.hash(), now.plus(lifetime), now, actor.id(), null, null);
        ledger.issue(actor, token);
        return new Created(token, secret.text());
    }

    private void requireRoom(Asset asset, Instant now) {
        if (store.usable(asset.id(), now).size() >= MAX_OF_ASSET) {
            throw new Refusal(
                    ErrorCode.CONFLICT,
                    "asset " + asset.id() + " already holds " + MAX_OF_ASSET
                            + " usable tokens, which is the most; revoke some");
        }
        if (store.countUsable(now) >= MAX_USABLE) {
            throw new Refusal(
                    ErrorCode.CONFLICT,
                    "no token is made for asset " + asset.id() + ": assets hold " + MAX_USABLE
                            + " usable ones, which is the most; let more of them enrol for certificates");
        }
    }

    @Transactional(readOnly = true)
    public Page<AssetToken> list(Actor actor, String assetId, PageRequest page) {
        Asset asset = assets.requireVisible(actor, assetId);
        return Page.of(store.page(asset.id(), page.after(), page.fetch()), page, AssetToken::id);
    }

    /** Revoking again changes nothing and is no error. */
    @Transactional
    public void revoke(Actor actor, String assetId, String id) {
        Asset asset = assets.requireVisible(actor, assetId);
        AssetToken token = store.find(id)
                .filter(found -> found.asset().equals(asset.id()))
                .orElseThrow(() -> new Refusal(
                        ErrorCode.NOT_FOUND,
                        "asset " + asset.id() + " has no token of this id; GET /api/v1/assets/" + asset.id()
                                + "/tokens lists them"));
        ledger.revoke(actor, token, "revoked by " + actor.id());
    }

    Instant now() {
        return ledger.now();
    }
}
