package dev.muster.console.fleet;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One look at the fleet.
 *
 * @param assets all but the retired
 * @param messages received a second since the look before; null after a start
 * @param storage null while it is not measured
 */
record FleetSample(
        Instant at,
        int assets,
        int online,
        @Nullable Double messages,
        @Nullable Storage storage) {

    /**
     * Bytes on disk.
     *
     * @param postgres null when the database does not tell
     * @param files artifacts, and what assets sent
     * @param diskFree of the fullest disk under the data directory
     */
    record Storage(@Nullable Long postgres, long telemetry, long journal, long files, long diskFree, long diskTotal) {
        long total() {
            return (postgres == null ? 0 : postgres) + telemetry + journal + files;
        }
    }

    @Nullable Double onlineShare() {
        return assets == 0 ? null : (double) online / assets;
    }
}
