package dev.muster.release;

import dev.muster.platform.config.Settings;
import dev.muster.platform.id.Ids;
import dev.muster.platform.lease.Lease;
import dev.muster.platform.lease.Leases;
import dev.muster.release.artifact.ArtifactStore;
import dev.muster.release.metadata.SignedRepository;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Signs the timestamp again before it expires, on one server at a time, and tidies uploads that became no release. */
@Component
class ReleaseKeeper implements SmartLifecycle {
    static final Duration INTERVAL = Duration.ofSeconds(20);
    private static final Duration LEASE = Duration.ofMinutes(1);
    private static final String LEASE_NAME = "release-timestamp";
    private static final Logger log = LoggerFactory.getLogger(ReleaseKeeper.class);

    private final SignedRepository repository;
    private final ReleaseStore releases;
    private final ArtifactStore artifacts;
    private final Leases leases;
    private final TransactionTemplate transaction;
    private final Clock clock;
    private final Duration uploadLifetime;
    private final MultiGauge expiry;
    private final String holder;
    private volatile @Nullable ScheduledExecutorService thread;
    private @Nullable String failing;

    ReleaseKeeper(
            SignedRepository repository,
            ReleaseStore releases,
            ArtifactStore artifacts,
            Leases leases,
            PlatformTransactionManager transactions,
            Clock clock,
            Ids ids,
            MeterRegistry meters,
            Settings settings) {
        this.repository = repository;
        this.releases = releases;
        this.artifacts = artifacts;
        this.leases = leases;
        this.transaction = new TransactionTemplate(transactions);
        this.clock = clock;
        this.uploadLifetime = settings.get(ReleaseSettings.UPLOAD_LIFETIME);
        this.expiry = MultiGauge.builder("muster.release.metadata.expires")
                .description("Time until the signed metadata of a role ends")
                .baseUnit("seconds")
                .register(meters);
        this.holder = "release-keeper-" + ids.next();
    }

    /** One round now, in the caller's thread. */
    void round() {
        renewTimestamp();
        measure();
        tidy();
    }

    /** What people must sign again before it ends, or assets install nothing any more. */
    private void measure() {
        Instant now = clock.instant();
        expiry.register(
                repository.states().stream()
                        .map(state -> MultiGauge.Row.of(Tags.of("role", state.role()), (double)
                                Duration.between(now, state.expires()).toSeconds()))
                        .toList(),
                true);
    }

    private void renewTimestamp() {
        Optional<Lease> lease = leases.acquire(LEASE_NAME, holder, LEASE);
        if (lease.isEmpty()) {
            return; // another server does it
        }
        try {
            Boolean signed = transaction.execute(status -> {
                leases.requireHeld(lease.get());
                return repository.renewIfDue();
            });
            if (Boolean.TRUE.equals(signed)) {
                log.info("signed the timestamp of the release metadata again");
            }
        } finally {
            leases.release(lease.get());
        }
    }

    private void tidy() {
        Instant now = clock.instant();
        int expired = artifacts.expireUploads(now, uploadLifetime);
        Set<String> unknown = new HashSet<>(artifacts.wholeOlderThan(now, uploadLifetime));
        unknown.removeAll(releases.referenced(unknown));
        long freed = unknown.isEmpty() ? 0 : artifacts.remove(unknown, releases::referenced);
        if (expired > 0 || freed > 0) {
            log.info("removed {} unfinished uploads, and artifacts that no release names: {} bytes", expired, freed);
        }
    }

    @Override
    public void start() {
        ScheduledExecutorService started = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().name("release-keeper").daemon().factory());
        started.scheduleWithFixedDelay(this::roundOrLog, 0, INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
        thread = started;
    }

    @Override
    public void stop() {
        ScheduledExecutorService running = thread;
        thread = null;
        if (running != null) {
            running.close();
        }
    }

    @Override
    public boolean isRunning() {
        return thread != null;
    }

    private void roundOrLog() {
        try {
            round();
            failing = null;
        } catch (RuntimeException failure) {
            String message = String.valueOf(failure.getMessage());
            if (!message.equals(failing)) { // once, not at every round until somebody has mended it
                log.warn("release metadata is not looked after, it is tried every {} s", INTERVAL.toSeconds(), failure);
            }
            failing = message;
        }
    }
}
