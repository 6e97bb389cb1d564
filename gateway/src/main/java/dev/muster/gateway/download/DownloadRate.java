package dev.muster.gateway.download;

import dev.muster.gateway.config.DevicePlaneConfig;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Bytes per second of downloads, of all together and of each site: token buckets a second deep, of which whoever takes more than is
 * there goes into debt and waits until it is paid. Those who wait are served in the order in which they came, a chunk each, so they share
 * the rate evenly.
 */
final class DownloadRate {
    /** What one download sends before it takes again. */
    static final int CHUNK = 32 * 1024;
    /** Below that a client may take the connection for dead; fewer are let in at a time instead. */
    private static final int LEAST = 16 * 1024;

    private static final int SITES = 10_000;
    private static final double NANOS = 1e9;

    private final DevicePlaneConfig.Downloads bounds;
    private final LongSupplier clock;
    private final Bucket all;
    private final Map<String, Bucket> sites = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        /** One that nobody downloads to has paid its debt long before so many others came. */
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Bucket> eldest) {
            return size() > SITES && eldest.getValue().going == 0;
        }
    };

    private int going;

    private static final class Bucket {
        private double available;
        private long at;
        private int going;

        private Bucket(long bytesPerSecond, long now) {
            this.available = bytesPerSecond;
            this.at = now;
        }

        /** @return nanoseconds until it is paid */
        private long take(int bytes, long bytesPerSecond, long now) {
            available = Math.min(bytesPerSecond, available + (now - at) * (double) bytesPerSecond / NANOS);
            at = now;
            available -= bytes;
            return available >= 0 ? 0 : (long) Math.ceil(-available * NANOS / bytesPerSecond);
        }
    }

    /** @param clock monotonic, in nanoseconds */
    DownloadRate(DevicePlaneConfig.Downloads bounds, LongSupplier clock) {
        this.bounds = bounds;
        this.clock = clock;
        this.all = new Bucket(bounds.bytesPerSecond(), clock.getAsLong());
    }

    boolean isLimited() {
        return bounds.bytesPerSecond() > 0 || bounds.bytesPerSecondPerSite() > 0;
    }

    /** @return whether there is room for one more; {@link #end} gives it back */
    synchronized boolean tryBegin(String site) {
        Bucket of = bucket(site);
        if (going >= most(bounds.bytesPerSecond()) || of.going >= most(bounds.bytesPerSecondPerSite())) {
            return false;
        }
        going++;
        of.going++;
        return true;
    }

    private int most(long bytesPerSecond) {
        return bytesPerSecond == 0 ? bounds.max() : (int) Math.clamp(bytesPerSecond / LEAST, 1, bounds.max());
    }

    synchronized void end(String site) {
        going--;
        bucket(site).going--;
    }

    /** Takes so many bytes. @return nanoseconds after which they may be sent */
    synchronized long take(String site, int bytes) {
        long now = clock.getAsLong();
        long own =
                bounds.bytesPerSecondPerSite() == 0 ? 0 : bucket(site).take(bytes, bounds.bytesPerSecondPerSite(), now);
        return bounds.bytesPerSecond() == 0 ? own : Math.max(own, all.take(bytes, bounds.bytesPerSecond(), now));
    }

    /** What the downloads of one site may take together, in bytes per second; 0 when they are not limited. */
    long ofSite() {
        return bounds.bytesPerSecond() == 0 || bounds.bytesPerSecondPerSite() == 0
                ? Math.max(bounds.bytesPerSecond(), bounds.bytesPerSecondPerSite())
                : Math.min(bounds.bytesPerSecond(), bounds.bytesPerSecondPerSite());
    }

    synchronized int going() {
        return going;
    }

    private Bucket bucket(String site) {
        return sites.computeIfAbsent(site, _ -> new Bucket(bounds.bytesPerSecondPerSite(), clock.getAsLong()));
    }
}
