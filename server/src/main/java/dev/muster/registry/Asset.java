package dev.muster.registry;

import dev.muster.protocol.AssetId;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Anything managed, as the registry knows it.
 *
 * @param labels free key/value pairs
 * @param owner empty when not set, as are {@code region}, {@code site} and {@code hardware}
 * @param presenceSince when {@code presence} last changed
 * @param lastSeen receive time of the last sign of life, {@code null} when never seen
 * @param certificateExpires end of the current certificate, {@code null} when it has none
 * @param software by component the version that runs, as the newest report says
 * @param drift in how many fields the newest report differs from what was desired, {@code null} while it was not compared
 * @param resourceVersion grows with every change of the declared part; presence, lastSeen, certificateExpires, software and
 *     drift do not count
 */
public record Asset(
        AssetId id,
        String type,
        Map<String, String> labels,
        String owner,
        String region,
        String site,
        String hardware,
        Lifecycle lifecycle,
        Presence presence,
        Instant presenceSince,
        @Nullable Instant lastSeen,
        @Nullable Instant certificateExpires,
        Map<String, String> software,
        @Nullable Integer drift,
        Instant created,
        Instant updated,
        long resourceVersion) {

    public Asset {
        labels = Map.copyOf(labels);
        software = Map.copyOf(software);
    }

    /** As it was, or would be, with another presence. */
    public Asset present(Presence other, Instant since) {
        return new Asset(
                id,
                type,
                labels,
                owner,
                region,
                site,
                hardware,
                lifecycle,
                other,
                since,
                lastSeen,
                certificateExpires,
                software,
                drift,
                created,
                updated,
                resourceVersion);
    }

    /** As it would be if it ran another version of a component. */
    public Asset running(String component, String version) {
        Map<String, String> other = new HashMap<>(software);
        other.put(component, version);
        return new Asset(
                id,
                type,
                labels,
                owner,
                region,
                site,
                hardware,
                lifecycle,
                presence,
                presenceSince,
                lastSeen,
                certificateExpires,
                other,
                drift,
                created,
                updated,
                resourceVersion);
    }
}
