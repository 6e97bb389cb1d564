package dev.muster.release;

import dev.muster.platform.config.Settings;
import dev.muster.protocol.tuf.TargetFile;
import dev.muster.release.artifact.ArtifactStore;
import dev.muster.release.artifact.PackedArtifacts;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * Makes smaller forms of what was published lately, one after the other on at most half of a processor: artifacts packed, and what makes
 * them from those of the versions before. Each server makes its own.
 */
@Component
class ArtifactPacking implements SmartLifecycle {
    static final Duration INTERVAL = Duration.ofSeconds(10);
    /** Of all components; older ones are hardly rolled out any more. */
    private static final int RELEASES = 50;
    /** Below that a request costs more than it saves. */
    private static final long WORTH_PACKING = 4_096;
    /** What stays free where artifacts lie. */
    private static final long RESERVE = 1L << 30;

    private static final Logger log = LoggerFactory.getLogger(ArtifactPacking.class);

    private final ReleaseStore releases;
    private final ArtifactStore artifacts;
    private final PackedArtifacts packed;
    private final int bases;
    private final long maxBytes;
    private volatile @Nullable ScheduledExecutorService thread;
    private volatile boolean stopped;
    private @Nullable String failing;

    @Autowired
    ArtifactPacking(ReleaseStore releases, ArtifactStore artifacts, PackedArtifacts packed, Settings settings) {
        this(
                releases,
                artifacts,
                packed,
                settings.get(ReleaseSettings.DELTA_BASES),
                settings.get(ReleaseSettings.PACK_MAX));
    }

    /** @param bases earlier versions that deltas are made from */
    ArtifactPacking(ReleaseStore releases, ArtifactStore artifacts, PackedArtifacts packed, int bases, long maxBytes) {
        this.releases = releases;
        this.artifacts = artifacts;
        this.packed = packed;
        this.bases = bases;
        this.maxBytes = maxBytes;
    }

    /** One round now, in the caller's thread: all that was not looked at yet. */
    void round() {
        round(() -> stopped);
    }

    private void round(BooleanSupplier stop) {
        Set<String> wanted = new HashSet<>();
        for (Release release : releases.page(null, "", "published", RELEASES)) {
            List<Release> earlier = release.isSet() || bases == 0 ? List.of() : before(release);
            for (TargetFile file : release.artifacts()) {
                wanted.add(file.sha256());
                pack(file, stop);
                for (Release base : earlier) {
                    counterpart(base, file).ifPresent(from -> {
                        wanted.add(from.sha256());
                        delta(file, from, stop);
                    });
                }
            }
        }
        if (!stop.getAsBoolean()) {
            packed.tidy(wanted::contains);
        }
    }

    private List<Release> before(Release release) {
        return releases.page(release.number(), release.name().component(), "published", bases);
    }

    /** What an asset has that this one is for: for the same hardware; of several the one of the same name. */
    private static Optional<TargetFile> counterpart(Release base, TargetFile file) {
        List<TargetFile> same = base.artifacts().stream()
                .filter(each -> each.custom().hardware().equals(file.custom().hardware()))
                .toList();
        return same.size() == 1
                ? same.stream().findFirst()
                : same.stream().filter(each -> name(each).equals(name(file))).findFirst();
    }

    private static String name(TargetFile file) {
        return file.path().substring(file.path().lastIndexOf('/') + 1);
    }

    private void pack(TargetFile file, BooleanSupplier stop) {
        if (mayBeMade(file, stop) && !packed.isPackingDecided(file.sha256())) {
            packed.pack(file.sha256(), slowly(stop));
        }
    }

    private void delta(TargetFile file, TargetFile from, BooleanSupplier stop) {
        if (mayBeMade(file, stop)
                && from.length() <= maxBytes
                && !from.sha256().equals(file.sha256())
                && !packed.isDeltaDecided(file.sha256(), from.sha256())) {
            packed.makeDelta(file.sha256(), from.sha256(), slowly(stop));
        }
    }

    private boolean mayBeMade(TargetFile file, BooleanSupplier stop) {
        long free = artifacts.freeBytes();
        return !stop.getAsBoolean()
                && file.length() >= WORTH_PACKING
                && file.length() <= maxBytes
                && (free < 0 || free > RESERVE + file.length());
    }

    /** Sleeps as long as was worked, each time it is asked. */
    private static BooleanSupplier slowly(BooleanSupplier stop) {
        long[] since = {System.nanoTime()};
        return () -> {
            try {
                TimeUnit.NANOSECONDS.sleep(System.nanoTime() - since[0]);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return true;
            }
            since[0] = System.nanoTime();
            return stop.getAsBoolean();
        };
    }

    @Override
    public void start() {
        stopped = false;
        ScheduledExecutorService started = Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform()
                .name("artifact-packing")
                .priority(Thread.MIN_PRIORITY)
                .daemon()
                .factory());
        started.scheduleWithFixedDelay(
                this::roundOrLog, INTERVAL.toMillis(), INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
        thread = started;
    }

    @Override
    public void stop() {
        stopped = true;
        ScheduledExecutorService running = thread;
        thread = null;
        if (running != null) {
            running.shutdownNow();
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
            if (!stopped && !message.equals(failing)) {
                log.warn("artifacts are not packed, it is tried every {} s", INTERVAL.toSeconds(), failure);
            }
            failing = message;
        } catch (LinkageError noNativeCode) {
            log.warn(
                    "artifacts are given as they are: there is no zstd for this platform: {}", noNativeCode.toString());
            ScheduledExecutorService running = thread;
            if (running != null) {
                running.shutdown();
            }
        }
    }
}
