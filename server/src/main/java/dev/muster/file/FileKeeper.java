package dev.muster.file;

import dev.muster.platform.config.Settings;
import dev.muster.platform.event.EventLog;
import dev.muster.platform.id.Ids;
import dev.muster.platform.lease.Lease;
import dev.muster.platform.lease.LeasedRounds;
import dev.muster.platform.lease.Leases;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Removes files whose time is over, uploads that nobody goes on with, and bytes that neither names. */
@Component
class FileKeeper extends LeasedRounds {
    private static final Logger log = LoggerFactory.getLogger(FileKeeper.class);
    private static final Duration PAUSE = Duration.ofSeconds(20);
    private static final Duration SWEEP_EVERY = Duration.ofHours(1);
    /** Younger bytes may be about to get their row. */
    private static final Duration SETTLED = Duration.ofHours(2);

    private static final int AT_ONCE = 500;

    private final FileStore store;
    private final FileContents contents;
    private final EventLog events;
    private final Leases leases;
    private final Clock clock;
    private final Duration uploadLifetime;
    private final TransactionTemplate transaction;
    private Instant sweepAt = Instant.MIN;

    FileKeeper(
            FileStore store,
            FileContents contents,
            EventLog events,
            Leases leases,
            Ids ids,
            Clock clock,
            Settings settings,
            PlatformTransactionManager transactions) {
        super(leases, ids, "files", PAUSE);
        this.store = store;
        this.contents = contents;
        this.events = events;
        this.leases = leases;
        this.clock = clock;
        this.uploadLifetime = settings.get(FileSettings.UPLOAD_LIFETIME);
        this.transaction = new TransactionTemplate(transactions);
    }

    @Override
    protected boolean round(Lease lease) {
        Instant now = clock.instant();
        int expired = expireFiles(lease, now);
        int uploads = dropUploads(now);
        if (!now.isBefore(sweepAt)) {
            sweep(now);
            sweepAt = now.plus(SWEEP_EVERY);
        }
        return expired == AT_ONCE || uploads == AT_ONCE;
    }

    private int expireFiles(Lease lease, Instant now) {
        List<AssetFile> gone = Objects.requireNonNull(transaction.execute(status -> {
            leases.requireHeld(lease);
            List<AssetFile> expired = store.expired(now, AT_ONCE);
            for (AssetFile file : expired) {
                store.delete(file.id());
                events.append("file.expired", "asset/" + file.asset(), Map.of("file", file.id(), "kind", file.kind()));
            }
            return expired;
        }));
        release(gone.stream().map(AssetFile::sha256).collect(Collectors.toSet()));
        return gone.size();
    }

    /** Frees what no row names any more; to be called after the commit that removed one. */
    void release(Set<String> hashes) {
        if (!hashes.isEmpty()) {
            contents.store().remove(hashes, store::referenced);
        }
    }

    private int dropUploads(Instant now) {
        List<String> expired = store.expiredUploads(now, AT_ONCE);
        expired.forEach(this::drop);
        return expired.size();
    }

    private void drop(String upload) {
        store.deleteUpload(upload);
        contents.store().discard(upload);
    }

    /** What a crash between a row and its bytes left. */
    private void sweep(Instant now) {
        contents.store().expireUploads(now, uploadLifetime.plus(SETTLED));
        Set<String> unknown = new HashSet<>(contents.store().wholeOlderThan(now, SETTLED));
        unknown.removeAll(store.referenced(unknown));
        long freed = unknown.isEmpty() ? 0 : contents.store().remove(unknown, store::referenced);
        if (freed > 0) {
            log.info("removed {} bytes of files that nothing names", freed);
        }
    }
}
