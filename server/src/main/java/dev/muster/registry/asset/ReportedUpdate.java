package dev.muster.registry.asset;

import dev.muster.protocol.AssetId;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What became known of an asset by a report.
 *
 * @param software by component the version that runs
 * @param drift in how many fields it differs from what is desired, {@code null} when it was not compared
 */
public record ReportedUpdate(
        AssetId id, Map<String, String> software, @Nullable Integer drift) {
    public ReportedUpdate {
        software = Map.copyOf(software);
    }
}
