package dev.muster.console.fleet;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.muster.console.fleet.FleetSample.Storage;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Bytes on disk, measured once in ten minutes.
 *
 * @param postgres null when the database does not tell
 * @param files artifacts, and what assets sent
 * @param diskFree of the fullest disk under the data directory
 */
@Schema(name = "StoredBytes")
@JsonInclude(JsonInclude.Include.NON_NULL)
public record StoredBytes(
        @Nullable Long postgres, long telemetry, long journal, long files, long total, long diskFree, long diskTotal) {

    static StoredBytes of(Storage storage) {
        return new StoredBytes(
                storage.postgres(),
                storage.telemetry(),
                storage.journal(),
                storage.files(),
                storage.total(),
                storage.diskFree(),
                storage.diskTotal());
    }

    /** Where the newest measurement is. */
    @Component
    public static class Source {
        private final FleetSampleStore store;

        Source(FleetSampleStore store) {
            this.store = store;
        }

        /** Empty before the first one. */
        public Optional<StoredBytes> newest() {
            return store.storage().map(StoredBytes::of);
        }
    }
}
