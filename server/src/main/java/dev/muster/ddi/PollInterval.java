package dev.muster.ddi;

import dev.muster.protocol.AssetId;
import java.time.Duration;

/**
 * How long an asset sleeps until its next poll.
 *
 * @param longest for an asset that may be silent for long
 * @param jitter percent
 */
record PollInterval(Duration longest, int jitter) {
    /** Unless it is configured to be shorter. */
    static final Duration SHORTEST = Duration.ofSeconds(30);

    /**
     * At most half of the time after which it seems silent; more or less by a share that is always the same for an asset, so that
     * those that began together do not poll together.
     */
    Duration of(AssetId asset, Duration ttl) {
        Duration half = ttl.dividedBy(2);
        Duration base = half.compareTo(longest) < 0 ? half : longest;
        long spread = base.toMillis() * jitter / 100;
        long shift = spread == 0 ? 0 : Math.floorMod(mixed(asset), 2 * spread + 1) - spread;
        Duration sleep = Duration.ofMillis(base.toMillis() + shift);
        Duration least = longest.compareTo(SHORTEST) < 0 ? longest : SHORTEST;
        return sleep.compareTo(least) < 0 ? least : sleep;
    }

    private static long mixed(AssetId asset) {
        long hash = asset.value().hashCode() * 0x9E3779B97F4A7C15L;
        return hash ^ (hash >>> 32);
    }
}
