package dev.muster.actuator;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What an actuator can say of one component of one asset.
 *
 * @param attempt the order that this answers, null when it cannot be told; only an answer to an order counts for it
 * @param progress how far the asset says it is with that order
 * @param percent of a download
 * @param reason the asset's words
 * @param version that runs, as last reported
 * @param boot names the run of the asset: another one after each restart; null when it is not known
 * @param alive whether the asset can be reached now: heard of within its heartbeat TTL
 * @param lastSeen receive time of the last sign of life
 * @param healthy what is known of its health; null when nothing is
 */
public record Observation(
        @Nullable String attempt,
        Progress progress,
        @Nullable Integer percent,
        @Nullable String reason,
        @Nullable String version,
        @Nullable String boot,
        boolean alive,
        @Nullable Instant lastSeen,
        @Nullable Boolean healthy) {

    /** The asset's words for its own change, in the order in which they come. */
    public enum Progress {
        NONE,
        NOTIFIED,
        DOWNLOADING,
        INSTALLED,
        REBOOTING,
        /** The new version runs, and has not been healthy for long enough by the asset's own measure. */
        VERIFYING,
        SUCCEEDED,
        /** Did not get as far as to run. */
        FAILED,
        /** Ran, did not become healthy; the previous version runs again. */
        WENT_BACK
    }

    public boolean answers(String order) {
        return order.equals(attempt);
    }
}
