package dev.muster.pki;

import dev.muster.pki.IssuedCertificate.Origin;
import dev.muster.protocol.AssetId;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;

/**
 * Notices certificates that our CA signed but the store does not know, because the store came back from a backup: counted,
 * and written down, so that they can be listed and revoked.
 *
 * <p>Admission does not wait for it. What does not fit the queue is looked at when it connects the next time.
 */
final class SeenCertificates implements AdmissionList.Witness {
    static final int MAX_WAITING = 4_096;
    private static final int MAX_BATCH = 512;

    private final ArrayBlockingQueue<Seen> waiting = new ArrayBlockingQueue<>(MAX_WAITING);
    private final CertificateStore certificates;
    private final Clock clock;
    private final Counter unknown;
    private final Counter unchecked;

    SeenCertificates(CertificateStore certificates, Clock clock, MeterRegistry meters) {
        this.certificates = certificates;
        this.clock = clock;
        this.unknown = Counter.builder("muster.certificates.unknown")
                .description("Certificates of our CA that connected and were not in the store")
                .register(meters);
        this.unchecked = Counter.builder("muster.certificates.unchecked")
                .description("Connections whose certificate was not looked up because too many came at once")
                .register(meters);
    }

    @Override
    public void admitted(AssetId asset, X509Certificate certificate) {
        if (!waiting.offer(new Seen(asset, certificate))) {
            unchecked.increment();
        }
    }

    /** @return how many were unknown; what was taken is lost when the database is away, and comes again with a connection */
    int writeDown() {
        int found = 0;
        List<Seen> batch = new ArrayList<>();
        while (waiting.drainTo(batch, MAX_BATCH) > 0) {
            found += writeDown(batch);
            batch.clear();
        }
        return found;
    }

    private int writeDown(List<Seen> batch) {
        Map<String, Seen> bySerial = new LinkedHashMap<>();
        batch.forEach(seen -> bySerial.put(IssuedCertificate.serialOf(seen.certificate()), seen));
        Set<String> known = certificates.known(bySerial.keySet());
        Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
        int found = 0;
        for (Map.Entry<String, Seen> entry : bySerial.entrySet()) {
            if (!known.contains(entry.getKey())) {
                Seen seen = entry.getValue();
                certificates.addSeen(
                        IssuedCertificate.of(seen.asset(), seen.certificate(), now, Origin.SEEN, "connection"));
                unknown.increment();
                found++;
            }
        }
        return found;
    }

    private record Seen(AssetId asset, X509Certificate certificate) {}
}
