package dev.muster.pki;

import dev.muster.gateway.port.TlsMaterial;
import dev.muster.platform.event.EventFeed;
import dev.muster.platform.event.EventLog;
import dev.muster.platform.event.LoggedEvent;
import dev.muster.protocol.AssetId;
import dev.muster.registry.Asset;
import dev.muster.registry.Lifecycle;
import dev.muster.registry.asset.AssetStore;
import dev.muster.registry.selector.SqlCondition;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;

/**
 * Keeps admission right when other servers revoke and block, and everything that ends by time: one thread.
 *
 * <p>What this process itself changes is in effect with its commit. What others change comes with the event log; every few
 * minutes the whole is read again, so that nothing missed stays missed.
 */
public final class PkiWorker implements AutoCloseable {
    static final Duration RELOAD = Duration.ofMinutes(5);
    static final Duration FIGURES = Duration.ofSeconds(30);
    private static final Duration WAIT = Duration.ofSeconds(1);
    private static final Duration RETRY = Duration.ofSeconds(2);
    private static final int MAX_EVENTS = 500;
    private static final int PAGE = 1_000;
    private static final String ASSET = "asset/";
    private static final SqlCondition BLOCKED = SqlCondition.of("lifecycle in ('quarantined', 'retired')");
    private static final Logger log = LoggerFactory.getLogger(PkiWorker.class);

    private final EventLog events;
    private final EventFeed feed;
    private final CertificateStore certificates;
    private final AssetStore assets;
    private final AdmissionList admission;
    private final BlockedAssets blocked;
    private final AssetTokenLedger tokens;
    private final SessionCloser sessions;
    private final SeenCertificates seen;
    private final CertificateMetrics metrics;
    private final ServerIdentity identity;
    private final Clock clock;

    private final Thread thread = new Thread(this::run, "pki");
    private volatile boolean closed;
    private volatile @Nullable Consumer<TlsMaterial> onNewIdentity;
    private long position;
    private long reloadDue;
    private long figuresDue;

    PkiWorker(
            EventLog events,
            EventFeed feed,
            CertificateStore certificates,
            AssetStore assets,
            AdmissionList admission,
            BlockedAssets blocked,
            AssetTokenLedger tokens,
            SessionCloser sessions,
            SeenCertificates seen,
            CertificateMetrics metrics,
            ServerIdentity identity,
            Clock clock) {
        this.events = events;
        this.feed = feed;
        this.certificates = certificates;
        this.assets = assets;
        this.admission = admission;
        this.blocked = blocked;
        this.tokens = tokens;
        this.sessions = sessions;
        this.seen = seen;
        this.metrics = metrics;
        this.identity = identity;
        this.clock = clock;
    }

    /** Returns when admission knows all that the store knows; nobody is let in before. */
    void start() {
        position = events.lastPosition(); // before the read: what happens meanwhile is applied again on top of it
        reload();
        metrics.refresh();
        figuresDue = System.nanoTime() + FIGURES.toNanos();
        thread.setDaemon(true);
        thread.start();
    }

    /** Told when the device plane's certificate was renewed. */
    public void onNewIdentity(Consumer<TlsMaterial> listener) {
        onNewIdentity = listener;
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        try {
            thread.join(TimeUnit.SECONDS.toMillis(10));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        boolean away = false;
        while (!closed) {
            try {
                renewIdentity();
                follow();
                seen.writeDown();
                refreshWhenDue();
                away = false;
            } catch (DataAccessException | TransactionException e) {
                if (!away && !closed) {
                    log.warn(
                            "revocations of other servers are not seen while the database is away: {}", e.getMessage());
                }
                away = true;
                pause();
            } catch (InterruptedException e) {
                return; // only close() interrupts
            } catch (RuntimeException e) {
                log.error("keeping admission up to date failed, it will be tried again", e);
                pause();
            }
        }
    }

    private void renewIdentity() {
        Consumer<TlsMaterial> listener = onNewIdentity;
        if (identity.renewIfDue() && listener != null) {
            listener.accept(identity.material());
        }
    }

    private void follow() throws InterruptedException {
        List<LoggedEvent> found = feed.await(position, MAX_EVENTS, WAIT);
        if (found.isEmpty()) {
            return;
        }
        apply(found);
        position = found.getLast().position();
    }

    void apply(List<LoggedEvent> found) {
        Set<AssetId> touched = new LinkedHashSet<>();
        for (LoggedEvent event : found) {
            AssetId asset = assetOf(event);
            if (asset != null && event.type().equals(CertificateLedger.EVENT_REVOKED)) {
                revoked(asset, event);
            } else if (event.type().equals(AssetTokenLedger.EVENT_CREATED)
                    || event.type().equals(AssetTokenLedger.EVENT_REVOKED)) {
                tokens.noticed(event.data().path("id").asString(""));
            } else if (asset != null && event.type().startsWith("asset.")) {
                touched.add(asset);
            }
        }
        if (!touched.isEmpty()) {
            assets.findAll(touched).forEach(blocked::apply);
        }
    }

    private void revoked(AssetId asset, LoggedEvent event) {
        String serial = event.data().path("serial").asString("");
        if (admission.isRevoked(serial)) {
            return;
        }
        Optional<IssuedCertificate> certificate = certificates.find(serial);
        if (certificate.isEmpty()) {
            log.warn(
                    "event {} says that certificate {} of asset {} is revoked, the store does not know it",
                    event.position(),
                    serial,
                    asset);
            return;
        }
        admission.revoke(serial, certificate.get().notAfter());
        sessions.close(asset, "certificate " + serial + " is revoked");
    }

    private static @Nullable AssetId assetOf(LoggedEvent event) {
        String subject = event.subject();
        return subject.startsWith(ASSET)
                ? AssetId.parse(subject.substring(ASSET.length())).orElse(null)
                : null;
    }

    private void refreshWhenDue() {
        long now = System.nanoTime();
        if (blocked.takeUnknown() || now - reloadDue >= 0) {
            reload();
        }
        if (now - figuresDue >= 0) {
            metrics.refresh();
            figuresDue = now + FIGURES.toNanos();
        }
    }

    private void reload() {
        Set<AssetId> before = admission.blockedAssets();
        Instant now = clock.instant();
        Map<AssetId, Lifecycle> found = blockedNow();
        admission.load(certificates.revoked(now), found, before, now);
        found.forEach((asset, state) -> {
            if (!before.contains(asset)) {
                sessions.close(asset, "asset is " + state.wire());
            }
        });
        tokens.reload();
        reloadDue = System.nanoTime() + RELOAD.toNanos();
    }

    private Map<AssetId, Lifecycle> blockedNow() {
        Map<AssetId, Lifecycle> found = new HashMap<>();
        String after = null;
        List<Asset> page;
        do {
            page = assets.page(BLOCKED, after, PAGE);
            page.forEach(asset -> found.put(asset.id(), asset.lifecycle()));
            after = page.isEmpty() ? null : page.getLast().id().value();
        } while (page.size() == PAGE);
        return found;
    }

    private void pause() {
        try {
            Thread.sleep(RETRY);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // only close() interrupts; the loop sees that it is closed
        }
    }
}
