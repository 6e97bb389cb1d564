package dev.muster.pki;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * When certificates end, as gauges. How many assets, never which: that is asked of {@code GET /api/v1/certificates} and of
 * the assets' lists.
 */
final class CertificateMetrics {
    private final CertificateStore certificates;
    private final Clock clock;
    private volatile @Nullable Figures figures;

    CertificateMetrics(
            CertificateStore certificates,
            CertificateAuthority authority,
            ServerIdentity identity,
            AdmissionList admission,
            MeterRegistry meters,
            Clock clock) {
        this.certificates = certificates;
        this.clock = clock;
        expiring(meters, "1d", CertificateStore.Expiries::withinOneDay);
        expiring(meters, "7d", CertificateStore.Expiries::within7Days);
        expiring(meters, "30d", CertificateStore.Expiries::within30Days);
        Gauge.builder("muster.certificates.expired", this, self -> self.figure(CertificateStore.Expiries::expired))
                .description("Assets whose newest certificate has expired")
                .register(meters);
        Gauge.builder("muster.certificates.next.expiry.days", this, CertificateMetrics::daysToNext)
                .description("Until the next asset's newest certificate expires")
                .register(meters);
        Gauge.builder("muster.certificates.revoked", admission, AdmissionList::revokedCount)
                .description("Certificates that are revoked and not yet expired")
                .register(meters);
        Gauge.builder("muster.assets.blocked", admission, AdmissionList::blockedCount)
                .description("Assets that are let in with no certificate: quarantined or retired")
                .register(meters);
        ca(meters, "root", () -> authority.root().getNotAfter().toInstant());
        ca(meters, "issuing", () -> authority.issuing().getFirst().getNotAfter().toInstant());
        ca(meters, "server", identity::expires);
    }

    /** Asks the store; the gauges show what was found last. */
    void refresh() {
        Instant now = clock.instant();
        figures = new Figures(certificates.expiries(now), certificates.nextExpiry(now));
    }

    private void expiring(MeterRegistry meters, String within, ToDoubleFunction<CertificateStore.Expiries> count) {
        Gauge.builder("muster.certificates.expiring", this, self -> self.figure(count))
                .description("Assets whose newest certificate expires soon")
                .tag("within", within)
                .register(meters);
    }

    private void ca(MeterRegistry meters, String which, java.util.function.Supplier<Instant> end) {
        Gauge.builder("muster.ca.expiry.days", () -> days(clock.instant(), end.get()))
                .description("Until a certificate of the server itself expires")
                .tag("certificate", which)
                .register(meters);
    }

    /** Not a number until the store was asked: unknown is not zero. */
    private double figure(ToDoubleFunction<CertificateStore.Expiries> count) {
        Figures known = figures;
        return known == null ? Double.NaN : count.applyAsDouble(known.expiries());
    }

    private double daysToNext() {
        Figures known = figures;
        Instant next = known == null ? null : known.next();
        return next == null ? Double.NaN : days(clock.instant(), next);
    }

    private static double days(Instant from, Instant to) {
        return Duration.between(from, to).toSeconds() / 86_400.0;
    }

    /** @param next null without any certificate */
    private record Figures(
            CertificateStore.Expiries expiries, @Nullable Instant next) {}
}
